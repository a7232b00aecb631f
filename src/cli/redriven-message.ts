import type { Message, SendMessageCommandInput } from "@aws-sdk/client-sqs";
import type { Origin } from "#handlers/message-origin.ts";
import { originAttributes } from "#handlers/message-origin.ts";

export type RedrivenMessage = Omit<SendMessageCommandInput, "QueueUrl">;

export type Redriven =
  | { readonly verdict: "ready"; readonly message: RedrivenMessage }
  | { readonly verdict: "left"; readonly kind: "attributes" | "young"; readonly reason: string };

/** Of one message (Amazon SQS Developer Guide, "Amazon SQS message metadata"). */
const mostAttributes = 10;

/** How long a FIFO queue takes a deduplication id for a repeat (Amazon SQS API Reference, SendMessage). */
const deduplicationMs = 300_000;

interface Surroundings {
  readonly origin: Origin;
  readonly fifo: boolean;
  readonly now: number;
}

const text = (value: string) => ({ DataType: "String", StringValue: value });

/**
 * Whether the queue would still take the message for a repeat, and drop it. Where the dead-letter queue has put the
 * message's own id in place of the producer's, nothing was ever sent under it.
 */
const isRemembered = ({ MessageId: id, Attributes: own = {} }: Message, { fifo, now }: Surroundings): boolean =>
  fifo && own.MessageDeduplicationId !== id && now - Number(own.SentTimestamp ?? 0) < deduplicationMs;

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
  if (isRemembered(dead, around)) {
    const reason = `the queue may remember its deduplication id "${deduplication}" and drop it: try again in 5 minutes`;
    return { verdict: "left", kind: "young", reason };
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
