import type { SQSBatchResponse } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { busEvent, jobRunChange, sqsEvent } from "./aws-events.ts";
import { call, doors, invoke, noon } from "./doors.ts";
import { httpApiEvent, nightly } from "./http-events.ts";
import { ofAcme } from "./tenants.ts";

type Doors = ReturnType<typeof doors>;

const direct = async ({ door }: Doors, event: unknown): Promise<unknown> =>
  await invoke<unknown>(jobRunChangedHandler(door), event);

const batch = async ({ door }: Doors, ...bodies: unknown[]): Promise<string[]> => {
  const event = sqsEvent(...bodies.map((body, at) => ({ messageId: `m${at}`, body, sender: "AIDAEVENTS" })));
  const { batchItemFailures } = await invoke<SQSBatchResponse>(jobRunChangedHandler(door), event);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted();
};

/** The same message after so many receives. */
const received = async ({ door }: Doors, receives: number, body: unknown): Promise<string[]> => {
  const event = sqsEvent({ messageId: "m0", body, sender: "AIDAEVENTS", receives });
  const { batchItemFailures } = await invoke<SQSBatchResponse>(jobRunChangedHandler(door), event);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

/** Doors behind which tenant acme has one job run that goes on. */
const withJobRun = async () => {
  const parts = doors();
  const { json } = await call(parts, httpApiEvent({ body: nightly }));
  const jobRun = { applicationId: "00f1acme", jobRunId: String(json.jobRunId) };
  return { parts, jobRun, submissionId: String(json.submissionId) };
};

describe("jobRunChangedHandler() tells the end of a job run", () => {
  test.each(["SUCCESS", "FAILED", "CANCELLED"])("%s, on the bus and to the tenant's queue", async (state) => {
    const { parts, jobRun, submissionId } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state, endedAt: noon });
    expect(await direct(parts, jobRunChange({ ...jobRun, state }))).toBeUndefined();
    expect(parts.events.published).toMatchObject([
      {
        queueUrl: ofAcme.completionQueueUrl,
        event: {
          detailType: "Submission Completed",
          detail: { id: `${submissionId}/completed`, data: { tenantId: "acme", submissionId, outcome: state } },
        },
      },
    ]);
    expect(await parts.submissions.get(submissionId)).toMatchObject({ state: "completed", publishedAt: noon });
  });

  test("from messages, once however often it is told", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const ended = jobRunChange({ ...jobRun, state: "SUCCESS" });
    expect(await batch(parts, ended)).toEqual([]);
    expect(await batch(parts, ended)).toEqual([]);
    expect(await direct(parts, ended)).toBeUndefined();
    expect(parts.events.published).toHaveLength(1);
  });

  test("under one id, where two tell it at the same time", async () => {
    const { parts, jobRun, submissionId } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const ended = jobRunChange({ ...jobRun, state: "SUCCESS" });
    expect(await batch(parts, ended, ended)).toEqual([]);
    const ids = parts.events.published.map(({ event }) => event.detail.id);
    expect(new Set(ids)).toEqual(new Set([`${submissionId}/completed`]));
  });

  test("as EMR Serverless tells it, whatever the event says", async () => {
    const { parts, jobRun, submissionId } = await withJobRun();
    expect(await batch(parts, jobRunChange({ ...jobRun, state: "SUCCESS" }))).toEqual([]);
    expect(await parts.submissions.get(submissionId)).toMatchObject({ state: "started" });
    parts.jobRuns.change(jobRun.jobRunId, { state: "FAILED" });
    await batch(parts, jobRunChange({ ...jobRun, state: "SUCCESS" }));
    expect(parts.events.published).toMatchObject([{ event: { detail: { data: { outcome: "FAILED" } } } }]);
  });
});

describe("jobRunChangedHandler() follows a job run", () => {
  const told = async (parts: Doors, jobRun: { applicationId: string; jobRunId: string }, ...states: string[]) => {
    for (const state of states) expect(await batch(parts, jobRunChange({ ...jobRun, state }))).toEqual([]);
    return parts.submissions.all()[0]?.jobRun?.state;
  };

  test("through its states, which tenants see", async () => {
    const { parts, jobRun, submissionId } = await withJobRun();
    for (const state of ["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING"]) {
      expect(await told(parts, jobRun, state)).toBe(state);
    }
    const { json } = await call(parts, httpApiEvent({ method: "GET", path: `/v1/submissions/${submissionId}` }));
    const arn = expect.stringContaining(`/jobruns/${jobRun.jobRunId}`);
    expect(json).toMatchObject({ state: "started", jobRun: { ...jobRun, arn, state: "CANCELLING", createdAt: noon } });
    expect(parts.events.published).toEqual([]);
  });

  test("forward only, in whatever order its events come", async () => {
    const { parts, jobRun } = await withJobRun();
    expect(await told(parts, jobRun, "RUNNING", "PENDING", "SUBMITTED", "SCHEDULED")).toBe("RUNNING");
  });

  test("to states that are not known yet: they are kept, warned of and no end", async () => {
    const { parts, jobRun, submissionId } = await withJobRun();
    expect(await told(parts, jobRun, "RUNNING", "PONDERING")).toBe("RUNNING");
    const arn = `arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f1acme/jobruns/${jobRun.jobRunId}`;
    const detail = { ...jobRun, arn, state: "PONDERING", createdAt: noon, updatedAt: "2026-11-22T12:01:00.5Z" };
    expect(await batch(parts, jobRunChange({ ...jobRun, state: "PONDERING" }, { detail }))).toEqual([]);
    expect(await parts.submissions.get(submissionId)).toMatchObject({
      state: "started",
      jobRun: { state: "PONDERING" },
    });
    expect(parts.log.records).toContainEqual(
      expect.objectContaining({ level: "warn", message: "unknown state", state: "PONDERING" }),
    );
    expect(parts.log.counts).toEqual([{ UnknownStates: 1 }, { UnknownStates: 1 }]);
  });

  test("through its attempts: a FAILED with attempts left is no end, and the next attempt begins anew", async () => {
    const { parts, jobRun, submissionId } = await withJobRun();
    await told(parts, jobRun, "RUNNING");
    parts.jobRuns.change(jobRun.jobRunId, { state: "PENDING", attempt: 2 });
    await batch(parts, jobRunChange({ ...jobRun, state: "FAILED" }));
    expect(await parts.submissions.get(submissionId)).toMatchObject({ jobRun: { state: "PENDING", attempt: 2 } });
    expect(parts.events.published).toEqual([]);
  });

  test("whose end is stored, no further", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    expect(await told(parts, jobRun, "SUCCESS", "RUNNING")).toBe("SUCCESS");
  });

  test("that no submission has: it comes again, and is left alone after that", async () => {
    const parts = doors();
    const change = jobRunChange({ applicationId: "00f1other", jobRunId: "other", state: "RUNNING" });
    expect(await batch(parts, change)).toEqual(["m0"]);
    expect(parts.waits).toMatchObject([{ seconds: expect.any(Number) }]);
    expect(await received(parts, 3, change)).toEqual([]);
    expect(parts.log.records.at(-1)).toMatchObject({ message: "ignored", reason: "no submission has the job run" });
  });
});

describe("jobRunChangedHandler() acknowledges what ends nothing", () => {
  test.each([
    "EMR Serverless Job Run Retry",
    "EMR Serverless Application State Change",
    "EMR Serverless Job Resource Utilization Update",
  ])("the event %s", async (detailType) => {
    const parts = doors();
    const event = busEvent({ source: "aws.emr-serverless", "detail-type": detailType, detail: { jobRunId: "j" } });
    expect(await batch(parts, event)).toEqual([]);
    expect(await direct(parts, event)).toBeUndefined();
    expect(parts.log.records).toMatchObject([
      { message: "ignored", reason: `"${detailType}" changes no submission` },
      { message: "ignored" },
    ]);
  });

  test("a job run that is not Sluice's", async () => {
    const parts = doors();
    const foreign = doors();
    const { jobRunId } = await foreign.jobRuns.start({
      applicationId: "00f1other",
      clientToken: "other",
      executionRoleArn: "arn:aws:iam::123456789012:role/other",
      executionIamPolicy: { policy: "{}" },
      jobDriver: { sparkSubmit: { entryPoint: "s3://other/a.py" } },
      tags: {},
      executionTimeoutMinutes: 60,
      name: "other",
    });
    foreign.jobRuns.change(jobRunId, { state: "SUCCESS" });
    const asked = doors({ services: { jobRuns: foreign.jobRuns } });
    const ended = jobRunChange({ applicationId: "00f1other", jobRunId, state: "SUCCESS" });
    // It may be faster than our own record of the start: it is waited for before it costs a GetJobRun.
    expect(await received(asked, 1, ended)).toEqual(["m0"]);
    expect(await received(asked, 2, ended)).toEqual(["m0"]);
    expect(asked.log.counts).toEqual([]);
    expect(await received(asked, 3, ended)).toEqual([]);
    expect(asked.log.records.at(-1)).toMatchObject({ message: "completion", verdict: "foreign" });
    expect(asked.log.counts).toEqual([{ JobRunsOfOthers: 1 }]);
    expect(parts.events.published).toEqual([]);
  });
});

describe("jobRunChangedHandler() has told again", () => {
  test("what comes before the start is recorded", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const early = doors({ services: { jobRuns: parts.jobRuns } });
    const ended = jobRunChange({ ...jobRun, state: "SUCCESS" });
    expect(await batch(early, ended)).toEqual(["m0"]);
    expect(early.log.records).toMatchObject([{ message: "returned to the queue", code: "ERR_JOB_RUN_UNKNOWN" }]);
    await expect(direct(early, ended)).rejects.toMatchObject({ code: "ERR_JOB_RUN_UNKNOWN" });
  });

  test("what no token of GetJobRun is there for, soon, and asks EMR Serverless nothing meanwhile", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    await parts.starts.takeTokens("GetJobRun", 50, "dispatcher");
    const ended = jobRunChange({ ...jobRun, state: "SUCCESS" });
    expect(await batch(parts, ended)).toEqual(["m0"]);
    expect(parts.log.records.at(-1)).toMatchObject({ message: "returned to the queue", code: "ERR_EMR_BUSY" });
    expect(parts.waits).toMatchObject([{ receiptHandle: "AQEB", seconds: expect.any(Number) }]);
    expect(parts.waits[0]?.seconds).toBeLessThanOrEqual(10);
    parts.clock.pass(1000);
    expect(await batch(parts, ended)).toEqual([]);
    expect(parts.events.published).toHaveLength(1);
  });

  test("what AWS throttled although a token was there, and takes the tokens for gone", async () => {
    const { parts, jobRun } = await withJobRun();
    const { submissions, starts } = parts;
    const busy = new ServiceError("ERR_EMR_BUSY", "Cannot read job run: throttled");
    const jobRuns = { ...parts.jobRuns, get: () => Promise.reject(busy) };
    const throttled = doors({ services: { submissions, starts, jobRuns } });
    expect(await batch(throttled, jobRunChange({ ...jobRun, state: "SUCCESS" }))).toEqual(["m0"]);
    expect(await starts.takeTokens("GetJobRun", 1, "dispatcher")).toMatchObject({ taken: 0 });
  });

  test("a job run that EMR Serverless does not know", async () => {
    const ended = jobRunChange({ applicationId: "00f1acme", jobRunId: "none", state: "SUCCESS" });
    expect(await batch(doors(), ended)).toEqual(["m0"]);
  });

  test("what cannot be published, and publishes it then", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const publish = () => Promise.reject(new Error("the bus is away"));
    const { submissions, jobRuns } = parts;
    const away = doors({ services: { submissions, jobRuns, events: { publish, tellTask: publish } } });
    const ended = jobRunChange({ ...jobRun, state: "SUCCESS" });
    expect(await batch(away, ended)).toEqual(["m0"]);
    expect(await batch(parts, ended)).toEqual([]);
    expect(parts.events.published).toHaveLength(1);
  });

  test("and only that, of a batch", async () => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const good = jobRunChange({ ...jobRun, state: "SUCCESS" });
    const unknown = jobRunChange({ ...jobRun, jobRunId: "none", state: "SUCCESS" });
    expect(await batch(parts, "hunter2", unknown, good, "null")).toEqual(["m0", "m1", "m3"]);
    expect(parts.events.published).toHaveLength(1);
    expect(JSON.stringify(parts.log.records)).not.toContain("hunter2");
  });
});

describe("jobRunChangedHandler() refuses what EMR Serverless did not send", () => {
  const wanted = "Cannot read the event: a job run state change of EMR Serverless is wanted";

  test.each([
    ["a forged source", { source: "acme.jobs" }],
    ["a source that begins like AWS's", { source: "aws.emr-serverless.evil" }],
    ["a detail without its ids", { detail: { state: "SUCCESS" } }],
    ["ids that are no texts", { detail: { applicationId: ["00f1acme"], jobRunId: {}, state: "SUCCESS" } }],
    ["a detail that is a text", { detail: "{}" }],
  ])("%s", async (_name, own) => {
    const { parts, jobRun } = await withJobRun();
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const event = jobRunChange({ ...jobRun, state: "SUCCESS" }, own);
    await expect(direct(parts, event)).rejects.toThrow(wanted);
    expect(await batch(parts, event)).toEqual(["m0"]);
    expect(parts.events.published).toEqual([]);
  });

  test.each([[{}], [null], ["text"], [[]], [{ Records: [{ eventSource: "aws:s3" }] }]])(
    "the shape %j",
    async (event) => {
      await expect(direct(doors(), event)).rejects.toThrow("Cannot read the event: it is not a batch of SQS messages");
    },
  );
});
