import type { Message } from "@aws-sdk/client-sqs";
import { type Fate, messageOf, mover, type RedriveParts } from "./move-dead-letter.ts";
import type { RedriveOptions } from "./redrive-options.ts";
import { isOfProducer } from "./redriven-message.ts";

export interface Redrive {
  readonly moved: number;
  readonly notAsked: number;
  readonly left: Readonly<Record<string, number>>;
}

const mostReceived = 10;

/** One line a message, whatever stands in its body. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");

/** What came of the messages so far. */
const tally = ({ out }: Pick<RedriveParts, "out">, dryRun: boolean) => {
  let [moved, notAsked] = [0, 0];
  const left: Record<string, number> = {};
  return {
    moved: () => moved,
    result: (): Redrive => ({ moved, notAsked, left }),
    add: (id: string, fate: Fate): void => {
      if (fate.verdict === "not asked") {
        notAsked += 1;
        return;
      }
      if (fate.verdict === "moved") moved += 1;
      else left[fate.kind] = (left[fate.kind] ?? 0) + 1;
      const verb = dryRun ? "would be moved" : "moved";
      out(
        oneLine(`${id}: ${fate.verdict === "moved" ? `${verb} ${fate.says}` : `left, ${fate.kind}: ${fate.reason}`}`),
      );
    },
  };
};

/** A message that stays: the receipt to show it again by, and until when it is better not seen. */
interface Held {
  readonly receipt: string;
  readonly until: number;
}

/** Shows what stays again, but what the queue would drop only once it would not: the next run does not know of this one. */
const showAgain = async ({ queues, now }: RedriveParts, held: Iterable<Held>, dryRun: boolean): Promise<void> => {
  for (const { receipt, until } of held) {
    await queues.release(receipt, dryRun ? 0 : Math.max(0, Math.ceil((until - now()) / 1000)));
  }
};

const tooSoon =
  "deduplication ids of producers were sent: run this again in 5 minutes at the earliest, or the queue may drop what comes under one of them";

/**
 * Moves dead letters back to their queue, each with what it was before. A message leaves the dead-letter queue only when
 * the queue has answered that it took it: after a crash in between it is sent once more, and is the same to the queue
 * door. What stays is hidden while this runs, and shown again at the end.
 */
export const redrive = async (parts: RedriveParts, options: RedriveOptions): Promise<Redrive> => {
  const { queues } = parts;
  const { dryRun, max = Number.POSITIVE_INFINITY } = options;
  const move = mover(parts, options);
  const counted = tally(parts, dryRun);
  /** What stays, by message id, and the ids of what went. */
  const held = new Map<string, Held>();
  const gone = new Set<string>();
  let chosenByProducer = false;

  const settle = async (dead: Message): Promise<boolean> => {
    const { MessageId: id = "", ReceiptHandle: receipt = "" } = dead;
    const again = held.has(id) || gone.has(id);
    if (!gone.has(id)) held.set(id, { receipt, until: held.get(id)?.until ?? 0 });
    if (!again) {
      const fate = await move(dead);
      counted.add(id, fate);
      if ("until" in fate) held.set(id, { receipt, until: fate.until });
      if (fate.verdict === "moved" && !dryRun) {
        gone.add(id);
        chosenByProducer ||= isOfProducer(dead);
      }
    }
    if (gone.has(id)) {
      held.delete(id);
      await queues.remove(receipt).catch((error: unknown) => {
        parts.out(
          `${id}: still in the dead-letter queue as well, where it can be deleted: ${oneLine(messageOf(error))}`,
        );
      });
    }
    return again;
  };

  try {
    // What stays comes again once it is not hidden any more: when all of it has, nothing new is there.
    for (let again = 0; counted.moved() < max && again <= held.size + gone.size; ) {
      const batch = await queues.receive(Math.min(mostReceived, max - counted.moved()));
      if (batch.length === 0) break;
      for (const dead of batch) again = (await settle(dead)) ? again + 1 : 0;
    }
  } finally {
    await showAgain(parts, held.values(), dryRun);
    if (chosenByProducer && queues.targetArn.endsWith(".fifo")) parts.out(tooSoon);
  }
  return counted.result();
};
