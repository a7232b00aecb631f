import type { SQSRecord } from "aws-lambda";
import { originAttributes, originOf } from "./message-origin.ts";

/** Message attributes of a message in quarantine: why nobody could tell its tenant, and the queue that it was in. */
export const quarantineMarks = { reason: "sluice-reason", queueArn: "sluice-queue-arn" } as const;

const mostOfReason = 250;

/** Characters that SQS takes (Amazon SQS API Reference, SendMessage); it refuses a message with any other. */
const refusedCharacters = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

const reasonOf = (reason: string): string =>
  [...reason.replaceAll(refusedCharacters, "\uFFFD")].slice(0, mostOfReason).join("");

/**
 * What a message in quarantine has to say besides its own: the id, the sender and the queue that it had, which a new
 * message loses, and why it is there.
 */
export const quarantineAttributes = (
  record: SQSRecord,
  reason: string,
  operatorSenders: readonly string[],
): Readonly<Record<string, string>> => {
  const { messageId, senderId } = originOf(record, operatorSenders);
  return {
    [originAttributes.messageId]: messageId,
    [originAttributes.senderId]: senderId,
    [quarantineMarks.reason]: reasonOf(reason),
    [quarantineMarks.queueArn]: record.eventSourceARN,
  };
};
