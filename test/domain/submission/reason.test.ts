import { expect, test } from "vitest";
import type { JobRun } from "#domain/submission/job-run.ts";
import { reasonOf } from "#domain/submission/reason.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { noon } from "#test/helpers/setup.ts";
import { sampleInput, sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

const submission = (own: Partial<Submission> = {}): Submission => ({
  ...startingSubmission({ input: JSON.stringify(sampleInput({ executionTimeoutMinutes: 60 })) }),
  state: "started",
  ...own,
});
const wanted = { cancelRequestedAt: noon };
const ran = { startedAt: noon, endedAt: "2026-11-22T12:10:00.000Z" };
const ranAnHour = { startedAt: noon, endedAt: "2026-11-22T13:00:00.000Z" };
const queuedSixHours = { queuedDurationMilliseconds: 360 * 60_000 };

const cases: readonly [string, string, Partial<JobRun>, Partial<Submission>][] = [
  ["SUCCEEDED", "a job run that succeeded, also where it was to be cancelled", { state: "SUCCESS", ...ran }, wanted],
  ["FAILED", "one that failed", { state: "FAILED", ...ran }, {}],
  ["FAILED", "one that failed while it was to be cancelled", { state: "FAILED", ...ran }, wanted],
  ["FAILED", "one whose connection timed out before it ran", { state: "FAILED", stateDetails: "Read timed out" }, {}],
  ["CANCELLED_BY_TENANT", "one that its tenant cancelled", { state: "CANCELLED", ...ran }, wanted],
  ["CANCELLED_ELSEWHERE", "one that somebody else cancelled", { state: "CANCELLED", ...ran }, {}],
  ["CANCELLED_ELSEWHERE", "one that somebody else cancelled before it ran", { state: "CANCELLED" }, {}],
  ["EXECUTION_TIMEOUT", "one that ran as long as it may", { state: "CANCELLED", ...ranAnHour }, {}],
  ["EXECUTION_TIMEOUT", "one that says so", { state: "CANCELLED", ...ran, stateDetails: "Job run timed out" }, {}],
  ["QUEUE_TIMEOUT", "one that waited as long as it may", { state: "CANCELLED", ...queuedSixHours }, {}],
  ["QUEUE_TIMEOUT", "the same, where it counts as failed", { state: "FAILED", ...queuedSixHours }, {}],
  ["QUEUE_TIMEOUT", "one that says so", { state: "CANCELLED", stateDetails: "Timed out in the queue" }, {}],
];

test.each(cases)("reasonOf() is %s for %s", (reason, _what, jobRun, own) => {
  expect(reasonOf(submission(own), sampleJobRun(jobRun))).toBe(reason);
});

test("reasonOf() takes no timeout for one where there is none", () => {
  const stream = submission({ input: JSON.stringify(sampleInput({ executionTimeoutMinutes: 0 })) });
  const jobRun = sampleJobRun({ state: "CANCELLED", ...ranAnHour });
  expect(reasonOf(stream, jobRun)).toBe("CANCELLED_ELSEWHERE");
});
