import { receiptHandle, receiptOf } from "./receipt.ts";

/** A message as local-aws-sqs makes and answers it. */
export interface MessageRecord {
  MessageId: string;
  ReceiptHandle: string;
  readonly MessageBody: string;
  readonly attributes: Record<string, string>;
  readonly MessageAttributes?: unknown;
}

/** Plain data, so that a store of messages can be written to disk as it is. */
export interface StoredMessage {
  readonly record: MessageRecord;
  /** Epoch milliseconds from which a receive may take it: the end of its delay or of its visibility timeout. */
  readonly visibleAt: number;
  /** Taken at least once since it became visible, so hidden by a receive rather than by its delay. */
  readonly received: boolean;
}

export interface MessageStore {
  get(messageId: string): StoredMessage | undefined;
  ids(): Iterable<string>;
  add(record: MessageRecord, delaySeconds: number): void;
  /** Puts a message back as it was, e.g. one that comes from another queue's redrive policy. */
  restore(message: StoredMessage): void;
  /** Takes what is visible now, at most `max`, and hides it. */
  take(max: number, visibilitySeconds: number): MessageRecord[];
  /** Removes the visible messages that were received `count` times or more, and hands them over. */
  takeExhausted(count: number): StoredMessage[];
  takeVisible(): StoredMessage[];
  /** "stale" is a receipt of an earlier receive, or of a message that is visible again or gone. */
  remove(receipt: string, strict: boolean): "removed" | "stale" | "invalid";
  changeVisibility(receipt: string, seconds: number): "changed" | "stale" | "invalid";
  clear(): void;
  counts(): { visible: number; hidden: number; delayed: number };
  /** When the next hidden message shows up, if one is hidden. */
  nextVisibleAt(): number | undefined;
}

export interface MessageStoreOptions {
  readonly now: () => number;
  readonly queueName: string;
  readonly fifo: boolean;
  /** Told of every message that was added, changed or removed. */
  readonly changed: (messageId: string) => void;
}

/** The messages of one queue, oldest first. Nothing here waits or sets a timer: time only matters when someone asks. */
export function createMessageStore({ now, queueName, fifo, changed }: MessageStoreOptions): MessageStore {
  const messages = new Map<string, StoredMessage>();
  const visible = (message: StoredMessage) => message.visibleAt <= now();
  const put = (message: StoredMessage) => {
    messages.set(message.record.MessageId, message);
    changed(message.record.MessageId);
  };
  const drop = (messageId: string) => {
    messages.delete(messageId);
    changed(messageId);
  };

  /**
   * A FIFO queue gives no message of a group while an earlier one of it is hidden:
   * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
   */
  function* available(): Generator<StoredMessage> {
    const blocked = new Set<string | undefined>();
    for (const message of messages.values()) {
      const group = message.record.attributes["MessageGroupId"];
      if (fifo && blocked.has(group)) continue;
      if (visible(message)) yield message;
      else blocked.add(group);
    }
  }

  function receive({ record }: StoredMessage, visibleAt: number): MessageRecord {
    const count = Number(record.attributes["ApproximateReceiveCount"]) + 1;
    record.attributes["ApproximateReceiveCount"] = String(count);
    record.attributes["ApproximateFirstReceiveTimestamp"] ||= String(now());
    record.ReceiptHandle = receiptHandle(queueName, record.MessageId, count);
    put({ record, visibleAt, received: true });
    return { ...record, attributes: { ...record.attributes } };
  }

  function find(receipt: string): StoredMessage | "stale" | "invalid" {
    const id = receiptOf(queueName, receipt);
    return id === undefined ? "invalid" : (messages.get(id) ?? "stale");
  }
  const inFlight = (message: StoredMessage, receipt: string) =>
    message.received && !visible(message) && message.record.ReceiptHandle === receipt;

  function takeAll(which: (message: StoredMessage) => boolean): StoredMessage[] {
    const taken = [...available()].filter(which);
    for (const { record } of taken) drop(record.MessageId);
    return taken;
  }

  return {
    get: (messageId) => messages.get(messageId),
    ids: () => messages.keys(),
    add: (record, delaySeconds) => put({ record, visibleAt: now() + delaySeconds * 1000, received: false }),
    restore: put,
    take: (max, visibilitySeconds) => {
      const taken: StoredMessage[] = [];
      for (const message of available()) {
        if (taken.push(message) >= max) break;
      }
      return taken.map((message) => receive(message, now() + visibilitySeconds * 1000));
    },
    takeExhausted: (count) => takeAll(({ record }) => Number(record.attributes["ApproximateReceiveCount"]) >= count),
    takeVisible: () => takeAll(() => true),
    remove: (receipt, strict) => {
      const message = find(receipt);
      if (typeof message === "string") return message;
      if (strict && !inFlight(message, receipt)) return "stale";
      drop(message.record.MessageId);
      return "removed";
    },
    changeVisibility: (receipt, seconds) => {
      const message = find(receipt);
      if (typeof message === "string") return message;
      if (!inFlight(message, receipt)) return "stale";
      put({ ...message, visibleAt: now() + seconds * 1000 });
      return "changed";
    },
    clear: () => {
      for (const messageId of [...messages.keys()]) drop(messageId);
    },
    counts: () => {
      const counts = { visible: 0, hidden: 0, delayed: 0 };
      for (const message of messages.values()) {
        if (visible(message)) counts.visible += 1;
        else if (message.received) counts.hidden += 1;
        else counts.delayed += 1;
      }
      return counts;
    },
    nextVisibleAt: () => {
      let next: number | undefined;
      for (const message of messages.values()) {
        if (!visible(message)) next = Math.min(next ?? message.visibleAt, message.visibleAt);
      }
      return next;
    },
  };
}
