import type { Message } from "@aws-sdk/client-sqs";
import type { SQSRecord } from "aws-lambda";
import { recordOf } from "#adapters/aws/sqs-record.ts";
import type { RedriveQueues } from "#adapters/aws/sqs-redrive.ts";
import { originOf } from "#handlers/message-origin.ts";
import type { FaultKind, Judgment } from "./judge-message.ts";
import type { RedriveOptions } from "./redrive-options.ts";
import { deduplicationMs, redrivenMessage } from "./redriven-message.ts";

export interface RedriveParts {
  readonly queues: RedriveQueues;
  readonly judge: (record: SQSRecord) => Promise<Judgment>;
  readonly operatorSenders: readonly string[];
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly out: (line: string) => void;
}

type LeftKind = Exclude<FaultKind, "passing"> | "attributes" | "group" | "failed";

export type Fate =
  | { readonly verdict: "moved"; readonly says: string }
  | { readonly verdict: "left"; readonly kind: LeftKind; readonly reason: string }
  /** `until`: when the queue has forgotten its deduplication id, in epoch milliseconds. */
  | { readonly verdict: "left"; readonly kind: "young"; readonly reason: string; readonly until: number }
  | { readonly verdict: "not asked" };

export const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message || error.name : String(error);

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
export const mover = (parts: RedriveParts, { rate, kind, dryRun }: RedriveOptions) => {
  const { queues, operatorSenders, now } = parts;
  const fifo = queues.targetArn.endsWith(".fifo");
  const takeTurn = paced(parts, rate);
  /** FIFO groups that a message was left of: nothing may overtake it. */
  const heldGroups = new Set<string>();
  /** Deduplication ids that were sent, and when: also where no answer came, for the queue may have taken it. */
  const sentAt = new Map<string, number>();
  const answered = new Set<string>();

  const send = async (dead: Message, record: SQSRecord, says: string): Promise<Fate> => {
    const origin = originOf(record, operatorSenders);
    const deduplication = record.attributes.MessageDeduplicationId ?? "";
    const redriven = redrivenMessage(dead, { origin, fifo, now: now(), sentAt: sentAt.get(deduplication) });
    if (redriven.verdict === "left") return redriven;
    if (!dryRun) await takeTurn();
    try {
      if (dryRun) return { verdict: "moved", says };
      const newId = await queues.send(redriven.message);
      if (answered.has(newId) || newId === record.messageId) {
        const reason = `the queue took it for a repeat of message "${newId}" and dropped it: try again in 5 minutes`;
        return { verdict: "left", kind: "young", reason, until: now() + deduplicationMs };
      }
      answered.add(newId);
      return { verdict: "moved", says: `${says}, as ${newId}` };
    } catch (error) {
      return { verdict: "left", kind: "failed", reason: messageOf(error) };
    } finally {
      if (fifo) sentAt.set(deduplication, now());
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
