import type { VariableType } from "#domain/tenant/policy-template.ts";
import { anyText, these } from "./character-set.ts";
import { isStep, literal, type Part, readPattern, type Step } from "./pattern.ts";

/** Where a value begins and ends that tells tenants apart. */
interface Mark {
  readonly kind: "begin" | "end";
  readonly name: string;
}

/** A pattern with the values spelt out that nobody knows yet: every character that they can have. */
export type Marked = Step | Mark;

/** A variable as the proof needs it: what its values can be. */
export interface Variable {
  readonly type: VariableType;
  readonly pattern?: string | undefined;
  /** No other tenant has its value in any variable. */
  readonly unique?: boolean | undefined;
}

const lower = "abcdefghijklmnopqrstuvwxyz";
const alphanumeric = `${lower}0123456789`;
const letters = `${lower}${lower.toUpperCase()}0123456789`;

const one = (characters: string): Step => ({ kind: "one", set: these(characters) });
const any = (characters: string): Step => ({ kind: "any-number", set: these(characters) });

const segment = `${letters}_.=+@:-`;

/** The characters of each type's values (`variable-values.ts` has the forms). */
const charactersOf: Readonly<Record<VariableType, string>> = {
  segment,
  path: `${segment}/`,
  bucket: `${alphanumeric}.-`,
  name: `${letters}_-`,
  arn: `${segment}/`,
};

/** Every value of a type is spelt so; some texts that are spelt so are no values, which errs on the safe side. */
const formOf: Readonly<Record<VariableType, readonly Step[]>> = {
  segment: [one(segment), any(segment)],
  path: [one(segment), any(charactersOf.path)],
  bucket: [one(alphanumeric), one(charactersOf.bucket), any(charactersOf.bucket)],
  name: [one(charactersOf.name), any(charactersOf.name)],
  arn: [...literal("arn:aws"), any(charactersOf.arn)],
};

/** `[a-z0-9][a-z0-9-]{1,38}`, however long. */
const tenantId: readonly Step[] = [one(alphanumeric), one(`${alphanumeric}-`), any(`${alphanumeric}-`)];

/** Placeholders that are known only when a job is planned: EMR Serverless's ClientToken and ApplicationId. */
const perJob: Readonly<Record<string, readonly Step[]>> = {
  "submission.id": [one(`${letters}._-`), any(`${letters}._-`)],
  "application.id": [one(alphanumeric), any(alphanumeric)],
};

const marked = (name: string, steps: readonly Marked[]): Marked[] => [
  { kind: "begin", name },
  ...steps,
  { kind: "end", name },
];

/** A variable's pattern: its wildcards stand for characters of its type, and the tenant id is marked. */
const patternOf = ({ type, pattern = "*" }: Variable): Marked[] => {
  const characters = these(charactersOf[type]);
  return (readPattern(pattern, "widest") ?? []).flatMap((part): Marked[] => {
    if (!isStep(part)) return marked(part.name, tenantId);
    return part.set.kind === "these" ? [part] : [{ ...part, set: characters }];
  });
};

const isMark = (step: Marked): step is Mark => step.kind === "begin" || step.kind === "end";

const variableOf = (name: string, declared: Variable): Marked[] =>
  declared.pattern?.includes("{{")
    ? patternOf(declared)
    : marked(name, declared.pattern === undefined ? formOf[declared.type] : patternOf(declared));

export type Variables = Readonly<Record<string, Variable>>;

/** The values of a placeholder, spelt out. An unknown one may be any text. */
export const spelt = (name: string, variables: Variables): readonly Marked[] => {
  if (name === "tenant.id") return marked(name, tenantId);
  const known = perJob[name];
  if (known !== undefined) return known;
  const declared = variables[name.replace(/^variables\./, "")];
  return declared === undefined ? [{ kind: "any-number", set: anyText }] : variableOf(name, declared);
};

/** A pattern with every placeholder spelt out. */
export const spellOut = (parts: readonly Part[], variables: Variables): Marked[] =>
  parts.flatMap((part) => (isStep(part) ? [part] : spelt(part.name, variables)));

/** The same without marks: which value is whose does not matter. */
export const unmarked = (steps: readonly Marked[]): Step[] => steps.filter((step) => !isMark(step));
