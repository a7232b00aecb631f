import { describe, expect, test } from "vitest";
import {
  objectCreated,
  requestedEvent,
  s3Notification,
  scheduledEvent,
  snsEnvelope,
  sqsEvent,
  toInbox,
  toShared,
  upload,
} from "./aws-events.ts";
import { deliver, doors, openDoors, ownAccount, refusals, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofAcme, ofGlobex, sharedQueue } from "./tenants.ts";

describe("queueHandler() refuses an envelope that the queue is not configured for", () => {
  test.each([
    ["s3", s3Notification(upload)],
    ["sns", snsEnvelope(nightly)],
    ["eventbridge", requestedEvent(nightly)],
  ])("%s: stored with its reason in the sender's name, published and acknowledged", async (kind, body) => {
    for (const own of [{ sender: ofGlobex.userId }, { queue: ofGlobex.queue }]) {
      const parts = doors();
      expect(await deliver(parts, toShared(body, own))).toEqual([]);
      expect(startedFor(parts)).toEqual([]);
      expect(parts.submissions.all()).toMatchObject([{ submissionId: "m", tenantId: "globex", state: "refused" }]);
      expect(refusals(parts)).toMatchObject([
        {
          code: "ERR_ENVELOPE_NOT_ALLOWED",
          detail: `Cannot take the message: its body is an envelope of kind "${kind}", and the queue is configured for job requests only`,
          errors: [
            { pointer: "", detail: `must not be an envelope of kind "${kind}" on this queue (job requests only)` },
          ],
        },
      ]);
      expect(parts.events.published).toMatchObject([{ queueUrl: ofGlobex.completionQueueUrl }]);
    }
  });

  test("inside one that it is configured for", async () => {
    const parts = doors({ config: { envelopeQueues: { [sharedQueue]: ["sns"] } } });
    expect(await deliver(parts, toShared(snsEnvelope(s3Notification(upload)), { sender: ofGlobex.userId }))).toEqual(
      [],
    );
    expect(refusals(parts)).toMatchObject([{ code: "ERR_ENVELOPE_NOT_ALLOWED" }]);
    expect(startedFor(parts)).toEqual([]);
  });

  test("and returns it where nobody knows whose it is", async () => {
    expect(await deliver(doors(), toShared(s3Notification(upload)))).toEqual(["m"]);
  });
});

describe("queueHandler() lets no tenant in by an envelope as another", () => {
  const foreign = {
    object: s3Notification(upload),
    "object on the bus": objectCreated(upload),
    request: requestedEvent(nightly),
    schedule: scheduledEvent(ofAcme.schedule),
    "object in SNS": snsEnvelope(s3Notification(upload)),
    "request of an account": requestedEvent(nightly, { account: ofAcme.account, source: "x" }),
  };

  test.each(Object.entries(foreign))("forged on the attacker's own queue: %s", async (_name, body) => {
    const parts = doors();
    expect(await deliver(parts, toInbox(body, { queue: ofGlobex.inbox, sender: ofGlobex.userId }))).toEqual(["m"]);
    expect(parts.submissions.all()).toEqual([]);
  });

  test.each(Object.entries(foreign))(
    "sent by another tenant's principal to the queue of the victim: %s",
    async (_name, body) => {
      const parts = doors();
      expect(await deliver(parts, toInbox(body, { sender: ofGlobex.userId }))).toEqual(["m"]);
      expect(parts.submissions.all()).toEqual([]);
    },
  );

  test.each(Object.entries(foreign))(
    "sent by another tenant's principal to a shared queue of envelopes: %s",
    async (_name, body) => {
      const parts = openDoors();
      expect(await deliver(parts, toShared(body, { sender: `${ofGlobex.roleId}:s` }))).toEqual(["m"]);
      expect(parts.submissions.all()).toEqual([]);
    },
  );

  test.each([
    ["an SNS notification", snsEnvelope(nightly, { MessageId: "victim" })],
    ["an event", requestedEvent(nightly, { id: "victim", source: ofGlobex.source })],
  ])("nor aim at its submission by the id that %s can make up", async (_name, body) => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "victim", body: nightly }));
    expect(await deliver(parts, toInbox(body, { queue: ofGlobex.inbox, sender: ofGlobex.userId }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme", "globex"]);
    expect(refusals(parts)).toEqual([]);
    expect(await parts.submissions.get("victim")).toMatchObject({ tenantId: "acme" });
  });

  test("nor fire a schedule that no tenant lists", async () => {
    const parts = doors();
    const unlisted = scheduledEvent(`arn:aws:scheduler:us-east-1:${ownAccount}:schedule/default/unlisted`);
    expect(await deliver(parts, toInbox(unlisted))).toEqual(["m"]);
    expect(parts.log.records).toMatchObject([{ code: "ERR_TENANT_UNKNOWN" }]);
  });
});
