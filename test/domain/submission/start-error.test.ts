import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ErrorCode, ServiceError } from "#domain/errors.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { restMs } from "#domain/submission/start-error.ts";
import { startSubmission } from "#domain/submission/start-submission.ts";
import { submissionView } from "#domain/submission/submission-view.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { noon, sampleSetup } from "#test/helpers/setup.ts";
import { startingSubmission } from "#test/helpers/submission.ts";

const minute = 60_000;
const day = 24 * 60 * minute;

/** What EMR Serverless does with the next calls: it may take one, and never say so, or have forgotten the token. */
type Behaviour = ErrorCode | "takes it in silence" | "forgets tokens" | "is well";

const errorOf = (code: ErrorCode): ServiceError => new ServiceError(code, `Cannot start job run: ${code}`);

/** A submission with its slot, and an EMR Serverless that behaves as it is told to. */
const world = async () => {
  const services = sampleServices(sampleSetup());
  const calls: string[] = [];
  let behaviour: Behaviour = "is well";
  const start: typeof services.jobRuns.start = async (input) => {
    calls.push(JSON.stringify(input));
    if (behaviour === "forgets tokens")
      return await services.jobRuns.start({ ...input, clientToken: `${input.clientToken}.${calls.length}` });
    if (behaviour === "takes it in silence") await services.jobRuns.start(input);
    if (behaviour === "is well") return await services.jobRuns.start(input);
    throw errorOf(behaviour === "takes it in silence" ? "ERR_EMR_DOWN" : behaviour);
  };
  const jobRuns = { ...services.jobRuns, start };
  const parts = { ...services, jobRuns };
  const accepted = await services.submissions.accept(startingSubmission());
  await services.starts.enter("acme", ["req.1"], 25);
  return {
    services,
    jobRuns,
    calls,
    first: async (next: Behaviour) => {
      behaviour = next;
      return await startSubmission(parts, accepted.submission);
    },
    /** Looks once a minute, as the schedule does. */
    reconcile: async (next: Behaviour, milliseconds: number) => {
      behaviour = next;
      for (let passed = 0; passed < milliseconds; passed += minute) {
        services.clock.pass(minute);
        await startExpired(parts, services.later(minute));
      }
    },
  };
};

const only = ({ submissions }: SampleServices) => submissions.all()[0] ?? expect.unreachable();

describe("A start that AWS denies", () => {
  test.each(["ERR_EMR_DENIED", "ERR_APPLICATION_NOT_FOUND"] as const)(
    "by %s is tried ever less often, and always with the same token and the same bytes",
    async (code) => {
      const { services, calls, first, reconcile } = await world();
      expect(await first(code)).toMatchObject({ verdict: "accepted", error: { code } });
      await reconcile(code, 15 * minute);
      expect(calls.length).toBeLessThanOrEqual(6);
      await reconcile(code, day);
      // Every 15 minutes from then on.
      expect(calls.length).toBeLessThanOrEqual(6 + 4 * 24);
      expect(calls.length).toBeGreaterThan(80);
      expect(new Set(calls).size).toBe(1);
      expect(only(services)).toMatchObject({ state: "starting", startError: { code, since: noon } });
      await reconcile("is well", 16 * minute);
      expect(only(services)).toMatchObject({ state: "started" });
      expect(services.jobRuns.started).toHaveLength(1);
    },
  );

  test("says why to its tenant, and when it is tried again, until it has started", async () => {
    const { services, first, reconcile } = await world();
    expect(submissionView(only(services))).not.toHaveProperty("startError");
    await first("ERR_EMR_DENIED");
    expect(submissionView(only(services))).toMatchObject({
      state: "starting",
      startError: {
        code: "ERR_EMR_DENIED",
        title: "Sluice may not start this job run",
        since: noon,
        nextTryAt: "2026-11-22T12:00:30.000Z",
      },
    });
    await reconcile("is well", minute);
    expect(submissionView(only(services))).toMatchObject({ state: "started" });
    expect(submissionView(only(services))).not.toHaveProperty("startError");
  });

  test("leaves the account's tokens to others: 25 of them take less than one in 20", async () => {
    const { services, first } = await world();
    await first("ERR_EMR_DENIED");
    const ids = Array.from({ length: 24 }, (_, at) => `req.denied-${at}`);
    for (const submissionId of ids) await services.submissions.accept(startingSubmission({ submissionId }));
    await services.starts.enter("acme", ids, 25);
    const start = async () => await Promise.reject(errorOf("ERR_EMR_DENIED"));
    const denied = { ...services, jobRuns: { ...services.jobRuns, start } };
    const hour = async () => {
      const before = services.starts.letThrough.length;
      for (let minutes = 0; minutes < 60; minutes += 1) {
        services.clock.pass(minute);
        await startExpired(denied, services.later(minute));
      }
      return services.starts.letThrough.length - before;
    };
    await hour();
    expect(await hour()).toBeLessThan(3600 / 20);
  });

  test("can be cancelled like one that waits, and holds its slot no longer", async () => {
    const { services, first, reconcile } = await world();
    await first("ERR_EMR_DENIED");
    let wakes = 0;
    const wake = async () => {
      wakes += 1;
    };
    expect(await cancelSubmission({ ...services, wake }, only(services))).toMatchObject({ verdict: "cancelled" });
    expect(wakes).toBe(1);
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 0 });
    await reconcile("is well", 20 * minute);
    expect(only(services)).toMatchObject({ state: "cancelled" });
    expect(services.jobRuns.started).toEqual([]);
  });

  test("leaves the count of who waits alone when it is cancelled after its slot was lost", async () => {
    const { services, first } = await world();
    await first("ERR_EMR_DENIED");
    await services.starts.leave("acme", ["req.1"]);
    await services.starts.queueUp("acme", 2, 10);
    await cancelSubmission(services, only(services));
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 2 });
  });

  test("is not cancelled by who has not seen that it is tried again", async () => {
    const { services, first, reconcile } = await world();
    await first("ERR_EMR_DENIED");
    const seen = only(services);
    await reconcile("takes it in silence", minute);
    await expect(cancelSubmission(services, seen)).rejects.toMatchObject({ code: "ERR_SUBMISSION_NOT_WAITING" });
    expect(await services.starts.line("acme")).toEqual({ active: ["req.1"], waiting: 0 });
  });

  test("has no job run, so a throttle gives its turn back, and it can be cancelled", async () => {
    const { services, first, reconcile } = await world();
    await first("ERR_EMR_DENIED");
    await reconcile("ERR_EMR_BUSY", minute);
    expect(only(services)).toMatchObject({ state: "waiting", waitingFor: "account-rate" });
    await cancelSubmission(services, only(services));
    expect(only(services)).toMatchObject({ state: "cancelled" });
    expect(services.jobRuns.started).toEqual([]);
  });
});

describe("A call without an answer", () => {
  test("may arrive late: a refusal is none for good until 90 seconds have passed", async () => {
    const { services, first, reconcile } = await world();
    await first("ERR_EMR_DOWN");
    await reconcile("ERR_EMR_REFUSED", minute);
    expect(only(services)).toMatchObject({
      state: "starting",
      startError: { code: "ERR_EMR_REFUSED", mayRunSince: noon },
    });
    expect((await services.starts.line("acme")).active).toEqual(["req.1"]);
    await reconcile("ERR_EMR_REFUSED", 2 * minute);
    expect(only(services)).toMatchObject({ state: "refused" });
    expect((await services.starts.line("acme")).active).toEqual([]);
  });

  test("is repeated soon, and finds its job run by its token", async () => {
    const { services, first, reconcile } = await world();
    await first("takes it in silence");
    expect(only(services)).toMatchObject({ startError: { code: "ERR_EMR_DOWN", mayRunSince: noon } });
    await reconcile("is well", minute);
    expect(only(services)).toMatchObject({ state: "started", jobRunId: "00mem00000000001" });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("is tried again within minutes after an outage of hours", async () => {
    const { services, jobRuns, first, reconcile } = await world();
    await first("ERR_EMR_DOWN");
    jobRuns.list = async () => await Promise.reject(errorOf("ERR_EMR_DOWN"));
    await reconcile("ERR_EMR_DOWN", day / 4);
    jobRuns.list = services.jobRuns.list;
    await reconcile("is well", 6 * minute);
    expect(only(services)).toMatchObject({ state: "started" });
  });

  test("may have a job run, so a throttle keeps its slot, and nobody cancels it as one that waits", async () => {
    const { services, first, reconcile } = await world();
    await first("takes it in silence");
    await reconcile("ERR_EMR_BUSY", minute);
    expect(only(services)).toMatchObject({
      state: "starting",
      startError: { code: "ERR_EMR_BUSY", mayRunSince: noon },
    });
    await expect(cancelSubmission(services, only(services))).rejects.toMatchObject({
      code: "ERR_SUBMISSION_NOT_WAITING",
    });
  });

  test("that was denied afterwards finds its job run by name, however long that took and whatever AWS forgot", async () => {
    const { services, calls, first, reconcile } = await world();
    await first("takes it in silence");
    await reconcile("ERR_EMR_DENIED", 4 * minute);
    const before = calls.length;
    await reconcile("forgets tokens", day);
    expect(only(services)).toMatchObject({ state: "started", jobRunId: "00mem00000000001" });
    expect(services.jobRuns.started).toHaveLength(1);
    expect(calls).toHaveLength(before);
  });

  test("whose caller died is no different", async () => {
    const { services, reconcile } = await world();
    await services.jobRuns.start(JSON.parse(only(services).input ?? ""));
    services.clock.pass(10 * minute);
    await reconcile("forgets tokens", minute);
    expect(only(services)).toMatchObject({ state: "started", jobRunId: "00mem00000000001" });
    expect(services.jobRuns.started).toHaveLength(1);
    // Nothing was called, so the token is there again.
    expect((await services.starts.takeTokens("StartJobRun", 25, "dispatcher")).taken).toBe(24);
  });

  test("is known to whoever comes after one that died at the next try (seed 204)", async () => {
    const { services, first, reconcile } = await world();
    await first("takes it in silence");
    services.clock.pass(4 * minute);
    const line = async () => await Promise.reject(new Error("the function's time is up"));
    await startExpired({ ...services, starts: { ...services.starts, line } }, services.later(minute));
    expect(only(services)).toMatchObject({ state: "starting", startError: { since: noon, mayRunSince: noon } });
    services.clock.pass(3 * minute);
    await reconcile("forgets tokens", minute);
    expect(only(services)).toMatchObject({ state: "started", jobRunId: "00mem00000000001" });
    expect(services.jobRuns.started).toHaveLength(1);
  });

  test("made no job run where none is found by name: it is called then", async () => {
    const { services, reconcile } = await world();
    services.clock.pass(10 * minute);
    await reconcile("forgets tokens", minute);
    expect(services.jobRuns.started).toHaveLength(1);
    expect(only(services)).toMatchObject({ state: "started" });
  });

  test("is never repeated where too many job runs came after it to tell", async () => {
    const { services, jobRuns, calls, reconcile } = await world();
    jobRuns.list = async () => ({ jobRunIds: new Map(), nextPage: "more" });
    services.clock.pass(10 * minute);
    await reconcile("is well", 3 * 60 * minute);
    expect(calls).toEqual([]);
    expect(only(services)).toMatchObject({ state: "starting", startError: { code: "ERR_EMR_CONFLICT" } });
  });

  test("for a reason that nobody foresaw rests as well", async () => {
    const { services, reconcile } = await world();
    const broken = {
      ...services,
      jobRuns: { ...services.jobRuns, start: () => Promise.reject(new RangeError("luck")) },
    };
    await expect(startSubmission(broken, only(services))).rejects.toThrow("luck");
    expect(only(services)).toMatchObject({ state: "starting", startError: { since: noon, mayRunSince: noon } });
    expect(submissionView(only(services))["startError"]).toEqual({
      since: noon,
      nextTryAt: "2026-11-22T12:00:30.000Z",
    });
    await reconcile("is well", minute);
    expect(only(services)).toMatchObject({ state: "started" });
  });
});

test("restMs() is as long as a start was tried in vain, within bounds", () => {
  const at = (milliseconds: number): string => new Date(Date.parse(noon) + milliseconds).toISOString();
  const codes = [undefined, "ERR_EMR_DENIED", "ERR_EMR_DOWN", "ERR_EMR_BUSY"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...codes), fc.nat(day), (code, passed) => {
      const rest = restMs({ since: noon, ...(code !== undefined && { code }) }, at(passed));
      expect(rest).toBeGreaterThanOrEqual(code === "ERR_EMR_DOWN" ? 5000 : 30_000);
      expect(rest).toBeLessThanOrEqual(code === "ERR_EMR_DENIED" || code === undefined ? 15 * minute : 5 * minute);
      if (passed >= 30_000 && passed <= 5 * minute) expect(rest).toBe(passed);
    }),
  );
});
