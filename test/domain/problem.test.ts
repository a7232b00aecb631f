import { expect, test } from "vitest";
import { deniedAt } from "#domain/fault.ts";
import { problemOf } from "#domain/problem.ts";

test("problemOf() tells every fault with its pointer, its current and its wanted value, and nothing of ours besides", () => {
  const faults = [deniedAt(["name"], "x", "is not allowed"), { pointer: "/colour", message: "is not a known field" }];
  expect(problemOf({ code: "ERR_JOB_NOT_ALLOWED", message: "Cannot submit the job request", faults })).toStrictEqual({
    type: "docs/errors.md#err_job_not_allowed",
    title: "The tenant's rules do not allow this job",
    status: 403,
    detail: "Cannot submit the job request",
    code: "ERR_JOB_NOT_ALLOWED",
    retryable: false,
    errors: [
      {
        pointer: "/name",
        detail: 'is not allowed: current value is "x"',
        current: '"x"',
        wanted: "is not allowed",
      },
      { pointer: "/colour", detail: "is not a known field" },
    ],
  });
});

test.each([
  ["ERR_EMR_BUSY", true],
  ["ERR_EMR_DOWN", true],
  ["ERR_SUBMISSION_CONFLICT", false],
] as const)("problemOf() says of %s that it is retryable: %j", (code, retryable) => {
  expect(problemOf({ code, message: "Cannot", faults: [] }).retryable).toBe(retryable);
});
