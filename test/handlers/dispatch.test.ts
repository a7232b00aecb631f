import type { Context } from "aws-lambda";
import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { dispatchHandler } from "#handlers/dispatch.ts";
import { reconcileHandler } from "#handlers/reconcile.ts";
import { sqsEvent } from "./aws-events.ts";
import { deliver, doors, emrDown, failingStart, invoke, limited, noon, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { acme, globex } from "./tenants.ts";

type Doors = ReturnType<typeof doors>;

const give = async ({ door }: Pick<Doors, "door">, remainingMs?: number): Promise<unknown> =>
  await invoke(dispatchHandler(door), {}, remainingMs);

const reconcile = async ({ door }: Pick<Doors, "door">): Promise<unknown> => await invoke(reconcileHandler(door), {});

/** Doors behind which so many submissions of tenant acme wait, and no token is left. */
const withWaiting = async (count: number, maxActive = 100) => {
  const parts = doors({ tenants: [limited(acme, { maxActive }), globex] });
  await parts.starts.takeTokens("StartJobRun", 25, "dispatcher");
  for (let at = 0; at < count; at += 1) await deliver(parts, sqsEvent({ messageId: `m${at}`, body: nightly }));
  parts.wakes.length = 0;
  return parts;
};

const lastLog = ({ log }: Doors) => log.records.at(-1);

describe("dispatchHandler()", () => {
  test("gives every waiting submission its turn at the account's rate, and logs how many started", async () => {
    const parts = await withWaiting(5);
    expect(await give(parts)).toBeUndefined();
    expect(startedFor(parts)).toHaveLength(5);
    expect(lastLog(parts)).toEqual({ level: "info", message: "dispatch", verdict: "done", started: 5 });
    const seconds = parts.submissions.all().map(({ startedAt }) => startedAt?.slice(17, 19));
    expect(seconds).toEqual(["01", "02", "03", "04", "05"]);
    expect(parts.wakes).toEqual([]);
  });

  test("stops in time for the start that is under way, and wakes the next one for the rest", async () => {
    const parts = await withWaiting(10);
    await give(parts, 14_500);
    expect(lastLog(parts)).toEqual({ level: "info", message: "dispatch", verdict: "out-of-time", started: 4 });
    expect(parts.clock.now() <= "2026-11-22T12:00:04.500Z").toBe(true);
    expect(parts.wakes).toHaveLength(1);
    await give(parts, 60_000);
    expect(startedFor(parts)).toHaveLength(10);
  });

  test("starts nothing where no time is left for it, and wakes the next one", async () => {
    const parts = await withWaiting(2);
    parts.clock.pass(60_000);
    await give(parts, 9000);
    expect(startedFor(parts)).toEqual([]);
    expect(lastLog(parts)).toMatchObject({ verdict: "out-of-time", started: 0 });
    expect(parts.wakes).toHaveLength(1);
  });

  test("leaves the turns to another one that leads, and does not wake it", async () => {
    const parts = await withWaiting(2);
    await parts.starts.lead("another", parts.clock.later(15_000));
    await give(parts);
    expect(startedFor(parts)).toEqual([]);
    expect(lastLog(parts)).toMatchObject({ verdict: "another-leads", started: 0 });
    expect(parts.wakes).toEqual([]);
  });

  test("starts nothing while all starts are suspended, and does not wake itself for ever", async () => {
    const parts = await withWaiting(2);
    await parts.starts.suspend("*", "maintenance");
    await give(parts);
    expect(lastLog(parts)).toMatchObject({ verdict: "suspended", started: 0 });
    expect(parts.wakes).toEqual([]);
    await parts.starts.suspend("*", undefined);
    await give(parts);
    expect(startedFor(parts)).toHaveLength(2);
  });

  test("wakes the next one also where its second look at the line runs out of time", async () => {
    const parts = await withWaiting(1);
    const { services, ...door } = parts.door;
    // Somebody comes between the two looks, and the clock has run out by then.
    let looks = 0;
    const lead: typeof services.starts.lead = async (owner, until) => {
      looks += 1;
      if (looks === 2) await deliver(parts, sqsEvent({ messageId: "late", body: nightly }));
      if (looks === 2) parts.clock.pass(19_100);
      return await parts.starts.lead(owner, until);
    };
    await give({ door: { ...door, services: { ...services, starts: { ...parts.starts, lead } } } }, 30_000);
    expect(looks).toBe(2);
    expect(await parts.submissions.get("late")).toMatchObject({ state: "waiting" });
    expect(lastLog(parts)).toMatchObject({ verdict: "out-of-time", started: 1 });
    // One wake of the door, which another dispatcher may have answered while this one led, and one of its own.
    expect(parts.wakes).toHaveLength(2);
  });

  test("logs a start that nobody foresaw to fail, and gives the others their turns", async () => {
    const parts = await withWaiting(2);
    const { services, ...door } = parts.door;
    let calls = 0;
    const start: typeof services.jobRuns.start = async (input) => {
      calls += 1;
      if (calls === 1) throw new RangeError("out of luck");
      return await services.jobRuns.start(input);
    };
    await give({ door: { ...door, services: { ...services, jobRuns: { ...services.jobRuns, start } } } });
    const failed = parts.log.records.filter(({ message }) => message === "start failed");
    expect(failed).toMatchObject([{ level: "error", error: "RangeError", submissionId: expect.any(String) }]);
    expect(parts.log.counts).toContainEqual({ StartsFailed: 1 });
    expect(calls).toBe(2);
  });

  test("says why a start is not confirmed: what an operator has to mend shows nowhere else", async () => {
    const parts = await withWaiting(1);
    const { services, ...door } = parts.door;
    const denied = new ServiceError("ERR_EMR_DENIED", "allow iam:PassRole on the role");
    await give({ door: { ...door, services: { ...services, ...failingStart(denied) } } });
    const told = parts.log.records.filter(({ message }) => message === "start not confirmed");
    expect(told).toMatchObject([{ level: "error", code: "ERR_EMR_DENIED", submissionId: "m0" }]);
    expect(parts.log.counts).toContainEqual({ StartsUnconfirmed: 1 });
    // It is tried again, and says so again.
    parts.clock.pass(30_001);
    await reconcile({ door: { ...door, services: { ...services, ...failingStart(denied) } } });
    expect(parts.log.records.filter(({ message }) => message === "start not confirmed")).toHaveLength(2);
  });

  test("logs what is thrown, and lets it through: it is called again", async () => {
    const parts = await withWaiting(1);
    const { services, ...door } = parts.door;
    const waitingTenants = () => Promise.reject(new RangeError("out of luck"));
    const broken = { ...services, starts: { ...parts.starts, waitingTenants } };
    await expect(give({ door: { ...door, services: broken } })).rejects.toThrow("out of luck");
    expect(lastLog(parts)).toMatchObject({ level: "error", message: "failed", door: "dispatch", error: "RangeError" });
  });

  test("logs no argument and no policy", async () => {
    const parts = await withWaiting(3);
    await give(parts);
    expect(JSON.stringify(parts.log.records)).not.toMatch(/2026-11-19|s3:|entryPoint/);
  });
});

describe("reconcileHandler()", () => {
  test("says nothing where nothing is wrong", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "m", body: nightly }));
    parts.log.records.splice(0);
    expect(await reconcile(parts)).toBeUndefined();
    expect(parts.log.records).toEqual([]);
    expect(parts.clock.now()).toBe(noon);
  });

  test("starts again what has no answer, and tells it as a warning", async () => {
    const parts = doors();
    const { services, ...door } = parts.door;
    const down = { door: { ...door, services: { ...services, ...failingStart(emrDown()) } } };
    await deliver(down, sqsEvent({ messageId: "m", body: nightly }));
    parts.clock.pass(30_001);
    await reconcile(parts);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(lastLog(parts)).toEqual({ level: "warn", message: "repaired", startedAgain: 1 });
  });

  test("frees the slot of what has ended, tells it, and wakes the dispatcher for it", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "m", body: "no JSON" }));
    await parts.starts.enter("acme", ["m"], 25);
    await reconcile(parts);
    expect((await parts.starts.line("acme")).active).toEqual([]);
    expect(lastLog(parts)).toMatchObject({ level: "warn", message: "repaired", slotsFreed: 1 });
    expect(parts.wakes).toHaveLength(1);
  });

  test("looks at every tenant, however many pages they are", async () => {
    const parts = doors();
    const tenantIds = Array.from({ length: 120 }, (_, at) => `tenant-${String(at).padStart(3, "0")}`);
    await deliver(parts, sqsEvent({ messageId: "ended", body: "no JSON" }, { messageId: "runs", body: nightly }));
    await parts.starts.leave("acme", ["runs"]);
    for (const tenantId of tenantIds) await parts.starts.enter(tenantId, ["ended", "runs"], 25);
    await reconcile(parts);
    for (const tenantId of tenantIds) expect((await parts.starts.line(tenantId)).active).toEqual(["runs"]);
    expect(parts.log.records.slice(-3)).toMatchObject([{ slotsFreed: 50 }, { slotsFreed: 50 }, { slotsFreed: 20 }]);
  });

  test("goes on in its next call at the tenants that it had no time for", async () => {
    const parts = doors();
    const tenantIds = Array.from({ length: 120 }, (_, at) => `tenant-${String(at).padStart(3, "0")}`);
    await deliver(parts, sqsEvent({ messageId: "ended", body: "no JSON" }));
    const { services, ...door } = parts.door;
    // Each look at a line takes a second, and each call has the time for 50.
    const line: typeof services.starts.line = async (tenantId) => {
      parts.clock.pass(1000);
      return await parts.starts.line(tenantId);
    };
    const handler = reconcileHandler({ ...door, services: { ...services, starts: { ...parts.starts, line } } });
    const context = { awsRequestId: "one", getRemainingTimeInMillis: () => 60_000 };
    for (const tenantId of tenantIds) await parts.starts.enter(tenantId, ["ended"], 25);
    for (let call = 0; call < 3; call += 1) {
      await handler({}, context as Context);
      // The first tenants never come to rest.
      for (const tenantId of tenantIds.slice(0, 50)) await parts.starts.enter(tenantId, ["ended"], 25);
    }
    for (const tenantId of tenantIds.slice(50)) expect((await parts.starts.line(tenantId)).active).toEqual([]);
  });

  test("finds what no event told, publishes it, and counts it by kind", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "told", body: nightly }, { messageId: "runs", body: nightly }));
    const { jobRunId = "" } = (await parts.submissions.get("told")) ?? {};
    parts.jobRuns.change(jobRunId, { state: "SUCCESS" });
    parts.clock.pass(60_000);
    await reconcile(parts);
    expect(parts.events.published).toMatchObject([{ event: { detail: { id: "told/completed" } } }]);
    expect(lastLog(parts)).toMatchObject({ level: "warn", message: "swept", endingsFound: 1, jobRunsGone: 0 });
    expect(parts.log.counts).toEqual([{ JobRunsAsked: 2, LooksFailed: 0 }, { EndingsFound: 1 }]);
  });

  test("names the submission that a look failed at, and counts it", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "m", body: nightly }));
    parts.clock.pass(60_000);
    const { services, ...door } = parts.door;
    await reconcile({ door: { ...door, services: { ...services, ...failingStart(emrDown()) } } });
    expect(lastLog(parts)).toMatchObject({ level: "error", message: "look failed", submissionId: "m" });
    expect(parts.log.counts).toEqual([{ JobRunsAsked: 1, LooksFailed: 1 }]);
  });

  test("logs what is thrown, and lets it through", async () => {
    const parts = doors();
    const { services, ...door } = parts.door;
    const activeTenants = () => Promise.reject(new RangeError("out of luck"));
    const broken = { ...services, starts: { ...parts.starts, activeTenants } };
    await expect(reconcile({ door: { ...door, services: broken } })).rejects.toThrow("out of luck");
    expect(lastLog(parts)).toMatchObject({ level: "error", message: "failed", door: "reconcile", error: "RangeError" });
  });
});
