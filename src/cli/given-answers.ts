import { optionFault } from "./option-fault.ts";

/** What `tenants add` needs to know; the tenant id stands behind the command. */
export type AddOption =
  | "tenantId"
  | "application"
  | "role"
  | "template"
  | "variable"
  | "job-template"
  | "entry-point"
  | "caller";

/** Answers that the command line gives, by option; those of variables by "variable <name>". */
export type GivenAnswers = Readonly<Record<string, readonly string[]>>;

const one = ["application", "role", "template"];
const several = ["job-template", "entry-point", "caller"];

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

/** The options of `sluice tenants add`; what is wrong with their values is judged where they are used. */
export const readGivenAnswers = (values: Readonly<Record<string, unknown>>, faults: string[]): GivenAnswers => {
  const given: Record<string, readonly string[]> = {};
  for (const name of [...one, ...several]) {
    if (values[name] !== undefined) given[name] = textsOf(values[name]);
  }
  for (const text of values["variable"] === undefined ? [] : textsOf(values["variable"])) {
    const [, name, value = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined)
      faults.push(optionFault("variable", "a name and a value such as codeBucket=acme-jobs", text));
    else given[`variable ${name}`] = [value];
  }
  return given;
};
