import { type Condition, comparisonsOf } from "./listing.ts";
import { matches, readPattern, readText, type Step } from "./pattern.ts";

/** Condition keys of a request with their values; names in any case. A key that is not there is missing. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

type Compare = (request: string, policy: string) => boolean;

const stepsOf = (text: string, how: (text: string) => readonly (Step | { readonly kind: "placeholder" })[]): Step[] =>
  how(text).flatMap((part) => (part.kind === "placeholder" ? [] : [part]));

const like: Compare = (request, policy) =>
  matches(
    stepsOf(policy, (text) => readPattern(text, "widest") ?? []),
    request,
  );
const equal: Compare = (request, policy) => matches(stepsOf(policy, readText), request);
const ignoringCase: Compare = (request, policy) => equal(request.toLowerCase(), policy.toLowerCase());
const numeric =
  (holds: (request: number, policy: number) => boolean): Compare =>
  (request, policy) =>
    request.trim() !== "" && policy.trim() !== "" && holds(Number(request), Number(policy));

/** ISO 8601 texts in UTC of one length compare as text; others, and seconds since 1970, are not understood. */
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const dated =
  (holds: (request: string, policy: string) => boolean): Compare =>
  (request, policy) =>
    isoTime.test(request) && isoTime.test(policy) && holds(request, policy);

const addressOf = (text: string): number | undefined => {
  const parts = text.split(".").map(Number);
  const isAddress = parts.length === 4 && parts.every((one) => Number.isInteger(one) && one >= 0 && one <= 255);
  return isAddress ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
};

const inBlock: Compare = (request, policy) => {
  const [network = "", bits = "32"] = policy.split("/");
  const [address, base] = [addressOf(request), addressOf(network)];
  if (address === undefined || base === undefined) return request === policy;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(address / size) === Math.floor(base / size);
};

/** Each operator: what it compares, and whether it asks for the opposite. */
const operators: Readonly<Record<string, readonly [compare: Compare, negated: boolean]>> = {
  StringEquals: [equal, false],
  StringNotEquals: [equal, true],
  StringEqualsIgnoreCase: [ignoringCase, false],
  StringNotEqualsIgnoreCase: [ignoringCase, true],
  StringLike: [like, false],
  StringNotLike: [like, true],
  ArnEquals: [like, false],
  ArnLike: [like, false],
  ArnNotEquals: [like, true],
  ArnNotLike: [like, true],
  NumericEquals: [numeric((one, other) => one === other), false],
  NumericNotEquals: [numeric((one, other) => one === other), true],
  NumericLessThan: [numeric((one, other) => one < other), false],
  NumericLessThanEquals: [numeric((one, other) => one <= other), false],
  NumericGreaterThan: [numeric((one, other) => one > other), false],
  NumericGreaterThanEquals: [numeric((one, other) => one >= other), false],
  DateEquals: [dated((one, other) => one === other), false],
  DateNotEquals: [dated((one, other) => one === other), true],
  DateLessThan: [dated((one, other) => one < other), false],
  DateLessThanEquals: [dated((one, other) => one <= other), false],
  DateGreaterThan: [dated((one, other) => one > other), false],
  DateGreaterThanEquals: [dated((one, other) => one >= other), false],
  Bool: [ignoringCase, false],
  BinaryEquals: [(request, policy) => request === policy, false],
  IpAddress: [inBlock, false],
  NotIpAddress: [inBlock, true],
};

/** The condition operators, without quantifier and IfExists. */
export const operatorNames: readonly string[] = [...Object.keys(operators), "Null"];

const requestedValue = (context: Context, key: string): readonly string[] | undefined => {
  const name = Object.keys(context).find((one) => one.toLowerCase() === key.toLowerCase());
  const value = name === undefined ? undefined : context[name];
  return typeof value === "string" ? [value] : value;
};

/** IAM's `${key}` and `${key, 'default'}` with the request's values; nothing where one has none. */
export const withVariables = (text: string, context: Context): string | undefined => {
  let missing = false;
  const filled = text.replace(/\$\{([^}]*)\}/g, (whole, name: string) => {
    if (name === "*" || name === "?" || name === "$") return whole;
    const [key = "", fallback] = name.split(",").map((part) => part.trim());
    const [value, ...more] =
      requestedValue(context, key) ?? (fallback === undefined ? [] : [fallback.replace(/^'|'$/g, "")]);
    if (value === undefined || more.length > 0) missing = true;
    // What a value brings with it is text.
    return (value ?? "").replace(/[*?$]/g, (sign) => `\${${sign}}`);
  });
  return missing ? undefined : filled;
};

const quantifierOf = (written: string): string =>
  /^(ForAllValues|ForAnyValue):/i.exec(written)?.[1]?.toLowerCase() ?? "";

type Comparison = ReturnType<typeof comparisonsOf>[number];

const isNull = (requested: readonly string[] | undefined, wanted: readonly string[]): boolean =>
  wanted.some((value) => (value.toLowerCase() === "true") === (requested === undefined));

interface Compared {
  readonly compare: Compare;
  readonly negated: boolean;
  readonly quantifier: string;
}

/** What a comparison comes to where the key is missing; a negated one holds, for there is nothing that it forbids. */
const holdsWithout = ({ ifExists }: Comparison, { negated, quantifier }: Compared): boolean =>
  ifExists || quantifier === "forallvalues" || (negated && quantifier === "");

const holdsFor = (
  requested: readonly string[],
  wanted: readonly (string | undefined)[],
  { compare, negated, quantifier }: Compared,
): boolean => {
  const passes = (value: string): boolean => wanted.some((one) => one !== undefined && compare(value, one)) !== negated;
  const one = quantifier === "foranyvalue" || (quantifier === "" && !negated);
  return one ? requested.some(passes) : requested.every(passes);
};

const comparisonHolds = (one: Comparison, quantifier: string, context: Context, ifUnknown: boolean): boolean => {
  const { operator, key, values } = one;
  const requested = requestedValue(context, key);
  if (values === undefined) return ifUnknown;
  if (operator === "Null") return isNull(requested, values);
  const [compare, negated] = operators[operator] ?? [];
  if (compare === undefined || negated === undefined) return ifUnknown;
  const how = { compare, negated, quantifier };
  if (requested === undefined || requested.length === 0) return holdsWithout(one, how);
  const wanted = values.map((value) => withVariables(value, context));
  return holdsFor(requested, wanted, how);
};

/**
 * Whether the condition holds for the request. `ifUnknown` is what a comparison comes to that is not understood: one
 * with an operator that does not exist, or without a key, or with a
 * key that stands in it twice, in upper and in lower case.
 */
export const holds = (condition: Condition | undefined, context: Context, ifUnknown: boolean): boolean => {
  if (condition === undefined) return true;
  const blocks = Object.entries(condition);
  if (blocks.length === 0) return ifUnknown;
  return blocks.every(([written, block]) => {
    const comparisons = comparisonsOf({ [written]: block });
    const keys = new Set(comparisons.map(({ key }) => key));
    if (comparisons.length === 0 || keys.size < comparisons.length) return ifUnknown;
    return comparisons.every((one) => comparisonHolds(one, quantifierOf(written), context, ifUnknown));
  });
};
