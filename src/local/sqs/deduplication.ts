/** Five minutes: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html */
const windowMs = 5 * 60 * 1000;

export interface Seen {
  readonly messageId: string;
  readonly sequenceNumber: string | undefined;
  readonly at: number;
}

/** The deduplication ids of a FIFO queue: remembered from the first send, also after the message is received and deleted. */
export function createDeduplication(now: () => number, changed: (id: string) => void) {
  const seen = new Map<string, Seen>();
  return {
    get: (id: string): Seen | undefined => seen.get(id),
    ids: (): Iterable<string> => seen.keys(),
    restore: (id: string, first: Seen): void => void seen.set(id, first),
    clear(): void {
      const ids = [...seen.keys()];
      seen.clear();
      for (const id of ids) changed(id);
    },

    /** What was first sent under this id, or `undefined` after remembering that it is this one. */
    firstOf(id: string, messageId: string, sequenceNumber: string | undefined): Seen | undefined {
      for (const [key, { at }] of seen) {
        if (now() - at < windowMs) break;
        seen.delete(key);
        changed(key);
      }
      const first = seen.get(id);
      if (first) return first;
      seen.set(id, { messageId, sequenceNumber, at: now() });
      changed(id);
      return undefined;
    },
  };
}

export type Deduplication = ReturnType<typeof createDeduplication>;
