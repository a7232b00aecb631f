import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { acme, ofAcme, ofGlobex, sharedQueue } from "#test/handlers/tenants.ts";
import { dead, operator, text, world } from "./redrive-world.ts";

/** A message as the function queue put it into the quarantine, under a role that the shell lists unless a test says otherwise. */
const quarantined = (senderId: string, own: { readonly by?: string; readonly from?: string } = {}) =>
  dead({
    id: "q1",
    sender: `${own.by ?? operator}:sluice-queue`,
    attributes: {
      "sluice-message-id": "m1",
      "sluice-sender-id": senderId,
      "sluice-reason": "ERR_TENANT_UNKNOWN: no tenant lists it",
      ...(own.from !== "" && { "sluice-queue-arn": own.from ?? sharedQueue }),
    },
  });

describe("redrive() moves a message out of quarantine", () => {
  test("once its tenant is configured, under the id and the sender that it had", async () => {
    const message = quarantined(ofGlobex.userId);
    const before = world([message], { tenants: memoryTenants([acme]) });
    expect(await before.run()).toEqual({ moved: 0, notAsked: 0, left: { unproven: 1 } });
    expect(before.lines[0]).toContain(`no tenant lists sender:${ofGlobex.userId}`);
    const { run, sent, lines } = world([message]);
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: {} });
    expect(sent).toMatchObject([
      { MessageAttributes: { "sluice-message-id": text("m1"), "sluice-sender-id": text(ofGlobex.userId) } },
    ]);
    expect(lines).toEqual(["q1: moved for tenant globex, as new-1"]);
  });

  test("only where the role that put it there is believed, and does not ask to list that role as a caller", async () => {
    const { run, sent, lines } = world([quarantined(ofGlobex.userId, { by: "AROAQUEUEROLE" })]);
    expect(await run()).toEqual({ moved: 0, notAsked: 0, left: { unproven: 1 } });
    expect(sent).toEqual([]);
    expect(lines).toEqual([
      "q1: left, unproven: it was in quarantine, and its sender AROAQUEUEROLE is not in SLUICE_OPERATOR_SENDERS: whose it was is not known",
    ]);
  });

  test.each([
    ["from another queue", sharedQueue, sharedQueue],
    ["from a queue that it does not tell", "", "the queue that it came from"],
  ])("never to a tenant's own queue %s, which would prove that tenant", async (_where, from, to) => {
    const { run, sent, lines } = world([quarantined("AIDASTRANGER", { from })], { targetArn: ofAcme.queue });
    expect(await run()).toEqual({ moved: 0, notAsked: 0, left: { unproven: 1 } });
    expect(sent).toEqual([]);
    expect(lines).toEqual([
      `q1: left, unproven: ${ofAcme.queue} would prove tenant "acme", and it is not known to come from there: move it to ${to}`,
    ]);
  });

  test("to a tenant's own queue that it came from", async () => {
    const { run } = world([quarantined(ofAcme.userId, { from: ofAcme.queue })], { targetArn: ofAcme.queue });
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: {} });
  });

  test("never to another queue for envelopes, which would prove whatever tenant the envelope names", async () => {
    const envelopeQueues = { [sharedQueue]: ["s3"] } as const;
    const { run, sent, lines } = world([quarantined("AIDASTRANGER", { from: ofAcme.queue })], { envelopeQueues });
    expect(await run()).toEqual({ moved: 0, notAsked: 0, left: { unproven: 1 } });
    expect(sent).toEqual([]);
    expect(lines).toEqual([
      `q1: left, unproven: ${sharedQueue} would prove envelopes of kind "s3", and it is not known to come from there: move it to ${ofAcme.queue}`,
    ]);
  });
});

describe("redrive() moves a dead letter to a queue that proves what lies in it", () => {
  const proving = [
    ["a tenant's own", ofAcme.queue, {}],
    ["one for envelopes", sharedQueue, { [sharedQueue]: ["s3"] }],
  ] as const;

  test.each(proving)("%s, where it came from there", async (_what, targetArn, envelopeQueues) => {
    const message = dead({ id: "m1", own: { DeadLetterQueueSourceArn: targetArn } });
    expect(await world([message], { targetArn, envelopeQueues }).run()).toMatchObject({ moved: 1 });
  });

  test.each(proving)(
    "%s, not where it came from another one or was put there",
    async (_what, targetArn, envelopeQueues) => {
      const messages = [dead({ id: "m1", own: { DeadLetterQueueSourceArn: ofGlobex.queue } }), dead({ id: "m2" })];
      const { run, sent, lines } = world(messages, { targetArn, envelopeQueues });
      expect(await run()).toEqual({ moved: 0, notAsked: 0, left: { unproven: 2 } });
      expect(sent).toEqual([]);
      expect(lines[0]).toContain(`move it to ${ofGlobex.queue}`);
      expect(lines[1]).toContain("move it to the queue that it came from");
    },
  );
});
