import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { ServiceError } from "#domain/errors.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { submitJob, submitJobs } from "#domain/submission/submit-job.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

const spark = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };

const limits = { maxActive: 1000, maxWaiting: 10_000, weight: 1 };
const acme = sampleSetup({ tenant: { limits } });
const globexEntry = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/globex/report.py" } } };
const globex = sampleSetup({ tenant: { tenantId: "globex", limits, entryPoints: ["s3://jobs/globex/"] } });

const delivery = (setup: TenantSetup, id: string, own: object = {}): Delivery => ({
  setup,
  door: "queue",
  caller: "sender:AROA1",
  parsed: parseJobRequest({ ...(setup === globex ? globexEntry : spark), ...own }),
  text: id,
  fallback: { kind: "delivery", id },
});

const many = (setup: TenantSetup, prefix: string, count: number): Delivery[] =>
  Array.from({ length: count }, (_, index) => delivery(setup, `${prefix}-${String(index).padStart(5, "0")}`));

const startedIds = ({ jobRuns }: SampleServices): string[] => jobRuns.started.map(({ clientToken }) => clientToken);

/** Dispatches for so many seconds of the clock. */
const dispatchFor = async (services: SampleServices, seconds: number) =>
  await dispatch(services, "dispatcher-1", services.later(seconds * 1000));

const complete = async (services: SampleServices, submissionId: string): Promise<void> => {
  const { applicationId = "", jobRunId = "" } = (await services.submissions.get(submissionId)) ?? {};
  services.jobRuns.change(jobRunId, { state: "SUCCESS" });
  await completeJobRun(services, { applicationId, jobRunId });
};

describe("submitJobs() and dispatch()", () => {
  test("start a burst at once and the rest at the account's rate, in the order of their coming", async () => {
    const services = sampleServices(acme);
    const outcomes = await submitJobs(services, many(acme, "a", 40));
    expect(outcomes.filter(({ verdict }) => verdict === "started")).toHaveLength(24);
    expect(outcomes[30]).toMatchObject({
      verdict: "accepted",
      submission: { state: "waiting", waitingFor: "account-rate" },
    });
    await dispatchFor(services, 5.5);
    expect(services.jobRuns.started).toHaveLength(29);
    await dispatchFor(services, 60);
    expect(startedIds(services)).toEqual([...startedIds(services)].sort());
    expect(services.jobRuns.started).toHaveLength(40);
  });

  test("give the others their turns where one tenant's record cannot be read", async () => {
    const services = sampleServices(acme, globex);
    await submitJobs(services, [...many(acme, "a", 26), ...many(globex, "g", 2)]);
    const broken = new ServiceError("ERR_TENANT_UNREADABLE", 'Cannot read "tenant#acme"');
    const byId = async (tenantId: string) => {
      if (tenantId === "acme") throw broken;
      return await services.tenants.byId(tenantId);
    };
    const before = services.jobRuns.started.length;
    await dispatchFor({ ...services, tenants: { ...services.tenants, byId } }, 30);
    expect(startedIds(services).slice(before)).toEqual(["g-00000", "g-00001"]);
  });

  test("start a quiet tenant's job next, whatever another has waiting", async () => {
    const services = sampleServices(acme, globex);
    await submitJobs(services, many(acme, "a", 200));
    await dispatchFor(services, 10);
    await submitJob(services, delivery(globex, "g-1"));
    const before = services.jobRuns.started.length;
    await dispatchFor(services, 3);
    expect(startedIds(services).slice(before, before + 2)).toContain("g-1");
  });

  test("start a quiet tenant's job within a second and a turn, however many tokens there are for the others", async () => {
    const sample = sampleServices(acme, globex);
    const rates = { StartJobRun: { perSecond: 10, burst: 100 } };
    const services = { ...sample, starts: memoryStarts({ now: sample.now, rates }) };
    await submitJobs(services, many(acme, "a", 200));
    services.clock.pass(10_000);
    const before = services.jobRuns.started.length;
    const start: typeof services.jobRuns.start = async (input) => {
      services.clock.pass(200);
      if (services.jobRuns.started.length === before + 3) await submitJob(services, delivery(globex, "g-1"));
      return await services.jobRuns.start(input);
    };
    await dispatch({ ...services, jobRuns: { ...services.jobRuns, start } }, "dispatcher-1", services.later(50_000));
    const startedWhileLeading = startedIds(services).slice(before);
    expect(startedWhileLeading).toContain("g-1");
    expect(startedWhileLeading.indexOf("g-1")).toBeLessThan(3 + 1000 / 200 + 2);
  });

  test("give the next turn while StartJobRun has not answered, to ten at once, and wait for all of them in the end", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 40));
    services.clock.pass(60_000);
    const before = services.jobRuns.started.length;
    const unanswered: (() => void)[] = [];
    const mostAtOnce: number[] = [];
    let calls = 0;
    const start: typeof services.jobRuns.start = async (input) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      calls += 1;
      mostAtOnce.push(unanswered.push(resolve));
      if (unanswered.length === 10 || calls === 16) for (const answer of unanswered.splice(0)) answer();
      await promise;
      return await services.jobRuns.start(input);
    };
    const slow = { ...services, jobRuns: { ...services.jobRuns, start } };
    const { started } = await dispatch(slow, "dispatcher-1", services.later(300_000));
    expect(started).toHaveLength(16);
    expect(Math.max(...mostAtOnce)).toBe(10);
    const ids = startedIds(services).slice(before);
    expect(ids).toEqual(ids.toSorted());
  });

  test("start the higher priority first within a tenant", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 26));
    await submitJob(services, delivery(acme, "urgent", { priority: 9 }));
    await dispatchFor(services, 1.5);
    expect(startedIds(services)[24]).toBe("urgent");
  });

  test("start the highest priority first whenever there is a token, also what came while others had their turns", async () => {
    const arrivals = fc.array(fc.record({ pause: fc.nat(25), priority: fc.nat(9) }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(arrivals, async (coming) => {
        const services = sampleServices(acme);
        await services.starts.takeTokens("StartJobRun", 25, "dispatcher");
        const waiting: { readonly id: string; readonly priority: number }[] = [];
        let pauses = 0;
        const wanted: (string | undefined)[] = [];
        const arrive = async () => {
          for (const [at, { pause, priority }] of coming.entries()) {
            if (pause !== pauses) continue;
            const id = `a-${String(pause).padStart(2, "0")}-${String(at).padStart(3, "0")}`;
            waiting.push({ id, priority });
            await submitJob(services, delivery(acme, id, { priority }));
          }
        };
        const pauseUntil = async (time: string) => {
          await services.clock.pauseUntil(time);
          pauses += 1;
          await arrive();
          const first = waiting.toSorted((one, other) => other.priority - one.priority)[0];
          if (first !== undefined) waiting.splice(waiting.indexOf(first), 1);
          wanted.push(first?.id);
        };
        await arrive();
        await dispatch({ ...services, pauseUntil }, "dispatcher-1", services.later(120_000));
        expect(startedIds(services)).toEqual(wanted.filter((id) => id !== undefined));
      }),
      { numRuns: 50 },
    );
  });

  test("hold a tenant to its slots, and give a freed one to who waits longest", async () => {
    const one = sampleSetup({ tenant: { limits: { ...limits, maxActive: 1 } } });
    const services = sampleServices(one);
    const [first, second] = await submitJobs(services, many(one, "a", 3));
    expect(first).toMatchObject({ verdict: "started" });
    expect(second).toMatchObject({ verdict: "accepted", submission: { waitingFor: "tenant-slots" } });
    await dispatchFor(services, 5);
    expect(startedIds(services)).toEqual(["a-00000"]);
    await complete(services, "a-00000");
    expect(await submitJob(services, delivery(one, "b"))).toMatchObject({ verdict: "accepted" });
    await dispatchFor(services, 5);
    expect(startedIds(services)).toEqual(["a-00000", "a-00001"]);
    expect(await services.starts.line("acme")).toEqual({ active: ["a-00001"], waiting: 2 });
  });

  test("never start a cancelled submission, and publish that it ended", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 25));
    const waiting = await services.submissions.get("a-00024");
    await cancelSubmission(services, waiting!);
    await dispatchFor(services, 30);
    expect(startedIds(services)).not.toContain("a-00024");
    expect(services.events.published.at(-1)?.event.detail).toMatchObject({ data: { outcome: "CANCELLED" } });
    expect(await services.starts.line("acme")).toMatchObject({ waiting: 0 });
  });

  test("count a message once as waiting that came twice in a batch, and let it have its turn", async () => {
    const one = sampleSetup({ tenant: { limits: { ...limits, maxActive: 1 } } });
    const services = sampleServices(one);
    await submitJob(services, delivery(one, "a"));
    await submitJobs(services, [delivery(one, "b"), delivery(one, "b"), delivery(one, "c")]);
    expect(await services.starts.line("acme")).toEqual({ active: ["a"], waiting: 2 });
    await submitJobs(services, [delivery(one, "b"), delivery(one, "b")]);
    expect(await services.starts.line("acme")).toEqual({ active: ["a"], waiting: 2 });
  });

  test("start nothing of a suspended tenant, and go on when it is resumed", async () => {
    const services = sampleServices(acme);
    await services.starts.suspend("acme", "Migration until noon");
    expect(await submitJob(services, delivery(acme, "a"))).toMatchObject({
      submission: { waitingFor: "tenant-suspended" },
    });
    await dispatchFor(services, 5);
    expect(services.jobRuns.started).toEqual([]);
    await services.starts.suspend("acme", undefined);
    await dispatchFor(services, 5);
    expect(startedIds(services)).toEqual(["a"]);
  });

  test("refuse more than may wait, and say when to come again", async () => {
    const none = sampleSetup({ tenant: { limits: { ...limits, maxActive: 1, maxWaiting: 1 } } });
    const services = sampleServices(none);
    const outcomes: unknown[] = [];
    for (const one of many(none, "a", 3)) outcomes.push(...(await submitJobs(services, [one])));
    expect(outcomes).toMatchObject([
      { verdict: "started" },
      { verdict: "accepted" },
      { verdict: "failed", error: { code: "ERR_TENANT_BUSY", retryAfterSeconds: 30 } },
    ]);
  });

  test("go on with a tenant's next one where EMR Serverless refuses the one that had its only slot", async () => {
    const one = sampleSetup({ tenant: { limits: { ...limits, maxActive: 1 } } });
    const services = sampleServices(one);
    await submitJobs(services, many(one, "a", 10));
    const start = async () => {
      // Whatever else there is to do is done first: StartJobRun takes its time.
      for (let step = 0; step < 200; step += 1) await undefined;
      throw new ServiceError("ERR_EMR_REFUSED", "Cannot start job run: the entry point is too long");
    };
    const refusing = { ...services, jobRuns: { ...services.jobRuns, start } };
    await complete(services, "a-00000");
    await dispatch(refusing, "dispatcher-1", services.later(60_000));
    const states = services.submissions.all().map(({ state }) => state);
    expect(states.filter((state) => state === "refused")).toHaveLength(9);
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 0 });
  });

  test("tell what became of starts where the line cannot be read any more", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 26));
    services.clock.pass(60_000);
    const broken = new ServiceError("ERR_LEDGER_DOWN", "Cannot read the line");
    let looks = 0;
    const waitingTenants = async () => {
      looks += 1;
      if (looks > 1) throw broken;
      return await services.starts.waitingTenants();
    };
    const starts = { ...services.starts, waitingTenants };
    const denied = () => new ServiceError("ERR_EMR_DENIED", "Cannot start job run: denied");
    const jobRuns = failingWith(services.jobRuns, "start", denied);
    const done = await dispatch({ ...services, starts, jobRuns }, "dispatcher-1", services.later(60_000));
    expect(done).toMatchObject({ verdict: "failed", error: broken });
    expect(done.unconfirmed.map(({ submissionId }) => submissionId)).toEqual(["a-00024", "a-00025"]);
  });

  test("give the token back where nothing was started with it", async () => {
    const one = sampleSetup({ tenant: { limits: { ...limits, maxActive: 1 } } });
    const services = sampleServices(one);
    await submitJobs(services, many(one, "a", 2));
    // The line says that there is room, and another one takes the slot before the turn is given.
    const line = async (tenantId: string) => ({ ...(await services.starts.line(tenantId)), active: [] });
    const before = services.starts.letThrough.length;
    await dispatch({ ...services, starts: { ...services.starts, line } }, "dispatcher-1", services.later(5000));
    expect(services.starts.letThrough).toHaveLength(before);
  });

  test("wait for the bucket where AWS throttled all the same, and lose nothing", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 30));
    let throttled = true;
    const busy = (): ServiceError | undefined => {
      if (!throttled) return undefined;
      throttled = false;
      return new ServiceError("ERR_EMR_BUSY", "Cannot start job run: throttled");
    };
    const failing = { ...services, jobRuns: failingWith(services.jobRuns, "start", busy) };
    await dispatch(failing, "dispatcher-1", services.later(120_000));
    expect(new Set(startedIds(services)).size).toBe(30);
    expect(await services.starts.line("acme")).toMatchObject({ waiting: 0 });
  });

  test("read after each pause no more than who goes and who is next, and hold the doors off by few writes", async () => {
    const services = sampleServices(acme);
    await submitJobs(services, many(acme, "a", 100));
    const pages: number[] = [];
    let holds = 0;
    const submissions: typeof services.submissions = {
      ...services.submissions,
      waiting: async (tenantId, limit) => {
        pages.push(limit);
        return await services.submissions.waiting(tenantId, limit);
      },
    };
    const starts: typeof services.starts = {
      ...services.starts,
      holdTokens: async (until) => {
        holds += 1;
        await services.starts.holdTokens(until);
      },
    };
    const counting = { ...services, submissions, starts };
    const { started } = await dispatch(counting, "dispatcher-1", services.later(50_000));
    expect(started.length).toBeGreaterThan(45);
    expect(pages).toEqual([10, ...started.map(() => 2)]);
    expect(holds).toBeLessThan(started.length / 5);
    await services.pauseUntil(services.later(5_000));
    expect(await services.starts.takeTokens("StartJobRun", 1, "door")).toMatchObject({ taken: 0 });
    expect(await services.starts.takeTokens("StartJobRun", 1, "dispatcher")).toMatchObject({ taken: 1 });
  });

  test("leave the lead to one dispatcher", async () => {
    const services = sampleServices(acme);
    await services.starts.lead("another", services.later(60_000));
    expect(await dispatchFor(services, 5)).toEqual({
      verdict: "another-leads",
      started: [],
      failures: [],
      unconfirmed: [],
    });
  });
});
