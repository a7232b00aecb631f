import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { adHocRequest, inputOf, noon, sampleSetup } from "#test/helpers/setup.ts";

const run = { applicationId: "00f1abc", jobRunId: "00mem00000000001" };

/** Services with one started submission, whose job run is in the given state. */
const withRun = async (state: string, setup = sampleSetup()): Promise<SampleServices> => {
  const services = sampleServices(setup);
  const document = { ...adHocRequest({ tags: { team: "sales" } }), requestId: "n-42" };
  await submitJob(services, {
    setup,
    door: "http",
    caller: "iam:arn:aws:iam::111122223333:role/acme",
    parsed: parseJobRequest(document),
    text: JSON.stringify(document),
    fallback: { kind: "none", newId: "x" },
  });
  services.jobRuns.change(run.jobRunId, { state, endedAt: noon });
  return services;
};

const stored = ({ submissions }: SampleServices) => submissions.byJobRun(run.applicationId, run.jobRunId);

describe("completeJobRun() completes the submission", () => {
  test.each(["SUCCESS", "FAILED", "CANCELLED"])("of a job run that ended as %s, and publishes that", async (state) => {
    const services = await withRun(state);
    expect(await completeJobRun(services, run)).toMatchObject({ verdict: "completed" });
    expect(await stored(services)).toMatchObject({
      state: "completed",
      completedAt: noon,
      publishedAt: noon,
      jobRun: { state },
    });
    const submission = await stored(services);
    expect(services.events.published).toMatchObject([
      {
        event: {
          detailType: "Submission Completed",
          time: noon,
          resources: [submission?.jobRun?.arn],
          detail: {
            specversion: "1.0",
            id: `${submission?.submissionId}/completed`,
            source: "sluice",
            type: "sluice.submission.completed.v1",
            subject: submission?.submissionId,
            data: {
              tenantId: "acme",
              requestId: "n-42",
              door: "http",
              outcome: state,
              startedAt: noon,
              completedAt: noon,
              jobRun: { jobRunId: run.jobRunId, state },
              tags: { team: "sales", "sluice:tenant": "acme" },
            },
          },
        },
      },
    ]);
  });

  test("once, however often it is told", async () => {
    const services = await withRun("SUCCESS");
    await completeJobRun(services, run);
    services.jobRuns.change(run.jobRunId, { state: "FAILED" });
    expect(await completeJobRun(services, run)).toMatchObject({
      verdict: "completed",
      submission: { jobRun: { state: "SUCCESS" } },
    });
    expect(services.events.published).toHaveLength(1);
  });

  test("and tells neither the policy nor the arguments of the job", async () => {
    const services = await withRun("SUCCESS");
    await completeJobRun(services, run);
    const told = JSON.stringify(services.events.published);
    for (const secret of ["executionIamPolicy", "s3:GetObject", "entryPoint", "report.py", "executionRoleArn"]) {
      expect(told).not.toContain(secret);
    }
  });

  test("and publishes to the tenant's own queue as well, where it has one", async () => {
    const completionQueueUrl = "https://sqs.eu-west-1.amazonaws.com/111122223333/acme-ends";
    const services = await withRun("SUCCESS", sampleSetup({ tenant: { completionQueueUrl } }));
    await completeJobRun(services, run);
    expect(services.events.published[0]?.queueUrl).toBe(completionQueueUrl);
  });

  test("of a tenant that is gone by then: its event is still on the bus", async () => {
    const services = await withRun("SUCCESS");
    services.tenants.replace([]);
    await completeJobRun(services, run);
    expect(services.events.published).toHaveLength(1);
    expect(services.events.published[0]).not.toHaveProperty("queueUrl");
  });
});

describe("completeJobRun() takes for no end", () => {
  test.each(["SUBMITTED", "PENDING", "SCHEDULED", "QUEUED", "RUNNING", "CANCELLING", "A_STATE_OF_NEXT_YEAR"])(
    "a job run that is %s: an event of FAILED is only a hint, its next attempt may be running",
    async (state) => {
      const services = await withRun(state);
      expect(await completeJobRun(services, run)).toMatchObject({ verdict: "active", state });
      expect((await stored(services))?.state).toBe("started");
      expect(services.events.published).toStrictEqual([]);
    },
  );
});

describe("completeJobRun() after a crash", () => {
  test.each([
    ["between the record of the end and its event", "submissions", "recordEnd", 1],
    ["between the event and the mark that it is published", "events", "publish", 2],
    ["after everything", "submissions", "recordPublished", 1],
  ] as const)("%s publishes at least once, always under the same id", async (_when, port, method, times) => {
    const services = await withRun("SUCCESS");
    const crashing =
      port === "events"
        ? { ...services, events: crashingAfter(services.events, method) }
        : { ...services, submissions: crashingAfter(services.submissions, method) };
    await expect(completeJobRun(crashing, run)).rejects.toThrow(`crash after ${method}`);
    await completeJobRun(crashing, run);
    await completeJobRun(crashing, run);
    expect(services.events.published).toHaveLength(times);
    expect(new Set(services.events.published.map(({ event }) => JSON.stringify(event))).size).toBe(1);
    expect(await stored(services)).toMatchObject({ state: "completed", publishedAt: noon });
  });

  test("of the bus: the end is recorded, and the next call publishes it", async () => {
    const services = await withRun("FAILED");
    let down: ServiceError | undefined = new ServiceError("ERR_EVENTS_DOWN", "Cannot publish the end: try again");
    const failing = { ...services, events: failingWith(services.events, "publish", () => down) };
    await expect(completeJobRun(failing, run)).rejects.toMatchObject({ code: "ERR_EVENTS_DOWN", kind: "down" });
    expect(await stored(services)).toMatchObject({ state: "completed" });
    expect(await stored(services)).not.toHaveProperty("publishedAt");
    down = undefined;
    await completeJobRun(failing, run);
    expect(services.events.published).toHaveLength(1);
  });
});

describe("completeJobRun() and job runs that the ledger does not know", () => {
  test("leaves a run alone that does not carry Sluice's tag: it is somebody else's", async () => {
    const services = sampleServices();
    await services.jobRuns.start({ ...inputOf(adHocRequest()), tags: { team: "sales" } });
    services.jobRuns.change(run.jobRunId, { state: "SUCCESS" });
    expect(await completeJobRun(services, run)).toStrictEqual({ verdict: "foreign" });
    expect(services.events.published).toStrictEqual([]);
  });

  test("asks to come again for a run of ours whose submission is not stored yet", async () => {
    const services = sampleServices();
    await services.jobRuns.start(inputOf(adHocRequest()));
    services.jobRuns.change(run.jobRunId, { state: "SUCCESS" });
    await expect(completeJobRun(services, run)).rejects.toMatchObject({
      code: "ERR_JOB_RUN_UNKNOWN",
      kind: "down",
      message: expect.stringContaining("the ledger has no submission"),
      retryAfterSeconds: 5,
    });
  });
});
