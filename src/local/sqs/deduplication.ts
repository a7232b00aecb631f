/** Five minutes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const windowMs = 5 * 60 * 1000;

interface Seen {
  readonly messageId: string;
  readonly sequenceNumber: string | undefined;
  readonly at: number;
}

/** The deduplication ids of a FIFO queue: remembered from the first send, also after the message is received and deleted. */
export function createDeduplication(now: () => number) {
  const seen = new Map<string, Seen>();
  return {
    /** What was first sent under this id, or `undefined` after remembering that it is this one. */
    firstOf(id: string, messageId: string, sequenceNumber: string | undefined): Seen | undefined {
      for (const [key, { at }] of seen) {
        if (now() - at < windowMs) break;
        seen.delete(key);
      }
      const first = seen.get(id);
      if (!first) seen.set(id, { messageId, sequenceNumber, at: now() });
      return first;
    },
  };
}
