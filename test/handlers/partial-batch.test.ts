import type { SQSRecord } from "aws-lambda";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Settled, settleBatch, sqsRecordsOf } from "#handlers/partial-batch.ts";
import { sqsEvent } from "./aws-events.ts";
import { sharedFifoQueue, sharedQueue } from "./tenants.ts";

const recordsOf = (
  count: number,
  own: (at: number) => { queue?: string; group?: string } = () => ({}),
): readonly SQSRecord[] =>
  sqsRecordsOf(sqsEvent(...Array.from({ length: count }, (_, at) => ({ messageId: `m${at}`, body: "", ...own(at) }))));

const idsOf = (answer: Awaited<ReturnType<typeof settleBatch>>): string[] =>
  answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

/** Settles a batch, and keeps what was under way at once, in which order it began and in which rounds. */
const watched = (fails: (messageId: string) => boolean = () => false) => {
  const begun: string[] = [];
  const rounds: number[] = [];
  const failed: string[] = [];
  let under = 0;
  let most = 0;
  const settle = async (heads: readonly SQSRecord[]): Promise<readonly Settled[]> => {
    begun.push(...heads.map(({ messageId }) => messageId));
    rounds.push(heads.length);
    under += heads.length;
    most = Math.max(most, under);
    await Promise.resolve();
    under -= heads.length;
    return heads.map(({ messageId }) =>
      fails(messageId) ? { verdict: "failed", error: new Error(messageId) } : { verdict: "settled" },
    );
  };
  const run = async (records: readonly SQSRecord[]) =>
    idsOf(await settleBatch(records, settle, ({ record }) => void failed.push(record.messageId)));
  return { run, begun, rounds, failed, most: () => most };
};

describe("settleBatch()", () => {
  test("works on at most ten messages of a standard queue at once, and on all of them", async () => {
    const { run, begun, most } = watched();
    expect(await run(recordsOf(100))).toEqual([]);
    expect(begun).toHaveLength(100);
    expect(most()).toBe(10);
  });

  test("works on one message of a FIFO queue's group at once, in order", async () => {
    const { run, begun, most } = watched();
    await run(recordsOf(10, () => ({ queue: sharedFifoQueue, group: "a" })));
    expect(begun).toEqual(Array.from({ length: 10 }, (_, at) => `m${at}`));
    expect(most()).toBe(1);
  });

  test("works on groups side by side, a round of their first ones and then a round of their next ones", async () => {
    const { run, begun, rounds } = watched();
    await run(recordsOf(9, (at) => ({ queue: sharedFifoQueue, group: `g${at % 3}` })));
    expect(rounds).toEqual([3, 3, 3]);
    expect(begun).toEqual(Array.from({ length: 9 }, (_, at) => `m${at}`));
  });

  test("lets a long group hold up nobody: the others go on in rounds of their own", async () => {
    const { run, rounds } = watched();
    await run(recordsOf(6, (at) => ({ queue: sharedFifoQueue, group: at < 4 ? "long" : `g${at}` })));
    expect(rounds).toEqual([3, 1, 1, 1]);
  });

  test("refuses to go on where a record has no result: silence would acknowledge it", async () => {
    const settling = settleBatch(
      recordsOf(2),
      async () => [{ verdict: "settled" }],
      () => undefined,
    );
    await expect(settling).rejects.toThrow("A record was not settled");
  });

  test("leaves what is behind a failure in its group untouched, and returns it", async () => {
    const { run, begun, failed } = watched((id) => id === "m2");
    const answer = await run(recordsOf(8, (at) => ({ queue: sharedFifoQueue, group: at % 2 === 0 ? "even" : "odd" })));
    expect(answer).toEqual(["m2", "m4", "m6"]);
    expect(begun.toSorted()).toEqual(["m0", "m1", "m2", "m3", "m5", "m7"]);
    expect(failed).toEqual(["m2"]);
  });

  test("takes a standard queue's messages of one group for what they are", async () => {
    const { run } = watched((id) => id === "m0");
    expect(await run(recordsOf(3, () => ({ queue: sharedQueue, group: "a" })))).toEqual(["m0"]);
  });

  test("answers with exactly the failed messages of a standard queue", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 40 }), async (fates) => {
        const { run } = watched((id) => fates[Number(id.slice(1))] === true);
        const wanted = fates.flatMap((fails, at) => (fails ? [`m${at}`] : []));
        expect((await run(recordsOf(fates.length))).toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });

  test("answers for a FIFO queue with the first failed message of each group and all behind it", async () => {
    const message = fc.record({ fails: fc.boolean(), group: fc.constantFrom("a", "b", "c") });
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 10 }), async (messages) => {
        const { run } = watched((id) => messages[Number(id.slice(1))]?.fails === true);
        const stopped = new Set<string>();
        const wanted = messages.flatMap(({ fails, group }, at) => {
          if (fails) stopped.add(group);
          return stopped.has(group) ? [`m${at}`] : [];
        });
        const own = (at: number) => ({ queue: sharedFifoQueue, group: messages[at]?.group ?? "" });
        expect((await run(recordsOf(messages.length, own))).toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });
});
