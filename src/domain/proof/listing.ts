import { type Part, readPattern, readText } from "./pattern.ts";

/** `Condition` of a statement, as it was written. */
export type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Actions on a bucket whose effect is on the names of its objects, and that `s3:prefix` holds to some of them (Service
 * Authorization Reference, "Actions, resources, and condition keys for Amazon S3").
 */
export const listActions = ["s3:listbucket", "s3:listbucketversions", "s3:listbucketmultipartuploads"] as const;

/** One comparison of a condition. */
interface Comparison {
  readonly operator: string;
  readonly ifExists: boolean;
  /** ForAllValues or ForAnyValue. */
  readonly set: boolean;
  readonly key: string;
  /** Nothing where a value is no text. */
  readonly values: readonly string[] | undefined;
}

const valuesOf = (value: unknown): readonly string[] | undefined => {
  const list = Array.isArray(value) ? value : [value];
  const texts = list.map((one) => (typeof one === "boolean" ? String(one) : one));
  return texts.length > 0 && texts.every((one) => typeof one === "string") ? texts : undefined;
};

export const comparisonsOf = (condition: Condition = {}): Comparison[] =>
  Object.entries(condition).flatMap(([written, block]) => {
    const set = /^For(All|Any)Values?:/i.test(written);
    const operator = written.replace(/^.*:/, "").replace(/IfExists$/, "");
    const ifExists = written.endsWith("IfExists");
    return Object.entries(block).map(([key, value]) => ({
      operator,
      ifExists,
      set,
      key: key.toLowerCase(),
      values: valuesOf(value),
    }));
  });

/** What a statement's conditions hold a listing to. */
export interface ListingLimits {
  /** The request's prefix is one of each group. Without a group any prefix will do, or none. */
  readonly prefixes: readonly (readonly Part[])[][];
  /** Whether the delimiter must be "/", so that names end at the next one. */
  readonly delimited: boolean;
}

const read = (operator: string, value: string): Part[] =>
  operator === "StringEquals" ? readText(value) : (readPattern(value, "widest") ?? []);

const isPositive = ({ operator }: Comparison): boolean => operator === "StringLike" || operator === "StringEquals";

/**
 * How the conditions of an Allow limit a listing. Only what is certain counts: a comparison that a request without the
 * key passes (`…IfExists`, `ForAllValues`, a negated one) limits nothing, unless `Null` asks for the key.
 */
export const listingLimits = (condition: Condition | undefined): ListingLimits => {
  const comparisons = comparisonsOf(condition);
  const mustBeThere = (key: string): boolean =>
    comparisons.some(
      (one) =>
        one.operator === "Null" &&
        !one.ifExists &&
        !one.set &&
        one.key === key &&
        one.values?.every((value) => value === "false"),
    );
  const certain = comparisons.filter(
    (one) => isPositive(one) && !one.set && one.values !== undefined && (!one.ifExists || mustBeThere(one.key)),
  );
  return {
    prefixes: certain
      .filter(({ key }) => key === "s3:prefix")
      .map(({ operator, values = [] }) => values.map((value) => read(operator, value))),
    delimited: certain.some(({ key, values }) => key === "s3:delimiter" && values?.every((value) => value === "/")),
  };
};

/**
 * The prefixes that a Deny leaves over: one whose only condition is that the prefix is not like these. It also denies a
 * request without a prefix, for a negated comparison is true where the key is missing.
 */
export const prefixesLeft = (condition: Condition | undefined): readonly Part[][] | undefined => {
  const [only, ...others] = comparisonsOf(condition);
  if (only === undefined || others.length > 0 || only.set || only.key !== "s3:prefix") return undefined;
  const positive = { StringNotLike: "StringLike", StringNotEquals: "StringEquals" }[only.operator];
  return positive === undefined ? undefined : only.values?.map((value) => read(positive, value));
};

/** Whether a condition holds for every request: there is none, or each comparison allows any value and no value. */
export const alwaysHolds = (condition: Condition | undefined): boolean =>
  comparisonsOf(condition).every(
    ({ operator, ifExists, set, values }) =>
      operator === "StringLike" && ifExists && !set && values?.includes("*") === true,
  );
