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

  test("sends no two under one deduplication id within 5 minutes: the queue would answer well, and drop the second", async () => {
    const messages = [fifo("m1", "a", {}, "fixed"), fifo("m2", "b", {}, "fixed"), fifo("m3", "c")];
    const { run, sent, lines, released, gone } = world(messages, { targetArn });
    expect(await run()).toEqual({ moved: 2, notAsked: 0, left: { young: 1 } });
    expect(sent.map(({ MessageGroupId: group }) => group)).toEqual(["a", "c"]);
    expect(lines[1]).toBe(
      'm2: left, young: the queue may remember its deduplication id "fixed" and drop it: try again in 5 minutes',
    );
    expect([...gone]).toEqual(["receipt-m1", "receipt-m3"]);
    expect(released, "hidden from a run that does not know what this one sent").toEqual([["receipt-m2", 300]]);
  });

  test("nor where the first of them was not answered: the queue may have taken it", async () => {
    const send = () => Promise.reject(new Error("socket hang up"));
    const messages = [fifo("m1", "a", {}, "fixed"), fifo("m2", "b", {}, "fixed")];
    expect(await world(messages, { targetArn, send }).run()).toMatchObject({ left: { failed: 1, young: 1 } });
  });

  test("sends the second where the run has taken so long that the queue has forgotten", async () => {
    const messages = [fifo("m1", "a", {}, "fixed"), fifo("m2", "b", {}, "fixed")];
    const { run, parts } = world(messages, { targetArn });
    const judge = async (record: Parameters<typeof parts.judge>[0]) => {
      await parts.pause(300_000);
      return await parts.judge(record);
    };
    expect(await run({}, { judge })).toMatchObject({ moved: 2 });
  });

  test("says in a dry run what would stay, and hides nothing after it", async () => {
    const messages = [fifo("m1", "a", {}, "fixed"), fifo("m2", "b", {}, "fixed")];
    const { run, released } = world(messages, { targetArn });
    expect(await run({ dryRun: true })).toEqual({ moved: 1, notAsked: 0, left: { young: 1 } });
    expect(released).toEqual([
      ["receipt-m1", 0],
      ["receipt-m2", 0],
    ]);
  });

  test.each([
    ["of another dead letter", "n1"],
    ["of the message itself", "m2"],
  ])(
    "keeps what the queue answers with the id %s: that one it had before, and dropped this one",
    async (_whose, id) => {
      const messages = [fifo("m1", "a", {}, "one"), fifo("m2", "b", {}, "two")];
      const send = async ({ MessageGroupId: group }: RedrivenMessage) => (group === "a" ? "n1" : id);
      const { run, lines, gone } = world(messages, { targetArn, send });
      expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { young: 1 } });
      expect([...gone]).toEqual(["receipt-m1"]);
      expect(lines[1]).toBe(
        `m2: left, young: the queue took it for a repeat of message "${id}" and dropped it: try again in 5 minutes`,
      );
    },
  );

  test("tells when the next run is safe, where producers chose the deduplication ids", async () => {
    const chosen = world([fifo("m1", "a", {}, "fixed")], { targetArn });
    await chosen.run();
    expect(chosen.lines[1]).toBe(
      "deduplication ids of producers were sent: run this again in 5 minutes at the earliest, or the queue may drop what comes under one of them",
    );
    const own = world([fifo("m1", "a")], { targetArn });
    await own.run();
    expect(own.lines).toHaveLength(1);
  });
});
