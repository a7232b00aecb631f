import type { Message } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { recordOf } from "#adapters/aws/sqs-record.ts";
import type { RedriveQueues } from "#adapters/aws/sqs-redrive.ts";
import { originOf } from "#handlers/message-origin.ts";
import type { FaultKind, Judgment } from "./judge-message.ts";
import type { RedriveOptions } from "./redrive-options.ts";
import { redrivenMessage } from "./redriven-message.ts";

export interface RedriveParts {
  readonly queues: RedriveQueues;
  readonly judge: (record: SQSRecord) => Promise<Judgment>;
  readonly operatorSenders: readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly out: (line: string) => void;
}

type LeftKind = Exclude<FaultKind, "passing"> | "attributes" | "young" | "group" | "failed";

type Fate =
  | { readonly verdict: "moved"; readonly says: string }
  | { readonly verdict: "left"; readonly kind: LeftKind; readonly reason: string }
  | { readonly verdict: "not asked" };

export interface Redrive {
  readonly moved: number;
  readonly notAsked: number;
  readonly left: Readonly<Record<string, number>>;
}

const mostReceived = 10;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error));

/** One line a message, whatever stands in its body. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ");

/** Keeps calls so far apart that they are at most `rate` a second. */
const paced = ({ now, pause }: Pick<RedriveParts, "now" | "pause">, rate: number) => {
  let next = now();
  return async (): Promise<void> => {
    const wait = next - now();
    if (wait > 0) await pause(wait);
    next = Math.max(next, now()) + 1000 / rate;
  };
};

/** Moves one message, or says why not. */
const mover = (parts: RedriveParts, { rate, kind, dryRun }: RedriveOptions) => {
  const { queues, operatorSenders } = parts;
  const fifo = queues.targetArn.endsWith(".fifo");
  const takeTurn = paced(parts, rate);
  /** FIFO groups that a message was left of: nothing may overtake it. */
  const heldGroups = new Set<string>();

  const send = async (dead: Message, record: SQSRecord, says: string): Promise<Fate> => {
    const origin = originOf(record, operatorSenders);
    const redriven = redrivenMessage(dead, { origin, fifo, now: parts.now() });
    if (redriven.verdict === "left") return redriven;
    if (dryRun) return { verdict: "moved", says };
    await takeTurn();
    try {
      const newId = await queues.send(redriven.message);
      return { verdict: "moved", says: `${says}, as ${newId}` };
    } catch (error) {
      return { verdict: "left", kind: "failed", reason: messageOf(error) };
    }
  };

  const fateOf = async (dead: Message, record: SQSRecord): Promise<Fate> => {
    const judgment = await parts.judge(record);
    if (kind !== "all" && kind !== judgment.kind) return { verdict: "not asked" };
    if (judgment.kind !== "passing") return { verdict: "left", ...judgment };
    const group = record.attributes.MessageGroupId ?? "";
    if (fifo && heldGroups.has(group)) {
      return { verdict: "left", kind: "group", reason: `an earlier message of its group "${group}" stays` };
    }
    return await send(dead, record, judgment.says);
  };

  return async (dead: Message): Promise<Fate> => {
    const record = recordOf(dead, queues.targetArn);
    const fate = await fateOf(dead, record);
    if (fate.verdict !== "moved") heldGroups.add(record.attributes.MessageGroupId ?? "");
    return fate;
  };
};

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
  /** Receipts of what stays, by message id, and the ids of what went. */
  const held = new Map<string, string>();
  const gone = new Set<string>();

  const settle = async (dead: Message): Promise<boolean> => {
    const { MessageId: id = "", ReceiptHandle: receipt = "" } = dead;
    const again = held.has(id) || gone.has(id);
    if (!gone.has(id)) held.set(id, receipt);
    if (!again) {
      const fate = await move(dead);
      counted.add(id, fate);
      if (fate.verdict === "moved" && !dryRun) gone.add(id);
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
    await queues.release([...held.values()]);
  }
  return counted.result();
};
