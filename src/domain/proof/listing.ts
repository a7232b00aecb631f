import { type Part, readPattern, readText } from "./pattern.ts";

/** `Condition` of a statement, as it was written. */
export type Condition = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Actions on a bucket or an access point whose effect is on the names of its objects, or on all its objects, each with the
 * condition key that holds it to some prefixes (Service Authorization Reference, "Actions, resources, and condition keys
 * for Amazon S3", "… S3 Express", "… S3 on Outposts"). A session of a directory bucket is for the whole bucket.
 */
const listings = {
  "s3:listbucket": "s3:",
  "s3:listbucketversions": "s3:",
  "s3:listbucketmultipartuploads": "s3:",
  "s3-outposts:listbucket": "s3-outposts:",
  "s3-outposts:listbucketversions": "s3-outposts:",
  "s3-outposts:listbucketmultipartuploads": undefined,
  "s3express:createsession": undefined,
} as const;

export type Listing = keyof typeof listings;

export const listActions = Object.keys(listings) as readonly Listing[];

/** Listings by prefix as AWS writes them. */
export const listingNames: Readonly<Record<string, string>> = {
  "s3:listbucket": "s3:ListBucket",
  "s3:listbucketversions": "s3:ListBucketVersions",
  "s3:listbucketmultipartuploads": "s3:ListBucketMultipartUploads",
};

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

/** Of a key that stands twice under one operator, in upper and in lower case, nobody says whether both must hold. */
const isOnlyOne = (one: Comparison, at: number, all: readonly Comparison[]): boolean =>
  !all.some(
    (other, place) =>
      place !== at &&
      other.key === one.key &&
      other.operator.toLowerCase() === one.operator.toLowerCase() &&
      other.ifExists === one.ifExists &&
      other.set === one.set,
  );

/**
 * How the conditions of an Allow limit a listing. Only what is certain counts: a comparison that a request without the
 * key passes (`…IfExists`, `ForAllValues`, a negated one) limits nothing, unless `Null` asks for the key.
 */
export const listingLimits = (action: Listing, condition: Condition | undefined): ListingLimits => {
  const keys = listings[action];
  if (keys === undefined) return { prefixes: [], delimited: false };
  const comparisons = comparisonsOf(condition).filter(isOnlyOne);
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
      .filter(({ key }) => key === `${keys}prefix`)
      .map(({ operator, values = [] }) => values.map((value) => read(operator, value))),
    delimited: certain.some(({ key, values }) => key === `${keys}delimiter` && values?.every((value) => value === "/")),
  };
};

/** An operator without a key, or a condition without an operator: IAM's grammar has neither, and nobody says what they do. */
const isUncertain = (condition: Condition): boolean => {
  const blocks = Object.values(condition);
  return blocks.length === 0 || blocks.some((block) => Object.keys(block).length === 0);
};

/**
 * The prefixes that a Deny leaves over: one whose only condition is that the prefix is not like these. It also denies a
 * request without a prefix, for a negated comparison is true where the key is missing.
 */
export const prefixesLeft = (condition: Condition = {}): readonly Part[][] | undefined => {
  const [only, ...others] = comparisonsOf(condition);
  if (only === undefined || others.length > 0 || only.set || only.key !== "s3:prefix") return undefined;
  if (isUncertain(condition)) return undefined;
  const positive = { StringNotLike: "StringLike", StringNotEquals: "StringEquals" }[only.operator];
  return positive === undefined ? undefined : only.values?.map((value) => read(positive, value));
};

/** Whether a condition holds for every request: there is none, or each comparison allows any value and no value. */
export const alwaysHolds = (condition: Condition | undefined): boolean =>
  condition === undefined ||
  (!isUncertain(condition) &&
    comparisonsOf(condition).every(
      ({ operator, ifExists, set, values }) =>
        operator === "StringLike" && ifExists && !set && values?.includes("*") === true,
    ));
