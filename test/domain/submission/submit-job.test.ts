import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { leaseMs } from "#domain/submission/start-submission.ts";
import type { NewSubmission } from "#domain/submission/submission.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { noon, sampleSetup } from "#test/helpers/setup.ts";

const entryPoint = "s3://jobs/acme/report.py";
const spark = { jobDriver: { sparkSubmit: { entryPoint } } };
const outside = { jobDriver: { sparkSubmit: { entryPoint: "s3://other/report.py" } } };

/** A message on the queue with a document for its body; the message id is the same unless a test says otherwise. */
const message = (document: object, own: Partial<Delivery> = {}): Delivery => ({
  setup: sampleSetup(),
  door: "queue",
  caller: "sender:AROA1:acme",
  parsed: parseJobRequest(document),
  text: JSON.stringify(document),
  fallback: { kind: "delivery", id: "059f36b4" },
  ...own,
});

const overHttp = (document: object, own: Partial<Delivery> = {}): Delivery =>
  message(document, { door: "http", fallback: { kind: "none", newId: "6a7e8feb" }, ...own });

const onlySubmission = ({ submissions }: SampleServices) => {
  expect(submissions.all()).toHaveLength(1);
  return submissions.all()[0];
};

const publishedIds = ({ events }: SampleServices): string[] => events.published.map(({ event }) => event.detail.id);

describe("submitJob() starts a job", () => {
  test("and remembers who sent it, by which door, and what was sent to EMR Serverless", async () => {
    const services = sampleServices();
    const outcome = await submitJob(services, message({ ...spark, requestId: "nightly-42" }));
    expect(outcome).toMatchObject({ verdict: "started", repeat: false });
    expect(onlySubmission(services)).toMatchObject({
      state: "started",
      tenantId: "acme",
      door: "queue",
      caller: "sender:AROA1:acme",
      requestId: "nightly-42",
      acceptedAt: noon,
      startedAt: noon,
      jobRunId: "00mem00000000001",
      input: JSON.stringify(services.jobRuns.started[0]),
    });
    expect(services.jobRuns.started[0]?.clientToken).toBe(onlySubmission(services)?.submissionId);
  });

  test("and remembers which policy it has, by the SHA-256 that its events tell too, and which proof that was held against", async () => {
    const services = sampleServices();
    const setup = sampleSetup();
    await submitJob(services, message(spark, { setup }));
    const policy = services.jobRuns.started[0]?.executionIamPolicy?.policy ?? "";
    expect(onlySubmission(services)).toMatchObject({
      executionPolicySha256: createHash("sha256").update(policy).digest("hex"),
      proofId: setup.proof?.proofId,
    });
  });

  test("once, however often it is delivered", async () => {
    const services = sampleServices();
    const first = await submitJob(services, message(spark));
    const second = await submitJob(services, message(spark));
    expect(second).toStrictEqual({ ...first, repeat: true });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("and asks EMR Serverless nothing more once it is started", async () => {
    const services = sampleServices();
    await submitJob(services, message(spark));
    const down = new ServiceError("ERR_EMR_DOWN", "Cannot start job run: try again");
    const jobRuns = failingWith(services.jobRuns, "start", () => down);
    expect(await submitJob({ ...services, jobRuns }, message(spark))).toMatchObject({
      verdict: "started",
      repeat: true,
    });
  });

  test("once, however many deliveries come at the same time", async () => {
    const services = sampleServices();
    const outcomes = await Promise.all([1, 2, 3].map(() => submitJob(services, message(spark))));
    expect(outcomes.map(({ verdict }) => verdict)).toStrictEqual(["started", "accepted", "accepted"]);
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("once for one request id, whichever door it comes by and however it is written", async () => {
    const services = sampleServices();
    await submitJob(services, overHttp({ requestId: "n-42", name: "a", ...spark }));
    const again = message({ ...spark, name: "a", tenantId: "acme" }, { requestId: "n-42" });
    expect(await submitJob(services, again)).toMatchObject({ verdict: "started", repeat: true });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("each time where nothing says that it is the same", async () => {
    const services = sampleServices();
    await submitJob(services, overHttp(spark, { fallback: { kind: "none", newId: "one" } }));
    await submitJob(services, overHttp(spark, { fallback: { kind: "none", newId: "two" } }));
    expect(services.jobRuns.started.map(({ clientToken }) => clientToken)).toStrictEqual(["new.one", "new.two"]);
  });

  test("of each tenant, also where two tenants use the same request id", async () => {
    const services = sampleServices();
    const setup = sampleSetup({ tenant: { tenantId: "globex", entryPoints: ["s3://jobs/acme/"] } });
    await submitJob(services, message({ ...spark, requestId: "n-42" }));
    await submitJob(services, message({ ...spark, requestId: "n-42" }, { setup }));
    expect(services.jobRuns.started.map(({ tags }) => tags["sluice:tenant"])).toStrictEqual(["acme", "globex"]);
  });
});

describe("submitJob() after a crash", () => {
  /** The tenant as it is when the message comes again: another role, another policy, no ad-hoc jobs any more. */
  const changed = sampleSetup({
    tenant: { executionRoleArn: "arn:aws:iam::111122223333:role/another", adHoc: false },
    policyTemplate: { name: "another" },
  });

  test.each([
    ["between the acceptance and the start", "submissions", "accept"],
    ["between StartJobRun and the record of it", "jobRuns", "start"],
    ["right after the record of the start", "submissions", "recordStart"],
  ] as const)("%s starts one run, with the input that was frozen first", async (_when, port, method) => {
    const services = sampleServices();
    const crashing =
      port === "jobRuns"
        ? { ...services, jobRuns: crashingAfter(services.jobRuns, method) }
        : { ...services, submissions: crashingAfter(services.submissions, method) };
    await expect(submitJob(crashing, message(spark))).rejects.toThrow(`crash after ${method}`);
    const frozen = onlySubmission(services)?.input;
    services.clock.pass(leaseMs + 1);
    const outcome = await submitJob(crashing, message(spark, { setup: changed }));
    expect(outcome).toMatchObject({ verdict: "started", repeat: true, submission: { jobRunId: "00mem00000000001" } });
    expect(services.jobRuns.started.map((input) => JSON.stringify(input))).toStrictEqual([frozen]);
    expect(services.events.published).toStrictEqual([]);
  });

  test("takes an HTTP request that comes again under its request id on, whatever the rules say by now", async () => {
    const services = sampleServices();
    const crashing = { ...services, submissions: crashingAfter(services.submissions, "accept") };
    const request = { ...spark, requestId: "n-42" };
    await expect(submitJob(crashing, overHttp(request))).rejects.toThrow("crash after accept");
    services.clock.pass(leaseMs + 1);
    const outcome = await submitJob(crashing, overHttp(request, { setup: changed }));
    expect(outcome).toMatchObject({ verdict: "started", repeat: true });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("publishes a refusal again, under the same id", async () => {
    const services = sampleServices();
    const crashing = { ...services, events: crashingAfter(services.events, "publish") };
    await expect(submitJob(crashing, message(outside))).rejects.toThrow("crash after publish");
    await submitJob(crashing, message(outside));
    const [first, second, ...more] = publishedIds(services);
    expect(first).toBe(second);
    expect(more).toStrictEqual([]);
    expect(onlySubmission(services)?.publishedAt).toBe(noon);
  });
});

describe("submitJob() refuses", () => {
  test("a job request at the queue: it is stored, published once, and not started", async () => {
    const services = sampleServices();
    const outcome = await submitJob(services, message(outside));
    expect(outcome).toMatchObject({ verdict: "refused", repeat: false, error: { code: "ERR_JOB_NOT_ALLOWED" } });
    expect(await submitJob(services, message(outside))).toMatchObject({ verdict: "refused", repeat: true });
    expect(services.jobRuns.started).toStrictEqual([]);
    expect(onlySubmission(services)).toMatchObject({ state: "refused", publishedAt: noon });
    expect(services.events.published).toMatchObject([
      {
        event: {
          detailType: "Submission Refused",
          detail: {
            type: "sluice.submission.refused.v1",
            data: {
              tenantId: "acme",
              submissionId: "059f36b4",
              problem: {
                code: "ERR_JOB_NOT_ALLOWED",
                status: 403,
                retryable: false,
                errors: [{ pointer: "/jobDriver/sparkSubmit/entryPoint" }],
              },
            },
          },
        },
      },
    ]);
  });

  test("text at the queue that is no job request", async () => {
    const services = sampleServices();
    const outcome = await submitJob(services, message({ run: "everything" }));
    expect(outcome).toMatchObject({ verdict: "refused", error: { code: "ERR_JOB_REQUEST_INVALID" } });
    expect(onlySubmission(services)?.state).toBe("refused");
  });

  test("to the tenant's own queue as well, where it has one", async () => {
    const completionQueueUrl = "https://sqs.eu-west-1.amazonaws.com/111122223333/acme-ends";
    const services = sampleServices(sampleSetup({ tenant: { completionQueueUrl } }));
    await submitJob(services, message(outside));
    expect(services.events.published[0]?.queueUrl).toBe(completionQueueUrl);
  });

  test("an HTTP request without a trace: its caller reads the answer, and may use the key again", async () => {
    const services = sampleServices();
    const outcome = await submitJob(services, overHttp({ ...outside, requestId: "n-42" }));
    expect(outcome).toMatchObject({ verdict: "refused", error: { code: "ERR_JOB_NOT_ALLOWED" } });
    expect(outcome).not.toHaveProperty("submission");
    expect(services.submissions.all()).toStrictEqual([]);
    expect(services.events.published).toStrictEqual([]);
    const corrected = await submitJob(services, overHttp({ ...spark, requestId: "n-42" }));
    expect(corrected).toMatchObject({ verdict: "started", repeat: false });
  });

  test.each([
    ["another entry point", { ...outside, requestId: "n-42" }],
    ["the tenant that was named", { ...spark, requestId: "n-42", tenantId: "globex" }],
    ["a field that was unknown", { ...spark, requestId: "n-42", colour: "red" }],
  ])("for now: a corrected request takes the place of the refused one (%s)", async (_what, wrong) => {
    const services = sampleServices();
    const refused = await submitJob(services, message(wrong, { requestId: "n-42" }));
    expect(refused.verdict).toBe("refused");
    const corrected = await submitJob(services, message({ ...spark, requestId: "n-42" }));
    expect(corrected).toMatchObject({ verdict: "started", repeat: false });
    expect(onlySubmission(services)?.state).toBe("started");
  });

  test("each wrong request under one key with an event of its own", async () => {
    const services = sampleServices();
    await submitJob(services, message({ ...outside, requestId: "n-42" }));
    await submitJob(services, message({ ...outside, requestId: "n-42", name: "x" }));
    expect(new Set(publishedIds(services)).size).toBe(2);
  });

  test("two request ids in one message", async () => {
    const services = sampleServices();
    const outcome = await submitJob(services, message({ ...spark, requestId: "a" }, { requestId: "b" }));
    expect(outcome).toMatchObject({
      verdict: "refused",
      submission: { submissionId: "059f36b4" },
      error: {
        code: "ERR_JOB_REQUEST_INVALID",
        message: "Cannot submit the job request: it gives two different request ids",
        faults: [{ pointer: "/requestId", current: '"a"' }],
      },
    });
  });
});

describe("submitJob() and a request id that another job request has", () => {
  const conflicting = { ...spark, requestId: "n-42", name: "another" };
  const conflict = {
    verdict: "refused",
    repeat: false,
    error: {
      code: "ERR_SUBMISSION_CONFLICT",
      message:
        'Cannot submit the job request for tenant "acme": request id "n-42" was used for another job request: send this one under a new request id',
      faults: [{ pointer: "/name", message: "differs from the first job request of this request id" }],
    },
  };

  test("refuses it over HTTP, and leaves the first one as it is", async () => {
    const services = sampleServices();
    await submitJob(services, overHttp({ ...spark, requestId: "n-42" }));
    const first = onlySubmission(services);
    expect(await submitJob(services, overHttp(conflicting))).toMatchObject(conflict);
    expect(onlySubmission(services)).toStrictEqual(first);
    expect(services.jobRuns.started).toHaveLength(1);
    expect(services.events.published).toStrictEqual([]);
  });

  test("tells a wrong request over HTTP its own faults, not that the first one runs", async () => {
    const services = sampleServices();
    await submitJob(services, overHttp({ ...spark, requestId: "n-42" }));
    const outcome = await submitJob(services, overHttp({ ...outside, requestId: "n-42" }));
    expect(outcome).toMatchObject({ verdict: "refused", error: { code: "ERR_JOB_NOT_ALLOWED" } });
  });

  test("publishes the refusal at the queue, each time under the same id", async () => {
    const services = sampleServices();
    await submitJob(services, message({ ...spark, requestId: "n-42" }));
    expect(await submitJob(services, message(conflicting))).toMatchObject(conflict);
    await submitJob(services, message(conflicting));
    expect(new Set(publishedIds(services)).size).toBe(1);
    expect(services.events.published[0]?.event.detailType).toBe("Submission Refused");
    expect(onlySubmission(services)?.state).toBe("started");
  });
});

describe("submitJob() and what EMR Serverless answers", () => {
  const refusal = new ServiceError("ERR_EMR_REFUSED", "Cannot start job run: the application is terminated");

  test.each(["queue", "http"] as const)("stores and publishes its refusal (%s)", async (door) => {
    const services = sampleServices();
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => refusal) };
    const outcome = await submitJob(failing, message(spark, { door }));
    expect(outcome).toMatchObject({ verdict: "refused", error: { code: "ERR_EMR_REFUSED" } });
    expect(onlySubmission(services)).toMatchObject({
      state: "refused",
      refusal: { code: "ERR_EMR_REFUSED", message: "Cannot start job run: the application is terminated" },
      publishedAt: noon,
    });
    expect(services.events.published).toHaveLength(1);
  });

  test("asks it again for the same request, because an operator may have mended what it refused", async () => {
    const services = sampleServices();
    const jobRuns = failingWith(services.jobRuns, "start", () => refusal);
    await submitJob({ ...services, jobRuns }, message(spark));
    await submitJob({ ...services, jobRuns }, message(spark));
    const ids = services.events.published.map(({ event }) => event.detail.id);
    expect(new Set(ids).size).toBe(1);
    expect(await submitJob(services, message(spark))).toMatchObject({ verdict: "started" });
    expect(onlySubmission(services)).toMatchObject({ state: "started" });
  });

  test("takes a run that another delivery has started meanwhile for what it is", async () => {
    const services = sampleServices();
    const submissions = {
      ...services.submissions,
      accept: async (proposed: NewSubmission) => {
        const acceptance = await services.submissions.accept(proposed);
        services.clock.pass(leaseMs + 1);
        await submitJob(services, message(spark));
        return acceptance;
      },
    };
    const jobRuns = failingWith(services.jobRuns, "start", () => refusal);
    const outcome = await submitJob({ ...services, submissions, jobRuns }, message(spark));
    expect(outcome).toMatchObject({ verdict: "started", submission: { jobRunId: "00mem00000000001" } });
    expect(services.events.published).toStrictEqual([]);
  });

  test("lets a throttled job wait for its turn, and empties the bucket that promised a token", async () => {
    const services = sampleServices();
    const busy = new ServiceError("ERR_EMR_BUSY", "Cannot start job run: throttled");
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => busy) };
    expect(await submitJob(failing, message(spark))).toMatchObject({
      verdict: "accepted",
      submission: { state: "waiting", waitingFor: "account-rate" },
    });
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 1 });
    expect(await services.starts.takeTokens("StartJobRun", 1, "dispatcher")).toMatchObject({ taken: 0 });
  });

  test.each(["ERR_EMR_DOWN", "ERR_EMR_CONFLICT", "ERR_EMR_DENIED", "ERR_APPLICATION_NOT_FOUND"] as const)(
    "keeps a job starting after %s: whoever comes when its lease has run out tries again",
    async (code) => {
      const services = sampleServices();
      let down: ServiceError | undefined = new ServiceError(code, "Cannot start job run: later");
      const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => down) };
      expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "accepted", repeat: false });
      expect(onlySubmission(services)?.state).toBe("starting");
      expect(services.events.published).toStrictEqual([]);
      down = undefined;
      expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "accepted", repeat: true });
      services.clock.pass(leaseMs + 1);
      expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "started", repeat: true });
    },
  );

  test("finds the run that a conflict speaks of by its name, and never takes another token", async () => {
    const services = sampleServices();
    const started = { ...services, submissions: crashingAfter(services.submissions, "accept") };
    await expect(submitJob(started, message(spark))).rejects.toThrow("crash after accept");
    const frozen: StartJobRunInput = JSON.parse(onlySubmission(services)?.input ?? "{}");
    const { jobRunId } = await services.jobRuns.start(frozen);
    services.clock.pass(leaseMs + 1);
    const conflict = new ServiceError("ERR_EMR_CONFLICT", "Cannot start job run: conflict");
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => conflict) };
    expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "started", submission: { jobRunId } });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("looks for the run page after page, each with a token of ListJobRuns, and no further than it has tokens", async () => {
    const services = sampleServices();
    const started = { ...services, submissions: crashingAfter(services.submissions, "accept") };
    await expect(submitJob(started, message(spark))).rejects.toThrow("crash after accept");
    const conflict = new ServiceError("ERR_EMR_CONFLICT", "Cannot start job run: conflict");
    const pages: (string | undefined)[] = [];
    const jobRuns = {
      ...services.jobRuns,
      start: () => Promise.reject(conflict),
      list: async (_input: StartJobRunInput, _since: string, page?: string) => {
        pages.push(page);
        return { jobRunIds: new Map(), nextPage: `page ${pages.length + 1}` };
      },
    };
    services.clock.pass(leaseMs + 1);
    expect(await submitJob({ ...services, jobRuns }, message(spark))).toMatchObject({ verdict: "accepted" });
    expect(pages).toEqual([undefined, ...Array.from({ length: 19 }, (_, at) => `page ${at + 2}`)]);
    services.clock.pass(leaseMs + 1);
    await services.starts.takeTokens("ListJobRuns", 100, "dispatcher");
    expect(await submitJob({ ...services, jobRuns }, message(spark))).toMatchObject({
      verdict: "accepted",
      error: { code: "ERR_EMR_BUSY" },
    });
    expect(pages).toHaveLength(20);
    expect(onlySubmission(services)?.state).toBe("starting");
  });

  test("refuses nothing where it cannot be known whether the run exists", async () => {
    const services = sampleServices();
    const lost = { ...services, jobRuns: crashingAfter(services.jobRuns, "start") };
    await expect(submitJob(lost, message(spark))).rejects.toThrow("crash after start");
    services.clock.pass(leaseMs + 1);
    await services.starts.takeTokens("ListJobRuns", 100, "dispatcher");
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => refusal) };
    expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "accepted" });
    expect(onlySubmission(services)?.state).toBe("starting");
  });

  test("does not take a validation error for a refusal where the run exists", async () => {
    const services = sampleServices();
    const lost = { ...services, jobRuns: crashingAfter(services.jobRuns, "start") };
    await expect(submitJob(lost, message(spark))).rejects.toThrow("crash after start");
    services.clock.pass(leaseMs + 1);
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => refusal) };
    expect(await submitJob(failing, message(spark))).toMatchObject({ verdict: "started" });
    expect(onlySubmission(services)?.state).toBe("started");
  });

  test("passes on what it does not know: that is a bug, and is retried", async () => {
    const services = sampleServices();
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", () => new TypeError("oops")) };
    await expect(submitJob(failing, message(spark))).rejects.toThrow("oops");
    expect(onlySubmission(services)?.state).toBe("starting");
  });
});
