import { variableFault } from "#domain/plan/variable-values.ts";
import type { Wanted } from "./find-text.ts";
import { matches } from "./pattern.ts";

const isMatch = (text: string, { all, none }: Wanted): boolean =>
  all.every((group) => group.some((steps) => matches(steps, text))) && !none.some((steps) => matches(steps, text));

/** What may stand beside a text that is too short, or begins or ends with what no name does. */
const fillings = ["", "x", "xx", "xxx"];

/** The same ARN where its bucket is one that can be. */
const withBucket = (arn: string, isGood: (arn: string) => boolean): string => {
  const [, before = "", bucket, key = ""] = /^(arn:[^:]*:s3:::)([^/]*)(.*)$/s.exec(arn) ?? [];
  if (bucket === undefined) return arn;
  const names = fillings.flatMap((first) => fillings.map((last) => first + bucket + last));
  const possible = names.filter((name) => variableFault("bucket", name) === undefined);
  return possible.map((name) => before + name + key).find(isGood) ?? arn;
};

/** The same ARN with the name of an object where it ends with "/". */
const withObject = (arn: string, isGood: (arn: string) => boolean): string =>
  arn.endsWith("/") && isGood(`${arn}x`) ? `${arn}x` : arn;

/** A text that is wanted, as near to what a person would think of as what is wanted leaves room for. */
export const asExample = (text: string, wanted: Wanted): string => {
  const isGood = (one: string): boolean => isMatch(one, wanted);
  return withObject(withBucket(text, isGood), isGood);
};
