import type { Message, SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { Origin } from "#handlers/message-origin.ts";
import { originAttributes } from "#handlers/message-origin.ts";

export type RedrivenMessage = Omit<SendMessageCommandInput, "QueueUrl">;

export type Redriven =
  | { readonly verdict: "ready"; readonly message: RedrivenMessage }
  | { readonly verdict: "left"; readonly kind: "attributes"; readonly reason: string }
  /** `until`: when the queue has forgotten its deduplication id, in epoch milliseconds. */
  | { readonly verdict: "left"; readonly kind: "young"; readonly reason: string; readonly until: number };

/** Of one message (Amazon SQS Developer Guide, "Amazon SQS message metadata"). */
const mostAttributes = 10;

/** How long a FIFO queue takes a deduplication id for a repeat (Amazon SQS API Reference, SendMessage). */
export const deduplicationMs = 300_000;

interface Surroundings {
  readonly origin: Origin;
  readonly fifo: boolean;
  readonly now: number;
  /** When anything was last sent under its deduplication id, as far as we know. */
  readonly sentAt?: number | undefined;
}

const text = (value: string) => ({ DataType: "String", StringValue: value });

/**
 * Whether a producer chose the deduplication id, and may have sent others under it. Where the dead-letter queue has put
 * the message's own id in its place, nothing was ever sent under it.
 */
export const isOfProducer = ({ MessageId: id, Attributes: own = {} }: Message): boolean =>
  own.MessageDeduplicationId !== id;

/** Until when the queue would take the message for a repeat, and drop it. */
const rememberedUntil = (dead: Message, { fifo, sentAt = 0 }: Surroundings): number => {
  if (!fifo) return 0;
  const ownTime = isOfProducer(dead) ? Number(dead.Attributes?.SentTimestamp ?? 0) : 0;
  return Math.max(ownTime, sentAt) + deduplicationMs;
};

/** A dead letter as it goes back: its body, attributes and ids as they are, and what it was before. */
export const redrivenMessage = (dead: Message, around: Surroundings): Redriven => {
  const { origin, fifo } = around;
  const { MessageGroupId: group, MessageDeduplicationId: deduplication } = dead.Attributes ?? {};
  const attributes = {
    ...dead.MessageAttributes,
    [originAttributes.messageId]: text(origin.messageId),
    [originAttributes.senderId]: text(origin.senderId),
  };
  const count = Object.keys(attributes).length;
  if (count > mostAttributes) {
    const reason = `has ${count} message attributes with the two that keep its identity, and SQS takes at most ${mostAttributes}`;
    return { verdict: "left", kind: "attributes", reason };
  }
  const until = rememberedUntil(dead, around);
  if (until > around.now) {
    const reason = `the queue may remember its deduplication id "${deduplication}" and drop it: try again in 5 minutes`;
    return { verdict: "left", kind: "young", reason, until };
  }
  return {
    verdict: "ready",
    message: {
      MessageBody: dead.Body,
      MessageAttributes: attributes,
      ...(group !== undefined && { MessageGroupId: group }),
      ...(fifo && deduplication !== undefined && { MessageDeduplicationId: deduplication }),
    },
  };
};
