import { deniedAt, type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { fill } from "#domain/placeholder.ts";
import { staysBelow } from "#domain/rails/stays-below.ts";
import type { JobTemplate, TemplateParameter } from "#domain/tenant/job-template.ts";
import type { ParameterValue } from "#domain/tenant/tenant.ts";

const daysInMonth = (year: number, month: number): number => {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
};

const isDate = (text: string): boolean => {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
};

/** Control characters end lines and arguments in places that a job's author does not expect. */
const controls = /\p{Cc}/u;

type Kind<T extends TemplateParameter["type"]> = Extract<TemplateParameter, { type: T }>;

const textFault = (declared: Kind<"string">, value: ParameterValue): string | undefined => {
  if (typeof value !== "string") return "text";
  if (controls.test(value)) return "text without control characters";
  if (value.startsWith("-") && declared.allowLeadingDash !== true) return 'text that does not begin with "-"';
  if (declared.enum !== undefined && !declared.enum.includes(value)) return `one of ${declared.enum.join(", ")}`;
  if (value.length < (declared.minLength ?? 0)) return `at least ${declared.minLength} characters`;
  if (value.length > (declared.maxLength ?? 1024)) return `at most ${declared.maxLength ?? 1024} characters`;
  if (declared.pattern !== undefined && !new RegExp(`^(?:${declared.pattern})$`, "u").test(value)) {
    return `text that matches ${declared.pattern}`;
  }
  return undefined;
};

const numberFault = (declared: Kind<"integer" | "number">, value: ParameterValue): string | undefined => {
  if (typeof value !== "number") return declared.type === "integer" ? "an integer" : "a number";
  if (declared.type === "integer" && !Number.isSafeInteger(value)) return "an integer";
  if (declared.minimum !== undefined && value < declared.minimum) return `at least ${declared.minimum}`;
  if (declared.maximum !== undefined && value > declared.maximum) return `at most ${declared.maximum}`;
  return undefined;
};

/** Bucket (63) and key (1024) with what stands around them. A list has the length of the longest text that there is. */
const maxUriLength = 1100;
const maxListLength = 10_280;

const isUri = (text: string): boolean =>
  text.length <= maxUriLength && /^s3:\/\/[a-z0-9][a-z0-9.-]+\/.*$/.test(text) && !controls.test(text);

/** The URIs of a value. Hadoop's input paths end at a comma, so one that is no list must not have any. */
const urisOf = ({ list = false }: Kind<"s3Uri">, value: string): string[] => (list ? value.split(",") : [value]);

const uriFault = (declared: Kind<"s3Uri">, value: ParameterValue): string | undefined => {
  const { list = false } = declared;
  if (typeof value === "string") {
    if (!list && value.includes(","))
      return 'one S3 URI without ",", because the parameter does not declare list: true';
    if (value.length <= maxListLength && urisOf(declared, value).every(isUri)) return undefined;
  }
  return list ? 'S3 URIs such as "s3://bucket/key", with "," between them' : 'an S3 URI such as "s3://bucket/key"';
};

/** What a value should have been, where it is not what the parameter declares. */
const formFault = (declared: TemplateParameter, value: ParameterValue): string | undefined => {
  switch (declared.type) {
    case "string":
      return textFault(declared, value);
    case "integer":
    case "number":
      return numberFault(declared, value);
    case "boolean":
      return typeof value === "boolean" ? undefined : "true or false";
    case "date":
      return typeof value === "string" && isDate(value) ? undefined : 'a date such as "2026-01-31"';
    case "s3Uri":
      return uriFault(declared, value);
  }
};

const valueFault = (
  declared: TemplateParameter,
  value: ParameterValue,
  name: string,
  tenantId: string,
): Fault | undefined => {
  const path = ["parameters", name];
  const wanted = formFault(declared, value);
  if (wanted !== undefined) return faultAt(path, value, wanted);
  if (declared.type !== "s3Uri" || typeof value !== "string") return undefined;
  const prefixes = declared.prefixes.map((prefix) => fill(prefix, (found) => (found === "tenant.id" ? tenantId : "")));
  const astray = urisOf(declared, value).find((uri) => !prefixes.some((prefix) => staysBelow(uri, prefix)));
  return astray === undefined
    ? undefined
    : deniedAt(path, astray, `must begin with ${prefixes.map((prefix) => `"${prefix}"`).join(" or ")}`);
};

/** The values of a job template's parameters as texts: given or default, each checked against its type; every fault listed. */
export const parameterValues = (
  template: JobTemplate,
  given: Readonly<Record<string, ParameterValue>>,
  tenantId: string,
): { readonly values: Record<string, string>; readonly faults: Fault[] } => {
  const values: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [name, declared] of Object.entries(template.parameters)) {
    const value = Object.hasOwn(given, name) ? given[name] : declared.default;
    const fault =
      value === undefined
        ? { pointer: pointerOf(["parameters", name]), message: `is required by job template "${template.name}"` }
        : valueFault(declared, value, name, tenantId);
    if (fault !== undefined) faults.push(fault);
    else values[`parameters.${name}`] = String(value);
  }
  for (const name of Object.keys(given).filter((key) => !Object.hasOwn(template.parameters, key))) {
    const known = Object.keys(template.parameters).join(", ") || "none";
    faults.push(
      faultAt(["parameters", name], given[name], `a parameter of job template "${template.name}" (${known})`),
    );
  }
  return { values, faults };
};
