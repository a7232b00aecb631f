import { describe, expect, test } from "vitest";
import { sqsEvent, sqsRecord } from "./aws-events.ts";
import { deliver, doors, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofAcme, ofGlobex } from "./tenants.ts";

const operator = "AROAOPERATOR";
const believing = () => doors({ config: { operatorSenders: [operator] } });

const attribute = (stringValue: string) => ({
  stringValue,
  stringListValues: [],
  binaryListValues: [],
  dataType: "String",
});

interface Claim {
  readonly by: string;
  readonly messageId?: string;
  readonly senderId?: string;
  readonly queue?: string;
  readonly requestId?: string;
}

/** A message under a new id that says what it was before. */
const movedBack = ({ by, messageId = "first", senderId = ofAcme.userId, queue, requestId }: Claim) => {
  const record = sqsRecord({
    messageId: "second",
    body: nightly,
    sender: by,
    ...(queue !== undefined && { queue }),
    ...(requestId !== undefined && { requestId }),
  });
  const origin = { "sluice-message-id": attribute(messageId), "sluice-sender-id": attribute(senderId) };
  return { Records: [{ ...record, messageAttributes: { ...record.messageAttributes, ...origin } }] };
};

describe("queueHandler() takes a message that an operator moved back for what it was before", () => {
  test("and starts nothing again where its first delivery had", async () => {
    const parts = believing();
    await deliver(parts, sqsEvent({ messageId: "first", body: nightly }));
    expect(await deliver(parts, movedBack({ by: `${operator}:on-call` }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.submissions.all()).toMatchObject([{ submissionId: "first", state: "started" }]);
  });

  test("and starts it under its first id where nothing had started", async () => {
    const parts = believing();
    expect(await deliver(parts, movedBack({ by: `${operator}:on-call`, senderId: `${ofGlobex.roleId}:s` }))).toEqual(
      [],
    );
    expect(parts.submissions.all()).toMatchObject([
      { submissionId: "first", tenantId: "globex", caller: `sender:${ofGlobex.roleId}` },
    ]);
  });

  test("also on a tenant's own queue, where another tenant's sender stays refused", async () => {
    const parts = believing();
    expect(await deliver(parts, movedBack({ by: operator, queue: ofAcme.queue }))).toEqual([]);
    expect(await deliver(parts, movedBack({ by: operator, queue: ofAcme.queue, senderId: ofGlobex.userId }))).toEqual([
      "second",
    ]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("and the producer's own request id counts first", async () => {
    const parts = believing();
    await deliver(parts, sqsEvent({ messageId: "first", body: nightly, requestId: "order-1" }));
    expect(await deliver(parts, movedBack({ by: operator, messageId: "other", requestId: "order-1" }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });
});

describe("queueHandler() believes nobody else in what a message was before", () => {
  test.each([
    ["a tenant that names another's message", ofGlobex.userId],
    ["a tenant's role under a session of the operator's name", `${ofGlobex.roleId}:${operator}`],
  ])("%s", async (_who, by) => {
    const parts = believing();
    await deliver(parts, sqsEvent({ messageId: "first", body: nightly }));
    expect(await deliver(parts, movedBack({ by }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme", "globex"]);
    expect((await parts.submissions.get("second"))?.tenantId).toBe("globex");
  });

  test.each([`${operator}2:s`, `x${operator}`, `123456789012:${operator}`, "", operator.toLowerCase()])(
    "a sender that only looks like the operator: %s",
    async (by) => {
      const parts = believing();
      expect(await deliver(parts, movedBack({ by }))).toEqual(["second"]);
      expect(parts.submissions.all()).toEqual([]);
    },
  );

  test("nor the operator where none is configured", async () => {
    const parts = doors();
    expect(await deliver(parts, movedBack({ by: operator }))).toEqual(["second"]);
    expect(parts.submissions.all()).toEqual([]);
  });

  test("and an operator proves no tenant by itself", async () => {
    const parts = believing();
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: nightly, sender: operator }))).toEqual(["m"]);
  });
});
