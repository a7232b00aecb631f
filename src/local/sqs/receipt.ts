/** A receipt handle names its queue, its message and the receive that it comes from. */
export function receiptHandle(queueName: string, messageId: string, receive: number): string {
  return Buffer.from(JSON.stringify([queueName, messageId, receive])).toString("base64");
}

/** The message that a receipt handle of this queue names; `undefined` for any other text. */
export function receiptOf(queueName: string, receipt: string): string | undefined {
  const text = Buffer.from(receipt, "base64").toString();
  const [, queue, messageId] = /^\["([^"]+)","([^"]+)",\d+\]$/.exec(text) ?? [];
  return queue === queueName ? messageId : undefined;
}
