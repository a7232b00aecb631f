import { describe, expect, test } from "vitest";
import { type TaskAnswer, taskAnswerOf } from "#domain/submission/task-answer.ts";
import { sampleEvent } from "#test/contracts/events.ts";

const answerTo = (data: unknown): TaskAnswer => {
  const event = sampleEvent();
  return taskAnswerOf({ ...event, detail: { ...event.detail, data } });
};

const ids = { tenantId: "acme", submissionId: "req.1" };

const causeOf = (data: unknown): string => {
  const answer = answerTo(data);
  if (answer.verdict === "success") throw new Error("the task succeeded");
  return answer.cause;
};

describe("taskAnswerOf()", () => {
  test("is the event's data as output where the job run succeeded", () => {
    const data = { ...ids, outcome: "SUCCESS", jobRun: { jobRunId: "00run1" } };
    expect(answerTo(data)).toEqual({ verdict: "success", output: JSON.stringify(data) });
  });

  test.each([
    ["our reason", { outcome: "FAILED", reason: "EXECUTION_TIMEOUT" }, "EXECUTION_TIMEOUT"],
    ["the state where there is no reason", { outcome: "CANCELLED" }, "CANCELLED"],
    ["the code of a refusal", { problem: { code: "ERR_JOB_NOT_ALLOWED", detail: "No" } }, "ERR_JOB_NOT_ALLOWED"],
    ["UNKNOWN where the event says nothing at all", {}, "UNKNOWN"],
  ])("is a failure with %s as error", (_what, data, error) => {
    expect(answerTo(data)).toEqual({ verdict: "failure", error, cause: JSON.stringify(data) });
  });

  test("takes no more than Step Functions does of an error: 256 characters", () => {
    expect(answerTo({ outcome: "x".repeat(300) })).toMatchObject({ error: "x".repeat(256) });
  });
});

describe("taskAnswerOf() of more than Step Functions takes", () => {
  const faults = (count: number) =>
    Array.from({ length: count }, (_, at) => ({ pointer: `/${at}`, detail: "x".repeat(500) }));

  test("leaves tags out first", () => {
    const data = { ...ids, outcome: "FAILED", jobRun: { jobRunId: "00run1" } };
    expect(causeOf({ ...data, tags: { long: "x".repeat(32_768) } })).toBe(JSON.stringify(data));
  });

  test.each([
    [8, 8],
    [60, 60],
    [80, 10],
    [700, 0],
  ])("of a refusal of %i faults tells %i", (count, told) => {
    const problem = { code: "ERR_JOB_REQUEST_INVALID", detail: "It has faults", errors: faults(count) };
    const cause = causeOf({ ...ids, problem });
    expect(cause.length).toBeLessThanOrEqual(32_768);
    expect(JSON.parse(cause)).toEqual({ ...ids, problem: { ...problem, errors: faults(told) } });
  });

  test("leaves the ids, as JSON", () => {
    const jobRun = { applicationId: "00f1", jobRunId: "00run1", stateDetails: "x".repeat(33_000) };
    const short = { applicationId: "00f1", jobRunId: "00run1" };
    expect(JSON.parse(causeOf({ ...ids, outcome: "FAILED", reason: "FAILED", jobRun }))).toEqual({
      ...ids,
      outcome: "FAILED",
      reason: "FAILED",
      jobRun: short,
    });
  });

  test("counts the bytes of an output: 262,144 of UTF-8", () => {
    const success = { ...ids, outcome: "SUCCESS" };
    const ofBytes = (bytes: number) => {
      const empty = JSON.stringify({ ...success, note: "" }).length;
      return { ...success, note: "ü".repeat((bytes - empty) / 2) + "x".repeat((bytes - empty) % 2) };
    };
    expect(answerTo(ofBytes(262_144))).toEqual({ verdict: "success", output: JSON.stringify(ofBytes(262_144)) });
    expect(answerTo(ofBytes(262_146))).toEqual({ verdict: "success", output: JSON.stringify(success) });
  });
});
