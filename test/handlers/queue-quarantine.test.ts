import { expect, test } from "vitest";
import type { Quarantine } from "#handlers/door.ts";
import { requestedEvent, serviceSender, sqsEvent } from "./aws-events.ts";
import { deliver, doors, eventsQueue, failingLedger, ledgerDown, occurAll, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { sharedFifoQueue, sharedQueue } from "./tenants.ts";

const keeping = () => {
  const kept: { readonly messageId: string; readonly body: string; readonly reason: string }[] = [];
  const quarantine: Quarantine = async ({ messageId, body }, reason) => void kept.push({ messageId, body, reason });
  return { kept, quarantine };
};

const unproven = { messageId: "m", body: nightly, sender: serviceSender };

test("queueHandler() quarantines what it cannot tell the tenant of, with the reason, and acknowledges it", async () => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine });
  expect(await deliver(parts, sqsEvent(unproven, { messageId: "n", body: nightly }))).toEqual([]);
  const reason = `ERR_TENANT_UNKNOWN: Cannot tell the tenant: no tenant lists sender:${serviceSender}: add it to the tenant's file`;
  expect(kept).toEqual([{ messageId: "m", body: JSON.stringify(nightly), reason }]);
  expect(startedFor(parts)).toEqual(["acme"]);
  expect(parts.events.published).toEqual([]);
  const told = parts.log.records.filter(({ messageId }) => messageId === "m");
  const ids = { door: "queue", messageId: "m", queueArn: sharedQueue, code: "ERR_TENANT_UNKNOWN" };
  expect(told).toEqual([{ level: "warn", message: "quarantined", ...ids }]);
});

test("queueHandler() lets a FIFO group go on behind a message in quarantine", async () => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine });
  const fifo = { queue: sharedFifoQueue, group: "a" };
  const behind = { messageId: "n", body: nightly, ...fifo };
  expect(await deliver(parts, sqsEvent({ ...unproven, ...fifo }, behind))).toEqual([]);
  expect(kept).toMatchObject([{ messageId: "m" }]);
  expect(startedFor(parts)).toEqual(["acme"]);
});

test("queueHandler() returns a message that the quarantine does not take", async () => {
  const parts = doors({ quarantine: () => Promise.reject(new Error("no such queue")) });
  expect(await deliver(parts, sqsEvent(unproven))).toEqual(["m"]);
  expect(parts.waits).toEqual([]);
  expect(parts.log.records).toMatchObject([
    { level: "warn", message: "not quarantined", messageId: "m", reason: "no such queue" },
    { level: "warn", message: "returned to the queue", messageId: "m", code: "ERR_TENANT_UNKNOWN" },
  ]);
});

test("queueHandler() returns such a message where there is no quarantine", async () => {
  const parts = doors();
  expect(await deliver(parts, sqsEvent(unproven))).toEqual(["m"]);
  expect(parts.log.records).toMatchObject([{ message: "returned to the queue", code: "ERR_TENANT_UNKNOWN" }]);
});

test("queueHandler() quarantines nothing that may pass by itself", async () => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine, services: failingLedger(ledgerDown()) });
  expect(await deliver(parts, sqsEvent({ messageId: "m", body: nightly }))).toEqual(["m"]);
  expect(kept).toEqual([]);
});

test("eventsHandler() quarantines nothing", async () => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine });
  const body = requestedEvent(nightly, { source: "nobody.lists" });
  expect(await occurAll(parts, sqsEvent({ ...unproven, body, queue: eventsQueue }))).toEqual(["m"]);
  expect(kept).toEqual([]);
});
