import { describe, expect, test } from "vitest";
import { dispatch } from "#domain/turns/dispatch.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { sqsEvent, sqsRecord } from "./aws-events.ts";
import {
  deliver,
  doors,
  emrDown,
  failingStart,
  limited,
  noon,
  type OwnParts,
  startedFor,
  startedWith,
  throttled,
  watchedStarts,
} from "./doors.ts";
import { nightly } from "./http-events.ts";
import { acme, globex, ofGlobex, sharedFifoQueue, sharedQueue } from "./tenants.ts";

/** As many messages of tenant acme, m0 and on. */
const messages = (count: number, own = {}) =>
  sqsEvent(...Array.from({ length: count }, (_, at) => ({ messageId: `m${at}`, body: nightly, ...own })));

/** Doors that keep which methods of the starts were called. */
const watched = (own: OwnParts = {}) => {
  const parts = doors(own);
  const { starts, calls } = watchedStarts(parts.starts);
  const { services, ...door } = parts.door;
  const count = (method: string): number => calls.filter((called) => called === method).length;
  return { ...parts, door: { ...door, services: { ...services, starts } }, count };
};

describe("queueHandler() takes slots and tokens for a batch together", () => {
  test("one update of the slots and one of the tokens for ten messages of a tenant", async () => {
    const parts = watched();
    expect(await deliver(parts, messages(10))).toEqual([]);
    expect(startedFor(parts)).toHaveLength(10);
    expect([parts.count("enter"), parts.count("takeTokens")]).toEqual([1, 1]);
    expect(parts.starts.letThrough).toHaveLength(10);
    expect((await parts.starts.line("acme")).active).toHaveLength(10);
  });

  test("one update of the slots for each tenant, and one of the tokens for all", async () => {
    const parts = watched();
    const own = messages(4).Records;
    const others = messages(4, { sender: ofGlobex.userId }).Records.map((record) => ({
      ...record,
      messageId: `${record.messageId}-globex`,
    }));
    expect(await deliver(parts, { Records: [...own, ...others] })).toEqual([]);
    expect([parts.count("enter"), parts.count("takeTokens")]).toEqual([2, 1]);
    expect(startedFor(parts).toSorted()).toEqual([...Array(4).fill("acme"), ...Array(4).fill("globex")]);
  });

  test("one update of the line for those that do not fit, who wait in order and wake the dispatcher once", async () => {
    const parts = watched({ tenants: [limited(acme, { maxActive: 3 })] });
    expect(await deliver(parts, messages(10))).toEqual([]);
    expect(startedFor(parts)).toHaveLength(3);
    expect([parts.count("enter"), parts.count("takeTokens"), parts.count("queueUp")]).toEqual([1, 1, 1]);
    expect(parts.wakes).toEqual([noon]);
    const waiting = await parts.submissions.waiting("acme", 10);
    expect(waiting.map(({ submissionId }) => submissionId)).toEqual(["m3", "m4", "m5", "m6", "m7", "m8", "m9"]);
    expect(await parts.starts.line("acme")).toMatchObject({ active: ["m0", "m1", "m2"], waiting: 7 });
  });

  test("one update of the line alone for those that come while others wait for a slot", async () => {
    const parts = watched({ tenants: [limited(acme, { maxActive: 1, maxWaiting: 15 })] });
    await deliver(parts, messages(3));
    const before = [parts.count("enter"), parts.count("takeTokens"), parts.count("queueUp")];
    const later = messages(13).Records.slice(3);
    expect(await deliver(parts, { Records: later })).toEqual([]);
    expect([parts.count("enter"), parts.count("takeTokens"), parts.count("queueUp")]).toEqual(before);
    expect(parts.count("queueBehind")).toBe(1);
    expect(await parts.starts.line("acme")).toMatchObject({ active: ["m0"], waiting: 12 });
    expect(parts.wakes).toEqual([noon, noon]);
    // The line is full: they come again.
    const tooMany = messages(17).Records.slice(13);
    expect(await deliver(parts, { Records: tooMany })).toEqual(tooMany.map(({ messageId }) => messageId));
    expect(await parts.starts.line("acme")).toMatchObject({ waiting: 12 });
  });

  test("and a slot at once for the first that comes after all others had their turn", async () => {
    const tenants = [limited(acme, { maxActive: 3 })];
    const parts = watched({ tenants });
    await deliver(parts, messages(4));
    await parts.starts.leave("acme", ["m0", "m1"]);
    await dispatch(parts.door.services, "dispatcher-1", parts.door.services.later(50_000));
    expect(startedFor(parts)).toHaveLength(4);
    await parts.door.services.pauseUntil(parts.door.services.later(60_000));
    expect(await deliver(parts, sqsEvent({ messageId: "next", body: nightly }))).toEqual([]);
    expect(startedFor(parts)).toHaveLength(5);
  });

  test("no token for what is refused, and none for a batch of refusals", async () => {
    const parts = watched();
    await deliver(parts, messages(3, { body: "no JSON" }));
    expect([parts.count("enter"), parts.count("takeTokens")]).toEqual([0, 0]);
    await deliver(parts, sqsEvent({ messageId: "bad", body: "no" }, { messageId: "good", body: nightly }));
    expect(parts.starts.letThrough).toHaveLength(1);
  });

  test("and gives back what a message took that came twice in it", async () => {
    const parts = watched({ tenants: [limited(acme, { maxActive: 1 })] });
    const twice = sqsEvent(...["a", "b", "b"].map((messageId) => ({ messageId, body: nightly })));
    expect(await deliver(parts, twice)).toEqual([]);
    expect(await deliver(parts, twice)).toEqual([]);
    expect(startedFor(parts)).toHaveLength(1);
    expect(await parts.starts.line("acme")).toMatchObject({ active: ["a"], waiting: 1 });
  });
});

describe("queueHandler() goes through FIFO groups in rounds", () => {
  test("the first ones of all groups together, then the next ones, each group in its order", async () => {
    const parts = watched();
    const sent = ["a1", "a2", "a3", "b1", "b2", "c1"].map((messageId, at) => ({
      messageId,
      queue: sharedFifoQueue,
      group: messageId.slice(0, 1),
      body: { ...nightly, parameters: { date: `2026-01-0${at + 1}` } },
    }));
    expect(await deliver(parts, sqsEvent(...sent))).toEqual([]);
    expect([parts.count("enter"), parts.count("takeTokens")]).toEqual([3, 3]);
    const days = startedWith(parts).map((args) => args?.[1]);
    expect(days).toEqual(["2026-01-01", "2026-01-04", "2026-01-06", "2026-01-02", "2026-01-05", "2026-01-03"]);
  });

  test("and lets one wait behind another of its group that waits, without holding up the queue", async () => {
    const parts = doors({ tenants: [limited(acme, { maxActive: 1 })] });
    const fifo = { queue: sharedFifoQueue, group: "a" };
    expect(await deliver(parts, messages(3, fifo))).toEqual([]);
    const waiting = await parts.submissions.waiting("acme", 10);
    expect(waiting.map(({ submissionId }) => submissionId)).toEqual(["m1", "m2"]);
  });
});

describe("queueHandler() acknowledges what it accepted to wait", () => {
  test("a throttled start: nothing is received twice for it, and it starts when its turn comes", async () => {
    const parts = doors();
    const { services, ...door } = parts.door;
    const busy = { ...parts, door: { ...door, services: { ...services, ...failingStart(throttled()) } } };
    expect(await deliver(busy, messages(1))).toEqual([]);
    expect(parts.waits).toEqual([]);
    expect(parts.submissions.all()).toMatchObject([{ state: "waiting", waitingFor: "account-rate" }]);
    expect(await parts.starts.line("acme")).toMatchObject({ active: [], waiting: 1 });
    expect(parts.log.records).toMatchObject([
      { level: "info", message: "submission", messageId: "m0", verdict: "accepted", waitingFor: "account-rate" },
    ]);
    await dispatch(services, "one", parts.clock.later(60_000));
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(await deliver(parts, messages(1))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("a start without an answer, which is called again when its lease has run out", async () => {
    const parts = doors();
    const { services, ...door } = parts.door;
    const down = { ...parts, door: { ...door, services: { ...services, ...failingStart(emrDown()) } } };
    expect(await deliver(down, messages(1))).toEqual([]);
    expect(parts.submissions.all()).toMatchObject([{ state: "starting" }]);
    parts.clock.pass(30_001);
    expect(await startExpired(services, parts.clock.later(60_000))).toMatchObject({ startedAgain: 1 });
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("beyond the burst, every message of every batch", async () => {
    const parts = doors({ tenants: [limited(acme, { maxActive: 100 })] });
    for (const batch of [0, 1, 2, 3]) {
      const own = messages(10).Records.map((record) => ({ ...record, messageId: `${record.messageId}-${batch}` }));
      expect(await deliver(parts, { Records: own })).toEqual([]);
    }
    expect(startedFor(parts)).toHaveLength(24);
    expect(await parts.submissions.waiting("acme", 100)).toHaveLength(16);
    expect(parts.starts.letThrough).toHaveLength(24);
  });
});

describe("queueHandler() leaves on the queue what a full line does not take", () => {
  const full = () => doors({ tenants: [limited(acme, { maxActive: 1, maxWaiting: 1 }), globex] });

  test.each([
    [1, 30],
    [4, 40],
    [100, 450],
  ])("after receive %i for %i s, and ever longer", async (times, seconds) => {
    const parts = full();
    await deliver(parts, messages(1));
    await deliver(parts, sqsEvent({ messageId: "waits", body: nightly }));
    const record = sqsRecord({ messageId: "late", body: nightly });
    const attributes = { ...record.attributes, ApproximateReceiveCount: String(times) };
    expect(await deliver(parts, { Records: [{ ...record, attributes }] })).toEqual(["late"]);
    expect(parts.waits).toEqual([{ receiptHandle: "AQEB", queueArn: sharedQueue, seconds }]);
    expect(parts.log.records.at(-1)).toMatchObject({
      level: "warn",
      message: "returned to the queue",
      code: "ERR_TENANT_BUSY",
      tenantId: "acme",
      receiveCount: times,
    });
    expect(await parts.submissions.get("late")).toBeUndefined();
  });

  test("while another tenant's messages of the same batch go on", async () => {
    const parts = full();
    const own = messages(4).Records;
    const other = sqsRecord({ messageId: "globex", body: nightly, sender: ofGlobex.userId });
    expect(await deliver(parts, { Records: [...own, other] })).toEqual(["m1", "m2", "m3"]);
    expect(startedFor(parts)).toEqual(["acme", "globex"]);
  });

  test("and loses none: each starts once when there is room", async () => {
    const parts = full();
    let left = messages(5).Records;
    for (let turn = 0; turn < 10; turn += 1) {
      const returned = await deliver(parts, { Records: left });
      left = left.filter(({ messageId }) => returned.includes(messageId));
      const { active } = await parts.starts.line("acme");
      await parts.starts.leave("acme", active);
      await dispatch(parts.door.services, "one", parts.clock.later(1000));
      parts.clock.pass(10_000);
    }
    expect(left).toEqual([]);
    expect(parts.jobRuns.started.map(({ clientToken }) => clientToken).toSorted()).toEqual([
      "m0",
      "m1",
      "m2",
      "m3",
      "m4",
    ]);
  });
});
