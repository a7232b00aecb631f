import { describe, expect, test } from "vitest";
import type { RedrivenMessage } from "#cli/redriven-message.ts";
import { sharedFifoQueue } from "#test/handlers/tenants.ts";
import { type Dead, dead, sentAt, world } from "./redrive-world.ts";

describe("redrive() of a FIFO queue", () => {
  const fifo = (id: string, group: string, own: Partial<Dead> = {}, deduplication = id) =>
    dead({ id, ...own, own: { MessageGroupId: group, MessageDeduplicationId: deduplication } });
  const targetArn = sharedFifoQueue;

  test("keeps groups and deduplication ids", async () => {
    const { run, sent } = world([fifo("m1", "a"), fifo("m2", "b", {}, "order-2")], { targetArn });
    expect(await run()).toMatchObject({ moved: 2 });
    expect(sent).toMatchObject([
      { MessageGroupId: "a", MessageDeduplicationId: "m1" },
      { MessageGroupId: "b", MessageDeduplicationId: "order-2" },
    ]);
  });

  test("lets nothing overtake what stays of its group", async () => {
    const messages = [fifo("m1", "a", { body: "{" }), fifo("m2", "a"), fifo("m3", "b"), fifo("m4", "a")];
    const { run, sent, lines } = world(messages, { targetArn });
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { refused: 1, group: 2 } });
    expect(sent).toMatchObject([{ MessageGroupId: "b" }]);
    expect(lines[1]).toBe('m2: left, group: an earlier message of its group "a" stays');
  });

  test("nor what was not asked for, and what could not be sent", async () => {
    const send = async ({ MessageGroupId: group }: RedrivenMessage) => {
      if (group === "b") throw new Error("Too large");
      return "new";
    };
    const messages = [fifo("m1", "a", { body: "{" }), fifo("m2", "a"), fifo("m3", "b"), fifo("m4", "b")];
    const { run } = world(messages, { targetArn, send });
    expect(await run({ kind: "passing" })).toEqual({ moved: 0, notAsked: 1, left: { group: 2, failed: 1 } });
  });

  test("waits until the queue has forgotten a producer's deduplication id, or it would drop the message", async () => {
    const messages = [fifo("m1", "a", {}, "order-1"), fifo("m2", "b")];
    const young = world(messages, { targetArn, startedAt: sentAt + 299_999 });
    expect(await young.run()).toEqual({ moved: 1, notAsked: 0, left: { young: 1 } });
    expect(await world(messages, { targetArn, startedAt: sentAt + 300_000 }).run()).toMatchObject({ moved: 2 });
  });
});
