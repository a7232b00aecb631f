import { describe, expect, test } from "vitest";
import { objectCreated, requestedEvent, serviceSender, sqsEvent, sqsRecord, upload } from "./aws-events.ts";
import { deliver, doors, eventsQueue, failingLedger, ledgerDown, occurAll } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { sharedFifoQueue, sharedQueue } from "./tenants.ts";

const received = (times: number, own: object = {}) => {
  const record = sqsRecord({ body: nightly, ...own });
  return { ...record, attributes: { ...record.attributes, ApproximateReceiveCount: String(times) } };
};

/** Seconds that a message waits which was received so often before it failed. */
const waitAfter = async (times: number, jitter: number, error: unknown = ledgerDown()): Promise<number | undefined> => {
  const parts = doors({ services: failingLedger(error), redelivery: { jitter: () => jitter } });
  expect(await deliver(parts, { Records: [received(times)] })).toHaveLength(1);
  return parts.waits[0]?.seconds;
};

describe("queueHandler() has what passes come again", () => {
  test.each([
    [1, 0, 5],
    [1, 1, 10],
    [2, 0, 10],
    [4, 0.5, 60],
    [8, 0, 450],
    [8, 1, 900],
    [100, 1, 900],
    [5000, 1, 900],
  ])("after receive %i and jitter %d in %i s", async (times, jitter, seconds) => {
    expect(await waitAfter(times, jitter)).toBe(seconds);
  });

  test("no sooner than the error says", async () => {
    expect(await waitAfter(1, 0, ledgerDown(30))).toBe(30);
    expect(await waitAfter(6, 0, ledgerDown(30))).toBe(160);
  });

  test("also what may be a bug", async () => {
    expect(await waitAfter(1, 0, new RangeError("out of luck"))).toBe(5);
  });

  test("where the queue says how, and by the receipt of this very receive", async () => {
    const parts = doors({ services: failingLedger(ledgerDown(7)) });
    await deliver(parts, sqsEvent({ body: nightly }));
    expect(parts.waits).toEqual([{ receiptHandle: "AQEB", queueArn: sharedQueue, seconds: 7 }]);
  });

  test("together with all that stands behind it in its FIFO group, which SQS would hold back otherwise", async () => {
    const parts = doors({ services: failingLedger(ledgerDown(7)) });
    const fifo = { queue: sharedFifoQueue, body: nightly };
    const records = ["a1", "a2", "b1"].map((messageId) => ({
      ...sqsRecord({ ...fifo, messageId, group: messageId.slice(0, 1) }),
      receiptHandle: messageId,
    }));
    expect((await deliver(parts, { Records: records })).toSorted()).toEqual(["a1", "a2", "b1"]);
    expect(parts.waits.map(({ receiptHandle }) => receiptHandle).toSorted()).toEqual(["a1", "a2", "b1"]);
    expect(new Set(parts.waits.map(({ seconds }) => seconds))).toEqual(new Set([7]));
  });

  test("and leaves what an operator has to mend to the queue's own time", async () => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: nightly, sender: serviceSender }))).toEqual(["m"]);
    expect(parts.waits).toEqual([]);
  });

  test("and does no harm where the queue does not take it", async () => {
    const later = () => Promise.reject(new Error("the receipt is stale"));
    const parts = doors({ services: failingLedger(ledgerDown(7)), redelivery: { later } });
    expect(
      await deliver(parts, sqsEvent({ messageId: "m", body: nightly }, { messageId: "n", body: nightly })),
    ).toEqual(["m", "n"]);
    expect(parts.log.records).toContainEqual(
      expect.objectContaining({
        level: "warn",
        message: "left to the queue's own visibility timeout",
        messageId: "m",
        reason: "the receipt is stale",
      }),
    );
  });

  test("and logs whose it was", async () => {
    const parts = doors({ services: failingLedger(ledgerDown(7)) });
    await deliver(parts, { Records: [received(3)] });
    expect(parts.log.records).toMatchObject([
      { level: "warn", message: "returned to the queue", tenantId: "acme", code: "ERR_LEDGER_DOWN", receiveCount: 3 },
    ]);
  });
});

describe("eventsHandler() has what passes come again", () => {
  test.each([
    ["a request", requestedEvent(nightly)],
    ["an upload", objectCreated(upload)],
  ])("%s that the ledger did not take", async (_name, event) => {
    const parts = doors({ services: failingLedger(ledgerDown(7)) });
    const batch = sqsEvent({ messageId: "m", body: event, queue: eventsQueue, sender: serviceSender });
    expect(await occurAll(parts, batch)).toEqual(["m"]);
    expect(parts.waits).toEqual([{ receiptHandle: "AQEB", queueArn: eventsQueue, seconds: 7 }]);
  });
});
