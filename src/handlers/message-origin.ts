import type { SQSRecord } from "aws-lambda";

/**
 * Message attributes of a message that was moved back: the id and the SenderId that it had when it was sent. SQS gives a
 * redriven message new ones (Amazon SQS Developer Guide, "Dead-letter queue redrive").
 */
export const originAttributes = { messageId: "sluice-message-id", senderId: "sluice-sender-id" } as const;

/**
 * The principal of a SenderId. A role's is `AROA…:session`, and the session part is the sender's own choice. Nothing is
 * cut off others: a federated user's `<account>:<name>` must not pass for the account's root user.
 */
export const principalOf = (senderId: string): string => senderId.replace(/^(AROA\w+):.*$/s, "$1");

export interface Origin {
  readonly messageId: string;
  readonly senderId: string;
}

/**
 * Which message it was when it was sent, and who sent it. Only an operator is believed in the attributes: a tenant could
 * choose itself another's message id, or another sender.
 */
export const originOf = (record: SQSRecord, operatorSenders: readonly string[]): Origin => {
  const { messageId, messageAttributes } = record;
  const senderId = record.attributes.SenderId;
  if (!operatorSenders.includes(principalOf(senderId))) return { messageId, senderId };
  return {
    messageId: messageAttributes?.[originAttributes.messageId]?.stringValue || messageId,
    senderId: messageAttributes?.[originAttributes.senderId]?.stringValue || senderId,
  };
};
