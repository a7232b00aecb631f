import { expect, test } from "vitest";
import type { Quarantine } from "#handlers/door.ts";
import { requestedEvent, s3Notification, serviceSender, sqsEvent, toInbox, upload } from "./aws-events.ts";
import { deliver, doors, eventsQueue, failingLedger, ledgerDown, occurAll, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofGlobex, sharedFifoQueue, sharedQueue } from "./tenants.ts";

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

test("queueHandler() quarantines a notification of several objects, none of which it can tell the tenant of", async () => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine });
  const body = s3Notification(upload, { key: "acme/in/other.csv" });
  expect(await deliver(parts, toInbox(body, { queue: ofGlobex.inbox }))).toEqual([]);
  expect(kept).toMatchObject([{ reason: expect.stringContaining("ERR_TENANT_UNKNOWN: Cannot take 2 of 2 records") }]);
  expect(parts.submissions.all()).toEqual([]);
});

test.each([
  ["an event of a source that no tenant lists", requestedEvent(nightly, { source: "nobody.lists" }), "TENANT_UNKNOWN"],
  ["an event that starts nothing", requestedEvent(nightly, { "detail-type": "Weather" }), "ENVELOPE_UNREADABLE"],
  ["what is no event", "hunter2", "ENVELOPE_UNREADABLE"],
])("eventsHandler() quarantines %s, and logs nothing of it", async (_what, body, code) => {
  const { kept, quarantine } = keeping();
  const parts = doors({ quarantine });
  const batch = sqsEvent(
    { messageId: "m", body, queue: eventsQueue },
    { messageId: "n", body: requestedEvent(nightly), queue: eventsQueue },
  );
  expect(await occurAll(parts, batch)).toEqual([]);
  expect(kept).toMatchObject([{ messageId: "m", reason: expect.stringContaining(`ERR_${code}: Cannot `) }]);
  expect(startedFor(parts)).toEqual(["acme"]);
  expect(parts.log.records).toContainEqual(
    expect.objectContaining({ message: "quarantined", door: "events", messageId: "m", code: `ERR_${code}` }),
  );
  expect(JSON.stringify(parts.log.records)).not.toContain("hunter2");
});
