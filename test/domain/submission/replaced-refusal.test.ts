import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { leaseMs } from "#domain/submission/start-submission.ts";
import { submitJob } from "#domain/submission/submit-job.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { repair } from "#domain/turns/repair.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

const limits = { maxActive: 2, maxWaiting: 10, weight: 1 };
const minute = 60_000;

const setup = sampleSetup({ tenant: { limits } });

const message = (id = "059f36b4"): Delivery => {
  const document = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } };
  return {
    setup,
    door: "queue",
    caller: "sender:AROA1:acme",
    parsed: parseJobRequest(document),
    text: JSON.stringify(document),
    fallback: { kind: "delivery", id },
  };
};

const refusal = new ServiceError("ERR_EMR_REFUSED", "Cannot start job run: the application is terminated");

const refusing = (services: SampleServices): Services => ({
  ...services,
  jobRuns: failingWith(services.jobRuns, "start", () => refusal),
});

/** The services, where something else happens once a method of the ledger has done its work, and before it answers. */
const meanwhile = (
  services: Services,
  method: keyof Services["submissions"],
  happens: () => Promise<unknown>,
): Services => {
  let happened = false;
  const get = (target: Services["submissions"], key: string | symbol): unknown => {
    const member: unknown = Reflect.get(target, key);
    if (key !== method || typeof member !== "function") return member;
    return async (...given: unknown[]): Promise<unknown> => {
      const result: unknown = await Reflect.apply(member, target, given);
      if (!happened) {
        happened = true;
        await happens();
      }
      return result;
    };
  };
  return { ...services, submissions: new Proxy(services.submissions, { get }) };
};

const slots = async ({ starts }: SampleServices): Promise<number> => (await starts.line("acme")).active.length;

const complete = async (services: SampleServices): Promise<void> => {
  const [{ applicationId = "", jobRunId = "" } = {}] = services.submissions.all();
  services.jobRuns.change(jobRunId, { state: "SUCCESS" });
  await completeJobRun(services, { applicationId, jobRunId });
};

describe("a submission that takes the place of a refused one", () => {
  test("keeps its slot when the refused one's is freed after it has started", async () => {
    const services = sampleServices(setup);
    const first = meanwhile(refusing(services), "recordRefusal", async () => {
      expect(await submitJob(services, message())).toMatchObject({ verdict: "started" });
    });
    expect(await submitJob(first, message())).toMatchObject({ verdict: "refused" });
    expect(services.submissions.all()).toMatchObject([{ state: "started" }]);
    expect(await slots(services)).toBe(1);
    await complete(services);
    expect(await slots(services)).toBe(0);
  });

  test("keeps its slot when an audit that has read the refused one frees that one's", async () => {
    const services = sampleServices(setup);
    const crashing = { ...refusing(services), submissions: crashingAfter(services.submissions, "recordRefusal") };
    await expect(submitJob(crashing, message())).rejects.toThrow("crash after recordRefusal");
    expect(await slots(services)).toBe(1);
    const audit = meanwhile(services, "getAll", async () => await submitJob(services, message()));
    expect(await repair(audit, services.later(minute))).toMatchObject({ slotsFreed: 1 });
    expect(services.submissions.all()).toMatchObject([{ state: "started" }]);
    expect(await slots(services)).toBe(1);
    expect(await repair(services, services.later(minute))).toMatchObject({ slotsFreed: 0 });
  });

  test("comes after the refusal is published, also where whoever was refused died", async () => {
    const services = sampleServices(setup);
    const crashing = { ...refusing(services), submissions: crashingAfter(services.submissions, "recordRefusal") };
    await expect(submitJob(crashing, message())).rejects.toThrow("crash after recordRefusal");
    expect(await submitJob(services, message())).toMatchObject({ verdict: "started", repeat: false });
    expect(services.events.published.map(({ event }) => event.detailType)).toEqual(["Submission Refused"]);
    expect(await slots(services)).toBe(1);
  });

  test("finds the slot again that it took before it died", async () => {
    const services = sampleServices(setup);
    await submitJob(refusing(services), message());
    let entered = 0;
    const starts = {
      ...services.starts,
      enter: async (...given: Parameters<typeof services.starts.enter>) => {
        const entry = await services.starts.enter(...given);
        entered += 1;
        if (entered === 2) throw new Error("crash after its own slot");
        return entry;
      },
    };
    await expect(submitJob({ ...services, starts }, message())).rejects.toThrow("crash after its own slot");
    expect(await slots(services)).toBe(1);
    expect(await submitJob(services, message())).toMatchObject({ verdict: "started" });
    expect(await slots(services)).toBe(1);
  });

  test("uses the token that was taken for it, where the bucket holds no second one", async () => {
    const services = sampleServices(setup);
    await submitJob(refusing(services), message());
    await services.starts.takeTokens("StartJobRun", 22, "dispatcher");
    expect(await submitJob(services, message())).toMatchObject({ verdict: "started" });
    expect(await services.starts.takeTokens("StartJobRun", 1, "dispatcher")).toMatchObject({ taken: 0 });
  });

  test("waits for its turn where the slots are taken, and gives back nobody else's", async () => {
    const services = sampleServices(setup);
    await submitJob(refusing(services), message());
    for (const id of ["other-1", "other-2"]) await submitJob(services, message(id));
    expect(await submitJob(services, message())).toMatchObject({
      verdict: "accepted",
      submission: { state: "waiting", waitingFor: "tenant-slots" },
    });
    expect(await services.starts.line("acme")).toEqual({ active: ["other-1", "other-2"], waiting: 1 });
  });

  test("takes its own slot in its turn, also where the dispatcher has read the refused one", async () => {
    const services = sampleServices(setup);
    const waitForTurn = async (): Promise<void> => {
      await services.starts.takeTokens("StartJobRun", 24, "dispatcher");
      expect(await submitJob(services, message())).toMatchObject({ submission: { state: "waiting" } });
      services.clock.pass(30_000);
    };
    await waitForTurn();
    const read = await services.submissions.waiting("acme", 10);
    await dispatch(refusing(services), "one", services.later(1000));
    await waitForTurn();
    const late = { ...services, submissions: { ...services.submissions, waiting: async () => read } };
    await dispatch(late, "other", services.later(1000));
    expect(services.submissions.all()).toMatchObject([{ state: "started", acceptance: 2 }]);
    await complete(services);
    expect(await slots(services)).toBe(0);
  });

  test("is not refused by an answer that its predecessor got late", async () => {
    const services = sampleServices(setup);
    let answered = 0;
    const late: Services = {
      ...services,
      jobRuns: {
        ...services.jobRuns,
        start: async () => {
          answered += 1;
          if (answered === 1) {
            // The lease runs out while the answer is on its way: another attempt is refused, and its place is taken.
            services.clock.pass(leaseMs + 1);
            await submitJob(refusing(services), message());
            // The first refusal is not for good: a call was not answered yet, and may arrive late.
            services.clock.pass(90_000);
            await submitJob(refusing(services), message());
            await submitJob(services, message());
          }
          throw refusal;
        },
      },
    };
    expect(await submitJob(late, message())).toMatchObject({ verdict: "refused" });
    expect(services.submissions.all()).toMatchObject([{ state: "started" }]);
    expect(await slots(services)).toBe(1);
  });

  test("may be refused in its turn: each refusal is an event of its own", async () => {
    const services = sampleServices(setup);
    for (const _ of [1, 2, 3]) {
      expect(await submitJob(refusing(services), message())).toMatchObject({ verdict: "refused" });
      services.clock.pass(1000);
    }
    expect(new Set(services.events.published.map(({ event }) => event.detail.id)).size).toBe(3);
    expect(services.submissions.all()).toMatchObject([{ state: "refused", acceptance: 3 }]);
    expect(await slots(services)).toBe(0);
  });
});
