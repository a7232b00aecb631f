import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import { costEvent } from "#domain/events/cost-event.ts";
import { completedEvent } from "#domain/events/ending-event.ts";
import { startedEvent } from "#domain/events/started-event.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { noon } from "#test/helpers/setup.ts";
import { sampleInput, sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");
const hex = (text: string): string => createHash("sha256").update(text).digest("hex");
const parts = { digest, prices: listPrices, now: () => "2026-11-22T12:40:00.000Z" };

const used = { vCPUHour: 1, memoryGBHour: 4, storageGBHour: 0 };
const jobRun = sampleJobRun({
  stateDetails: "done",
  attempt: 2,
  createdAt: "2026-11-22T12:00:01.000Z",
  startedAt: "2026-11-22T12:00:31.000Z",
  endedAt: "2026-11-22T12:30:31.500Z",
  totalResourceUtilization: used,
  billedResourceUtilization: used,
});
const input = JSON.stringify(
  sampleInput({
    configurationOverrides: { monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/acme/" } } },
  }),
);
const completed: Submission = {
  ...startingSubmission({ input, requestId: "n-42", jobTemplate: "nightly", parametersSha256: "ab" }),
  state: "completed",
  applicationId: "00f1",
  jobRunId: "00run1",
  startedAt: "2026-11-22T12:00:01.000Z",
  completedAt: "2026-11-22T12:30:32.000Z",
  reason: "SUCCEEDED",
  jobRun,
};
const cost = {
  amount: "0.075738",
  currency: "USD",
  basis: "billedResourceUtilization",
  region: "us-east-1",
  architecture: "X86_64",
  pricesAsOf: "2026-11-22",
  estimate: true,
};

describe("completedEvent()", () => {
  test("tells whose submission ended, how, why, how long it took, what it used and cost, and where its logs are", () => {
    const driver = "s3://logs/acme/applications/00f1/jobs/00run1/SPARK_DRIVER";
    expect(completedEvent(completed, parts)).toStrictEqual({
      detailType: "Submission Completed",
      time: "2026-11-22T12:30:32.000Z",
      resources: [jobRun.arn],
      detail: {
        specversion: "1.0",
        id: "req.1/completed",
        source: "sluice",
        type: "sluice.submission.completed.v1",
        subject: "req.1",
        time: "2026-11-22T12:30:32.000Z",
        sequence: "00000012",
        datacontenttype: "application/json",
        data: {
          tenantId: "acme",
          submissionId: "req.1",
          door: "queue",
          caller: "sender:AIDAACME",
          requestId: "n-42",
          jobTemplate: "nightly",
          parametersSha256: "ab",
          acceptedAt: noon,
          outcome: "SUCCESS",
          reason: "SUCCEEDED",
          stateDetails: "done",
          applicationId: "00f1",
          jobRunId: "00run1",
          attempts: 2,
          startedAt: "2026-11-22T12:00:01.000Z",
          runningAt: "2026-11-22T12:00:31.000Z",
          endedAt: "2026-11-22T12:30:31.500Z",
          completedAt: "2026-11-22T12:30:32.000Z",
          durations: {
            waitingMilliseconds: 1000,
            pendingMilliseconds: 30_000,
            runningMilliseconds: 1_800_500,
            totalMilliseconds: 1_831_500,
          },
          jobRun,
          utilizationPending: false,
          cost,
          logs: { stdout: `${driver}/stdout.gz`, stderr: `${driver}/stderr.gz` },
          executionPolicySha256: hex('{"Version":"2012-10-17","Statement":[]}'),
          inputSha256: hex(input),
          tags: { "sluice:tenant": "acme", "sluice:submission": "req.1" },
        },
      },
    });
  });

  test("says that the hours are not there yet, and why there is no cost", () => {
    const { totalResourceUtilization: _total, billedResourceUtilization: _billed, ...early } = jobRun;
    expect(completedEvent({ ...completed, jobRun: early }, parts).detail.data).toMatchObject({
      utilizationPending: true,
      costMissing: { code: "UTILIZATION_MISSING" },
    });
  });

  test("of a job run that is gone says what was last seen of it, and that nobody knows how it ended", () => {
    const gone = { ...completed, reason: "JOB_RUN_GONE", missingSince: noon, jobRun: { ...jobRun, state: "RUNNING" } };
    const { data } = completedEvent(gone as Submission, parts).detail;
    expect(data).toMatchObject({ outcome: "UNKNOWN", reason: "JOB_RUN_GONE", missingSince: noon });
    expect(data).not.toHaveProperty("cost");
    expect(data).not.toHaveProperty("utilizationPending");
  });

  test("of one that never started has neither a job run nor a cost", () => {
    const { jobRun: _run, jobRunId: _id, startedAt: _at, completedAt: _end, ...waited } = completed;
    const cancelled = { ...waited, state: "cancelled", cancelledAt: "2026-11-22T12:00:05.000Z" } as const;
    const event = completedEvent({ ...cancelled, reason: "CANCELLED_BY_TENANT" }, parts);
    expect(event.resources).toEqual([]);
    expect(event.detail.data).toMatchObject({
      outcome: "CANCELLED",
      reason: "CANCELLED_BY_TENANT",
      durations: { waitingMilliseconds: 5000, totalMilliseconds: 5000 },
    });
    for (const absent of ["jobRun", "jobRunId", "cost", "costMissing", "logs"]) {
      expect(event.detail.data).not.toHaveProperty(absent);
    }
  });

  test("says in which acceptance under its id it is, so that it follows the refusal that gave way to it", () => {
    expect(completedEvent({ ...completed, acceptance: 2 }, parts).detail.sequence).toBe("00000022");
  });
});

test("startedEvent() comes before the ending, and costEvent() after it, under ids of their own", () => {
  const started = startedEvent(completed, { jobRunId: "00run1", startedAt: noon }, digest);
  const late = costEvent(completed, jobRun, parts);
  expect([started, late].map(({ detailType, detail: { id, type } }) => [detailType, id, type])).toEqual([
    ["Submission Started", "req.1/started", "sluice.submission.started.v1"],
    ["Submission Cost Updated", "req.1/cost", "sluice.submission.cost-updated.v1"],
  ]);
  const all = [started, completedEvent(completed, parts), late].map(({ detail }) => detail.sequence);
  expect(all).toEqual(all.toSorted());
  expect(late.detail.data).toMatchObject({ outcome: "SUCCESS", reason: "SUCCEEDED", jobRun, cost });
  expect(started.detail.data).toMatchObject({ jobRunId: "00run1", startedAt: noon, inputSha256: hex(input) });
});
