import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { redrive } from "#cli/redrive.ts";
import type { RedrivenMessage } from "#cli/redriven-message.ts";
import type { Tenants } from "#domain/ports.ts";
import { nightly } from "#test/handlers/http-events.ts";
import { acme, ofAcme, ofGlobex, sharedQueue } from "#test/handlers/tenants.ts";
import { type Dead, dead, operator, started, text, world } from "./redrive-world.ts";

test("redrive() sends body, attributes and group as they are, says what the message was, and only then deletes it", async () => {
  const message = dead({ id: "m1", attributes: { requestId: "order-1" }, own: { MessageGroupId: "acme" } });
  const { run, sent, lines, steps, released } = world([message]);
  expect(await run()).toEqual({ moved: 1, notAsked: 0, left: {} });
  expect(sent).toEqual([
    {
      at: 0,
      MessageBody: message.Body,
      MessageAttributes: {
        requestId: text("order-1"),
        "sluice-message-id": text("m1"),
        "sluice-sender-id": text(ofAcme.userId),
      },
      MessageGroupId: "acme",
    },
  ]);
  expect(steps).toEqual(["send new-1", "remove receipt-m1"]);
  expect(lines).toEqual(["m1: moved for tenant acme, as new-1"]);
  expect(released).toEqual([]);
});

describe("redrive() leaves what would fail again, and shows it again at the end", () => {
  const poisoned: readonly [string, Partial<Dead>, string, string][] = [
    ["no JSON", { body: "{" }, "refused", "Cannot read the job request"],
    [
      "an unknown job template",
      { body: { jobTemplate: "nigthly" } },
      "refused",
      "must be one of the tenant's job templates",
    ],
    ["another tenant's name", { body: { ...nightly, tenantId: "globex" } }, "refused", "tenantId"],
    ["an unknown sender", { sender: "AROANOBODY:s" }, "unproven", "no tenant lists sender:AROANOBODY"],
    ["an envelope", { body: { Type: "Notification", TopicArn: "x", Message: "{}" } }, "refused", '"sns"'],
  ];

  test.each(poisoned)("%s", async (_what, own, kind, reason) => {
    const { run, sent, lines, released, gone } = world([dead({ id: "m1", ...own }), dead({ id: "m2" })]);
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { [kind]: 1 } });
    expect(sent).toHaveLength(1);
    expect([...gone]).toEqual(["receipt-m2"]);
    expect(released).toEqual([["receipt-m1", 0]]);
    expect(lines[0]).toMatch(new RegExp(`^m1: left, ${kind}: `));
    expect(lines[0]).toContain(reason);
  });

  test("until the tenant is configured so that it would not", async () => {
    const message = dead({ id: "m1", sender: ofGlobex.userId });
    expect(await world([message], { tenants: memoryTenants([acme]) }).run()).toMatchObject({ left: { unproven: 1 } });
    expect(await world([message]).run()).toMatchObject({ moved: 1, left: {} });
  });

  test("with a reason in one line, whatever the message says", async () => {
    const { run, lines } = world([dead({ id: "m1", sender: "evil\nm9: moved" })]);
    await run();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain("\n");
  });

  test("and ends where AWS does not tell the tenants, which says nothing about a message", async () => {
    const denied = Object.assign(new Error("not authorized"), { $metadata: { httpStatusCode: 400 } });
    const tenants: Tenants = { byId: () => Promise.reject(denied), provedBy: () => Promise.reject(denied) };
    const { run, sent, released } = world([dead({ id: "m1" })], { tenants });
    await expect(run()).rejects.toThrow("not authorized");
    expect(sent).toEqual([]);
    expect(released).toEqual([["receipt-m1", 0]]);
  });
});

describe("redrive() keeps the identity of a message", () => {
  const claim = { "sluice-message-id": "first", "sluice-sender-id": ofAcme.userId };

  test("that an operator moved back before", async () => {
    const { run, sent } = world([dead({ id: "second", sender: `${operator}:on-call`, attributes: claim })]);
    expect(await run()).toMatchObject({ moved: 1 });
    expect(sent[0]?.MessageAttributes).toEqual({
      "sluice-message-id": text("first"),
      "sluice-sender-id": text(ofAcme.userId),
    });
  });

  test("and does not pass on as an operator's word what a tenant wrote itself", async () => {
    const { run, sent } = world([dead({ id: "m1", sender: ofGlobex.userId, attributes: claim })]);
    expect(await run()).toMatchObject({ moved: 1 });
    expect(sent[0]?.MessageAttributes).toEqual({
      "sluice-message-id": text("m1"),
      "sluice-sender-id": text(ofGlobex.userId),
    });
  });

  test("and leaves one whose attributes would be too many", async () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, "x"]));
    const { run, lines, sent } = world([
      dead({ id: "m9", attributes: many(9) }),
      dead({ id: "m8", attributes: many(8) }),
    ]);
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { attributes: 1 } });
    expect(Object.keys(sent[0]?.MessageAttributes ?? {})).toHaveLength(10);
    expect(lines[0]).toBe(
      "m9: left, attributes: has 11 message attributes with the two that keep its identity, and SQS takes at most 10",
    );
  });
});

describe("redrive() does no more than it was asked", () => {
  const messages = [
    dead({ id: "m1", body: "{" }),
    dead({ id: "m2" }),
    dead({ id: "m3", sender: "AIDANOBODY" }),
    dead({ id: "m4" }),
  ];

  test("only tells what it would do in a dry run", async () => {
    const { run, sent, gone, lines, released } = world(messages);
    expect(await run({ dryRun: true })).toEqual({ moved: 2, notAsked: 0, left: { refused: 1, unproven: 1 } });
    expect({ sent, gone: [...gone] }).toEqual({ sent: [], gone: [] });
    expect(lines[1]).toBe("m2: would be moved for tenant acme");
    expect(released).toHaveLength(4);
  });

  test.each([
    ["passing", { moved: 2, notAsked: 2, left: {} }],
    ["unproven", { moved: 0, notAsked: 3, left: { unproven: 1 } }],
    ["refused", { moved: 0, notAsked: 3, left: { refused: 1 } }],
    ["bug", { moved: 0, notAsked: 4, left: {} }],
  ] as const)("only what is %s", async (kind, expected) => {
    const { run, lines } = world(messages);
    expect(await run({ kind })).toEqual(expected);
    expect(lines).toHaveLength(4 - expected.notAsked);
  });

  test("and no more messages", async () => {
    const { run, gone } = world(messages);
    expect(await run({ max: 1 })).toMatchObject({ moved: 1 });
    expect([...gone]).toEqual(["receipt-m2"]);
  });

  test.each([
    [5, [0, 200, 400]],
    [0.5, [0, 2000, 4000]],
  ])("at most %d a second", async (rate, times) => {
    const { run, sent } = world(["m1", "m2", "m3"].map((id) => dead({ id })));
    await run({ rate });
    expect(sent.map(({ at }) => at)).toEqual(times);
  });
});

test("redrive() leaves what the queue does not take, and goes on", async () => {
  const send = async ({ MessageAttributes: attributes }: RedrivenMessage) => {
    if (attributes?.["sluice-message-id"]?.StringValue === "m1") throw new Error("Message must be shorter");
    return "new";
  };
  const { run, lines, gone } = world([dead({ id: "m1" }), dead({ id: "m2" })], { send });
  expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { failed: 1 } });
  expect(lines[0]).toBe("m1: left, failed: Message must be shorter");
  expect([...gone]).toEqual(["receipt-m2"]);
});

test("redrive() sends nothing twice that it could not delete, and tells of it", async () => {
  const copies = [dead({ id: "m1" }), dead({ id: "m1" })];
  const { run, sent, lines } = world(copies, { remove: () => Promise.reject(new Error("expired")) });
  expect(await run()).toMatchObject({ moved: 1, left: {} });
  expect(sent).toHaveLength(1);
  expect(lines[1]).toBe("m1: still in the dead-letter queue as well, where it can be deleted: expired");
});

test("redrive() ends where all that it sees is what it left", async () => {
  const stays = dead({ id: "m1", body: "{" });
  let receives = 0;
  const { run } = world([stays]);
  expect(await run()).toMatchObject({ left: { refused: 1 } });
  const endless = {
    queues: {
      targetArn: sharedQueue,
      receive: async () => {
        receives += 1;
        return [stays];
      },
      send: async () => "new",
      remove: async () => undefined,
      release: async () => undefined,
    },
    judge: async () => ({ kind: "bug", reason: "unreadable" }) as const,
    operatorSenders: [operator],
    now: () => started,
    pause: async () => undefined,
    out: () => undefined,
  };
  const options = { from: "dlq", to: "queue", rate: 5, kind: "all", dryRun: false } as const;
  expect(await redrive(endless, options)).toEqual({ moved: 0, notAsked: 0, left: { bug: 1 } });
  expect(receives).toBeLessThan(5);
});
