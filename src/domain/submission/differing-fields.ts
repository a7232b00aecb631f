import { type Fault, pointerOf } from "#domain/fault.ts";
import type { NewSubmission, Submission } from "./submission.ts";

/** Most fields that a conflict names. */
const namedAtMost = 20;

const isNested = (value: unknown): value is object => typeof value === "object" && value !== null;

/** Paths below which two JSON values differ, as deep as both go on. */
const differences = (one: unknown, other: unknown, path: readonly string[]): string[][] => {
  if (!isNested(one) || !isNested(other)) return one === other ? [] : [[...path]];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...keys].flatMap((key) => differences(Reflect.get(one, key), Reflect.get(other, key), [...path, key]));
};

const anyField: readonly Fault[] = [{ pointer: "/requestId", message: "was used for another job request" }];

/** The fields of StartJobRun by which a job request differs from the first one of its key. Values are not told. */
export const differingFields = (
  first: Pick<Submission, "tenantId" | "input">,
  proposed: NewSubmission,
): readonly Fault[] => {
  if (first.tenantId !== proposed.tenantId || first.input === undefined || proposed.state === "refused")
    return anyField;
  const paths = differences(JSON.parse(first.input), JSON.parse(proposed.input), []);
  if (paths.length === 0) return anyField;
  return paths.slice(0, namedAtMost).map((path) => ({
    pointer: pointerOf(path),
    message: "differs from the first job request of this request id",
  }));
};
