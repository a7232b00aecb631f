import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { taskTokenOf } from "#domain/request/notify.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { rerunSubmission } from "#domain/submission/rerun-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { submissionView } from "#domain/submission/submission-view.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { sweep } from "#domain/sweep/sweep.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };
const outside = { jobDriver: { sparkSubmit: { entryPoint: "s3://other/report.py" } } };
const run = { applicationId: "00f1abc", jobRunId: "00mem00000000001" };

/** A message of a Step Functions task: a state that is tried again sends another message, with another token. */
const message = (taskToken: string | undefined, document: object = spark, own: Partial<Delivery> = {}): Delivery => {
  const body = { requestId: "nightly", ...document, ...(taskToken !== undefined && { notify: { taskToken } }) };
  return {
    setup: sampleSetup(),
    door: "queue",
    caller: "sender:AROA1:acme",
    parsed: parseJobRequest(body),
    text: JSON.stringify(body),
    taskToken: taskTokenOf(body),
    fallback: { kind: "delivery", id: "059f36b4" },
    ...own,
  };
};

const only = ({ submissions }: SampleServices): Submission => {
  expect(submissions.all()).toHaveLength(1);
  return submissions.all()[0]!;
};

const end = async (services: SampleServices, state = "SUCCESS") => {
  services.jobRuns.change(run.jobRunId, { state });
  return await completeJobRun(services, run);
};

/** Tokens that were told, each with what it was told of. */
const told = ({ events }: SampleServices): string[] =>
  events.told.map(({ event, taskToken }) => `${taskToken}: ${event.detailType}`);

const down = new ServiceError("ERR_EVENTS_DOWN", "Cannot publish: try again");

describe("a submission's task", () => {
  test("is told of the end once, and its token is forgotten", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    expect(only(services)).toMatchObject({ state: "started", taskToken: "one" });
    expect(told(services)).toEqual([]);
    await end(services);
    expect(told(services)).toEqual(["one: Submission Completed"]);
    expect(only(services)).not.toHaveProperty("taskToken");
    await end(services);
    expect(told(services)).toHaveLength(1);
  });

  test("is told by whatever publishes the end: a cancellation, a refusal of EMR Serverless", async () => {
    const setup = sampleSetup({ tenant: { limits: { maxActive: 1 } } });
    const services = sampleServices(setup);
    await submitJob(services, message("runs", spark, { setup }));
    await submitJob(services, message("waits", { ...spark, requestId: "second" }, { setup }));
    await cancelSubmission(services, services.submissions.all()[1]!);
    expect(told(services)).toEqual(["waits: Submission Completed"]);

    const refusing = sampleServices();
    const refusal = new ServiceError("ERR_EMR_REFUSED", "Cannot start the job run: no");
    const jobRuns = failingWith(refusing.jobRuns, "start", () => refusal);
    await submitJob({ ...refusing, jobRuns }, message("refused"));
    expect(told(refusing)).toEqual(["refused: Submission Refused"]);
  });

  test("is told again after a crash in between: a task takes one answer", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    const events = crashingAfter(services.events, "publish");
    await expect(end({ ...services, events })).rejects.toThrow("crash after publish");
    expect(only(services)).toMatchObject({ taskToken: "one" });
    await end(services);
    expect(told(services)).toEqual(["one: Submission Completed", "one: Submission Completed"]);
  });

  test("is not a re-run's", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    const first = only(services);
    await rerunSubmission(services, { setup: sampleSetup(), first, caller: "me", requestId: undefined });
    expect(services.submissions.all().map(({ taskToken }) => taskToken)).toEqual(["one", undefined]);
  });
});

describe("a repeat with another task", () => {
  test("is the same job request: the new task waits in place of the old one", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    expect(await submitJob(services, message("two"))).toMatchObject({ verdict: "started", repeat: true });
    expect(only(services)).toMatchObject({ taskToken: "two" });
    await end(services);
    expect(told(services)).toEqual(["two: Submission Completed"]);
  });

  test("may bring the first token, or none, which leaves the one that waits", async () => {
    const services = sampleServices();
    await submitJob(services, message(undefined));
    await submitJob(services, message("one"));
    await submitJob(services, message(undefined));
    expect(only(services)).toMatchObject({ taskToken: "one" });
  });

  test("writes nothing where the token is the same", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    const submissions = failingWith(services.submissions, "replaceTask", () => new Error("written"));
    await submitJob({ ...services, submissions }, message("one"));
    await submitJob({ ...services, submissions }, message(undefined));
  });

  test("is told at once of an end that is published, and nobody else is", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    await end(services, "FAILED");
    await submitJob(services, message("two"));
    expect(told(services)).toEqual(["one: Submission Completed", "two: Submission Completed"]);
    expect(services.events.told[1]?.event).toEqual(services.events.told[0]?.event);
    expect(services.events.published).toHaveLength(1);
    expect(only(services)).not.toHaveProperty("taskToken");
  });

  test("is told the very event that the first one was told, whatever prices and hours are by then", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    await end(services);
    services.jobRuns.change(run.jobRunId, { billedResourceUtilization: { vCPUHour: 1, memoryGBHour: 4 } });
    services.clock.pass(60_000);
    await sweep(services, services.later(60_000));
    expect(only(services)).toMatchObject({ jobRun: { billedResourceUtilization: { vCPUHour: 1 } } });
    await submitJob({ ...services, prices: { table: {}, architectures: {} } }, message("two"));
    const [first, second] = services.events.told.map(({ event }) => JSON.stringify(event));
    expect(second).toBe(first);
    expect(submissionView(only(services))).not.toHaveProperty("toldEvent");
  });

  test("is told the end made anew where no task waited for it when it was published", async () => {
    const services = sampleServices();
    await submitJob(services, message(undefined));
    await end(services);
    expect(only(services)).not.toHaveProperty("toldEvent");
    await submitJob(services, message("late"));
    expect(told(services)).toEqual(["late: Submission Completed"]);
    expect(services.events.told[0]?.event).toEqual(services.events.published[0]?.event);
  });

  test("comes again where it could not be told", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    await end(services);
    const events = failingWith(services.events, "tellTask", () => down);
    await expect(submitJob({ ...services, events }, message("two"))).rejects.toBe(down);
    await submitJob(services, message("two"));
    expect(told(services)).toEqual(["one: Submission Completed", "two: Submission Completed"]);
  });

  test("that comes while the end is published is not lost: the end stays to be published", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    const publish: SampleServices["events"]["publish"] = async (event, destinations) => {
      await services.events.publish(event, destinations);
      await submitJob(services, message("two"));
    };
    await end({ ...services, events: { ...services.events, publish } });
    expect(only(services)).toMatchObject({ state: "completed", taskToken: "two" });
    expect(only(services)).not.toHaveProperty("publishedAt");
    await end(services);
    expect(told(services)).toEqual(["one: Submission Completed", "two: Submission Completed"]);
    expect(only(services)).toHaveProperty("publishedAt");
  });

  test("of a refused request that gave way meanwhile comes again, and takes nobody's place", async () => {
    const services = sampleServices();
    await submitJob(services, message("one", outside));
    services.clock.pass(1000);
    const submissions = {
      ...services.submissions,
      replaceTask: async (...given: Parameters<typeof services.submissions.replaceTask>) => {
        await submitJob(services, message("mended"));
        return await services.submissions.replaceTask(...given);
      },
    };
    await expect(submitJob({ ...services, submissions }, message("two", outside))).rejects.toMatchObject({
      code: "ERR_LEDGER_DOWN",
      kind: "down",
    });
    expect(only(services)).toMatchObject({ state: "started", taskToken: "mended" });
  });
});

describe("a refusal", () => {
  test("answers the task, and a repeat's task as well", async () => {
    const services = sampleServices();
    await submitJob(services, message("one", outside));
    await submitJob(services, message("two", outside));
    expect(told(services)).toEqual(["one: Submission Refused", "two: Submission Refused"]);
    expect(services.events.published).toHaveLength(1);
    expect(only(services)).toMatchObject({ state: "refused" });
    expect(only(services)).not.toHaveProperty("taskToken");
  });

  test("of a document that is no job request answers the task that can be read", async () => {
    const services = sampleServices();
    await submitJob(services, message("one", { colour: "red" }));
    await submitJob(services, message("two", { colour: "red" }));
    expect(told(services)).toEqual(["one: Submission Refused", "two: Submission Refused"]);
    expect(services.events.published).toHaveLength(1);
  });

  test("that could not be published keeps its task until it is", async () => {
    const services = sampleServices();
    const events = failingWith(services.events, "publish", () => down);
    await expect(submitJob({ ...services, events }, message("one", outside))).rejects.toBe(down);
    expect(only(services)).toMatchObject({ state: "refused", taskToken: "one" });
    await submitJob(services, message("one", outside));
    expect(told(services)).toEqual(["one: Submission Refused"]);
  });

  test("for a request id that another job request has answers its own task, not the first one's", async () => {
    const services = sampleServices();
    await submitJob(services, message("one"));
    const conflict = await submitJob(services, message("two", { ...spark, name: "another" }));
    expect(conflict).toMatchObject({ verdict: "refused", error: { code: "ERR_SUBMISSION_CONFLICT" } });
    expect(told(services)).toEqual(["two: Submission Refused"]);
    expect(only(services)).toMatchObject({ taskToken: "one" });
  });

  test("over HTTP is read by the caller: no task is told", async () => {
    const services = sampleServices();
    const http = { door: "http", fallback: { kind: "none", newId: "x" } } as const;
    await submitJob(services, message("one", outside, http));
    await submitJob(services, message("two", spark, http));
    await submitJob(services, message("three", { ...spark, name: "another" }, http));
    expect(told(services)).toEqual([]);
    expect(only(services)).toMatchObject({ taskToken: "two" });
  });
});

test("a token is in no view, no event and no StartJobRun", async () => {
  const services = sampleServices();
  await submitJob(services, message("the-secret"));
  const views = [submissionView(only(services))];
  await end(services);
  await submitJob(services, message("the-secret", { ...outside, requestId: "another" }));
  views.push(...services.submissions.all().map(submissionView));
  const { started } = services.jobRuns;
  const seen = JSON.stringify([views, started, services.events.published.map(({ event }) => event)]);
  expect(seen).not.toContain("the-secret");
});
