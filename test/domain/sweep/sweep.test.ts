import { describe, expect, test } from "vitest";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { sweep } from "#domain/sweep/sweep.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { adHocRequest, noon, sampleSetup } from "#test/helpers/setup.ts";

const minute = 60_000;
const quickRates = { GetJobRun: { perSecond: 100, burst: 200 } };
const used = { vCPUHour: 1, memoryGBHour: 4, storageGBHour: 0 };
const nothing = {
  looks: 0,
  endingsFound: 0,
  jobRunsGone: 0,
  slotsRestored: 0,
  cancelsRepeated: 0,
  eventsPublished: 0,
  costsFound: 0,
};

const submit = async (services: SampleServices, requestId: string, setup = sampleSetup()) => {
  const document = { ...adHocRequest(), requestId };
  const caller = "iam:arn:aws:iam::111122223333:role/acme";
  const parsed = parseJobRequest(document);
  const text = JSON.stringify(document);
  const fallback = { kind: "none", newId: "x" } as const;
  const outcome = await submitJob(services, { setup, door: "http", caller, parsed, text, fallback });
  if (outcome.verdict !== "started") throw new Error("it was not started");
  return outcome.submission;
};

/** Services with so many started submissions, a minute later. */
const withRuns = async (count: number, setup = sampleSetup({ tenant: { limits: { maxActive: 1000 } } })) => {
  const services = sampleServices(setup);
  for (let at = 0; at < count; at += 1) {
    await services.starts.returnTokens("StartJobRun", 1);
    await submit(services, `n-${at}`, setup);
  }
  services.clock.pass(minute);
  return services;
};

/** A sweep that has so much time. */
const swept = async (services: SampleServices, milliseconds = 50_000) =>
  (await sweep(services, services.clock.later(milliseconds))).swept;

const only = ({ submissions }: SampleServices) => submissions.all()[0] ?? expect.unreachable();
const publishedTypes = ({ events }: SampleServices) => events.published.map(({ event }) => event.detailType);

describe("sweep() finds what no event told", () => {
  test.each(["SUCCESS", "FAILED", "CANCELLED"])(
    "a job run that ended as %s: its slot is free and its end told",
    async (state) => {
      const services = await withRuns(1);
      services.jobRuns.change(only(services).jobRunId ?? "", { state, billedResourceUtilization: used });
      expect(await swept(services)).toEqual({ ...nothing, looks: 1, endingsFound: 1 });
      expect(only(services)).toMatchObject({ state: "completed", jobRun: { state }, expiresAt: expect.any(Number) });
      expect(only(services)).not.toHaveProperty("dueAt");
      expect(publishedTypes(services)).toEqual(["Submission Completed"]);
      expect((await services.starts.line("acme")).active).toEqual([]);
      services.clock.pass(24 * 60 * minute);
      expect(await swept(services)).toEqual(nothing);
    },
  );

  test("slots that were lost of job runs which go on, and gives them back even above the limit", async () => {
    const services = await withRuns(3);
    const ids = services.submissions.all().map(({ submissionId }) => submissionId);
    await services.starts.leave("acme", ids.slice(0, 2));
    for (const { jobRunId = "" } of services.submissions.all()) services.jobRuns.change(jobRunId, { state: "RUNNING" });
    expect(await swept(services)).toEqual({ ...nothing, looks: 3, slotsRestored: 2 });
    expect((await services.starts.line("acme")).active.toSorted()).toEqual(ids.toSorted());
    services.clock.pass(minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 3 });
  });

  test.each(["before the slot is given back", "while it is"])("no slot of a job run that ends %s", async (when) => {
    const services = await withRuns(1);
    const { submissionId, applicationId = "", jobRunId = "" } = only(services);
    services.jobRuns.change(jobRunId, { state: "RUNNING" });
    const end = async (): Promise<void> => {
      services.jobRuns.change(jobRunId, { state: "SUCCESS" });
      await completeJobRun(services, { applicationId, jobRunId });
    };
    const line = async (tenantId: string) => {
      if (when.startsWith("before")) await end();
      return { ...(await services.starts.line(tenantId)), active: [] };
    };
    const restore = async (tenantId: string, slot: string) => {
      await end();
      return await services.starts.restoreSlot(tenantId, slot);
    };
    await services.starts.leave("acme", when.startsWith("while") ? [submissionId] : []);
    const starts = { ...services.starts, line, restoreSlot: restore };
    expect((await sweep({ ...services, starts }, services.later(50_000))).swept.slotsRestored).toBe(0);
    expect((await services.starts.line("acme")).active).toEqual([]);
  });

  test("how far a job run is, and asks again in time", async () => {
    const services = await withRuns(1);
    services.jobRuns.change(only(services).jobRunId ?? "", { state: "RUNNING" });
    for (let times = 0; times < 3; times += 1) {
      expect(await swept(services)).toEqual({ ...nothing, looks: 1 });
      expect(await swept(services)).toEqual(nothing);
      services.clock.pass(minute);
    }
    expect(only(services)).toMatchObject({ state: "started", jobRun: { state: "RUNNING" } });
  });

  test("all of many, at GetJobRun's rate, the longest without news first, and goes on where it stopped", async () => {
    const services = await withRuns(200);
    for (const { jobRunId = "" } of services.submissions.all()) services.jobRuns.change(jobRunId, { state: "SUCCESS" });
    const first = await swept(services, 5000);
    // Pages of 25 at nine tenths of 10 a second: the rest is for ends that events tell of.
    expect(first.endingsFound).toBe(50);
    expect((await services.starts.takeTokens("GetJobRun", 10, "dispatcher")).taken).toBe(10);
    const second = await swept(services, 50_000);
    expect(first.endingsFound + second.endingsFound).toBe(200);
    expect(second.looks).toBe(second.endingsFound);
    expect(services.events.published).toHaveLength(200);
    const asked = services.starts.letThrough.filter(({ api }) => api === "GetJobRun");
    expect(asked).toHaveLength(210);
  });

  test("together with another that sweeps at the same time: each job run is asked for once", async () => {
    const services = await withRuns(30);
    for (const { jobRunId = "" } of services.submissions.all()) services.jobRuns.change(jobRunId, { state: "SUCCESS" });
    const both = await Promise.all([swept(services), swept(services)]);
    expect(both.map(({ looks }) => looks).reduce((sum, looks) => sum + looks, 0)).toBe(30);
    expect(services.events.published).toHaveLength(30);
  });

  test("an ending whose event was not published, and publishes the very event", async () => {
    const services = await withRuns(1);
    services.jobRuns.change(only(services).jobRunId ?? "", { state: "SUCCESS", billedResourceUtilization: used });
    const down = new ServiceError("ERR_EVENTS_DOWN", "Cannot publish the end: try again");
    const failing = { ...services, events: failingWith(services.events, "publish", () => down) };
    const { failures } = await sweep(failing, services.clock.later(minute));
    expect(failures).toMatchObject([{ error: { code: "ERR_EVENTS_DOWN" } }]);
    const { outbox } = only(services);
    services.clock.pass(minute);
    // Prices change, and the tenant with its file: what was stored is what is told.
    expect(await swept({ ...services, prices: { table: {}, architectures: {} } })).toEqual({
      ...nothing,
      eventsPublished: 1,
    });
    expect(services.events.published.map(({ event }) => event)).toEqual([outbox?.ending]);
    expect((await services.starts.line("acme")).active).toEqual([]);
  });

  test("an ending that crashed right after its event: it is told again, under the same id", async () => {
    const services = await withRuns(1);
    services.jobRuns.change(only(services).jobRunId ?? "", { state: "SUCCESS", billedResourceUtilization: used });
    const crashing = { ...services, events: crashingAfter(services.events, "publish") };
    await sweep(crashing, services.clock.later(minute));
    services.clock.pass(minute);
    expect(await swept(services)).toMatchObject({ eventsPublished: 1 });
    const texts = services.events.published.map(({ event }) => JSON.stringify(event));
    expect(texts).toHaveLength(2);
    expect(new Set(texts).size).toBe(1);
  });

  test("a start that was not told, before the end", async () => {
    const setup = sampleSetup({ tenant: { events: { started: true } } });
    const services = sampleServices(setup);
    const down = new ServiceError("ERR_EVENTS_DOWN", "Cannot publish the start: try again");
    const failing = { ...services, events: failingWith(services.events, "publish", () => down) };
    const { jobRunId = "" } = await submit(failing, "n-1", setup);
    expect(services.events.published).toEqual([]);
    services.jobRuns.change(jobRunId, { state: "SUCCESS", billedResourceUtilization: used });
    services.clock.pass(minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 1, eventsPublished: 1, endingsFound: 1 });
    expect(publishedTypes(services)).toEqual(["Submission Started", "Submission Completed"]);
  });
});

describe("sweep() and costs that come late", () => {
  const ended = async () => {
    const services = await withRuns(1);
    const { jobRunId = "" } = only(services);
    services.jobRuns.change(jobRunId, { state: "SUCCESS" });
    await swept(services);
    return { services, jobRunId };
  };

  test("tells them in an event of their own", async () => {
    const { services, jobRunId } = await ended();
    services.clock.pass(minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 1 });
    services.jobRuns.change(jobRunId, { billedResourceUtilization: used });
    services.clock.pass(5 * minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 1, costsFound: 1 });
    expect(publishedTypes(services)).toEqual(["Submission Completed", "Submission Cost Updated"]);
    expect(services.events.published[0]?.event.detail.data).toMatchObject({ utilizationPending: true });
    expect(services.events.published[1]?.event.detail.data).toMatchObject({ cost: { amount: "0.075738" } });
    expect(only(services)).toMatchObject({ jobRun: { billedResourceUtilization: used } });
    expect(only(services)).not.toHaveProperty("dueAt");
  });

  test("gives them up after an hour, with ever fewer looks", async () => {
    const { services } = await ended();
    let looks = 0;
    for (let minutes = 0; minutes < 180; minutes += 1) {
      services.clock.pass(minute);
      looks += (await swept(services)).looks;
    }
    expect(looks).toBeGreaterThan(3);
    expect(looks).toBeLessThan(15);
    expect(only(services)).not.toHaveProperty("dueAt");
    expect(only(services).expiresAt).toBeGreaterThan(Date.parse(noon) / 1000 + 90 * 86_400);
    expect(publishedTypes(services)).toEqual(["Submission Completed"]);
  });
});

describe("sweep() and job runs that are wanted no more, or are gone", () => {
  test("asks again for a cancellation that was not heard, and not for one that was", async () => {
    const services = await withRuns(1);
    await services.starts.takeTokens("CancelJobRun", 25, "door");
    await cancelSubmission(services, only(services));
    services.clock.pass(minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 1, cancelsRepeated: 1 });
    services.clock.pass(minute);
    expect(await swept(services)).toEqual({ ...nothing, looks: 1 });
    expect(only(services)).toMatchObject({ jobRun: { state: "CANCELLING" } });
  });

  test("ends a submission whose job run is unknown for an hour, and says so", async () => {
    const services = await withRuns(1);
    const missing = new ServiceError("ERR_JOB_RUN_MISSING", "EMR Serverless does not know the job run");
    let gone: ServiceError | undefined = missing;
    const jobRuns = failingWith(services.jobRuns, "get", () => gone);
    for (let minutes = 0; minutes < 59; minutes += 1) {
      expect(await swept({ ...services, jobRuns })).toEqual({ ...nothing, looks: 1 });
      services.clock.pass(minute);
    }
    expect(only(services)).toMatchObject({ state: "started", missingSince: "2026-11-22T12:01:00.000Z" });
    gone = undefined;
    await swept({ ...services, jobRuns });
    expect(only(services)).not.toHaveProperty("missingSince");
    gone = missing;
    for (let minutes = 0; minutes <= 60; minutes += 1) {
      services.clock.pass(minute);
      await swept({ ...services, jobRuns });
    }
    expect(only(services)).toMatchObject({ state: "completed", reason: "JOB_RUN_GONE" });
    expect(services.events.published).toMatchObject([
      { event: { detail: { data: { outcome: "UNKNOWN", reason: "JOB_RUN_GONE" } } } },
    ]);
    expect((await services.starts.line("acme")).active).toEqual([]);
  });
});

describe("sweep() where something fails", () => {
  test("looks at the others as well, and says which one failed", async () => {
    const services = await withRuns(3);
    const [{ jobRunId: bad } = { jobRunId: "" }] = services.submissions.all();
    for (const { jobRunId = "" } of services.submissions.all()) services.jobRuns.change(jobRunId, { state: "SUCCESS" });
    const get: typeof services.jobRuns.get = async (applicationId, jobRunId) => {
      if (jobRunId === bad) throw new RangeError("out of luck");
      return await services.jobRuns.get(applicationId, jobRunId);
    };
    const { swept: done, failures } = await sweep(
      { ...services, jobRuns: { ...services.jobRuns, get } },
      services.clock.later(minute),
    );
    expect(done).toMatchObject({ looks: 3, endingsFound: 2 });
    expect(failures).toMatchObject([{ submissionId: only(services).submissionId, error: { name: "RangeError" } }]);
  });

  test("finds the ends of all others where one application is denied, however many job runs are in that", async () => {
    const shared = sampleSetup({ tenant: { limits: { maxActive: 1000 } } });
    const services = await withRuns(60, shared);
    const other = sampleSetup({ tenant: { applications: { shared: "00f2" }, limits: { maxActive: 1000 } } });
    for (let at = 0; at < 5; at += 1) {
      await services.starts.returnTokens("StartJobRun", 1);
      await submit(services, `late-${at}`, other);
    }
    services.clock.pass(minute);
    for (const { jobRunId = "" } of services.submissions.all()) services.jobRuns.change(jobRunId, { state: "SUCCESS" });
    const denied = new ServiceError("ERR_EMR_DENIED", "allow emr-serverless:GetJobRun on it");
    const get: typeof services.jobRuns.get = async (applicationId, jobRunId) => {
      if (applicationId !== "00f2") throw denied;
      return await services.jobRuns.get(applicationId, jobRunId);
    };
    const { swept: done, failures } = await sweep(
      { ...services, jobRuns: { ...services.jobRuns, get } },
      services.clock.later(minute),
    );
    expect(done).toMatchObject({ looks: 30, endingsFound: 5 });
    // A page of them; the rest is put off to the next sweep, which tries again.
    expect(failures).toHaveLength(25);
    expect((await services.submissions.due("started", services.now(), 100)).length).toBe(0);
    services.clock.pass(minute);
    expect(await swept(services)).toMatchObject({ endingsFound: 60 });
  });

  test("looks more often where the account's rate of GetJobRun is higher", async () => {
    const services = await withRuns(150);
    const quick = { ...services, looksPerSecond: 100, starts: memoryStarts({ now: services.now, rates: quickRates }) };
    expect(await swept(quick, 2500)).toMatchObject({ looks: 150 });
    const slow = await withRuns(150);
    expect((await swept(slow, 2500)).looks).toBeLessThan(50);
  });

  test("leaves the rest to the next one where EMR Serverless is away", async () => {
    const services = await withRuns(40);
    const down = new ServiceError("ERR_EMR_DOWN", "EMR Serverless does not answer");
    const jobRuns = failingWith(services.jobRuns, "get", () => down);
    const { failures } = await sweep({ ...services, jobRuns }, services.clock.later(minute));
    expect(failures).toHaveLength(25);
  });

  test("asks for nothing where the time is up, or no token comes in time", async () => {
    const services = await withRuns(1);
    expect(await swept(services, 0)).toEqual(nothing);
    await services.starts.emptyBucket("GetJobRun");
    expect(await swept(services, 50)).toEqual(nothing);
    expect(await swept(services, 1000)).toMatchObject({ looks: 1 });
  });
});
