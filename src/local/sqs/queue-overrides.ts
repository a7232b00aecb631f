import type { createRequestHandler } from "local-aws-sqs";
import { createDeduplication, type Deduplication } from "./deduplication.ts";
import type { Waiters } from "./long-poll.ts";
import { createMessageStore, type MessageRecord, type MessageStore } from "./messages.ts";
import { createMoveTasks } from "./move-tasks.ts";

export type LibraryQueue = ReturnType<typeof createRequestHandler>["service"]["Queues"][number];

export interface QueueSurroundings {
  readonly now: () => number;
  readonly waiters: Waiters;
  /** Who sends the message that is being added. */
  readonly sender: () => string;
  readonly storeOf: (arnOrName: string) => MessageStore | undefined;
  readonly queueArn: (name: string) => string;
  readonly nextSequenceNumber: () => string;
  /** Told of the messages and deduplication ids of a queue that are new, changed or gone. */
  readonly changed: {
    message(queueName: string, id: string): void;
    deduplication(queueName: string, id: string): void;
  };
}

/** What a queue holds, in place of the library's own store. */
export interface QueueStores {
  readonly messages: MessageStore;
  readonly deduplication: Deduplication;
}

interface ReceiveOptions {
  readonly MaxNumberOfMessages?: number | string;
  readonly VisibilityTimeout?: number | string;
  readonly WaitTimeSeconds?: number | string;
}

/**
 * local-aws-sqs 2.0.2 keeps the protocol: parsing, validation, checksums, answers. Its message store counts
 * ChangeMessageVisibility as a receive, gives out several messages of a FIFO group at once, forgets a deduplication id
 * with its message and takes 50 ms for an empty receive, so every queue gets a store of ours.
 */
export function useOwnStore(queue: LibraryQueue, around: QueueSurroundings): QueueStores {
  const { now, waiters } = around;
  const { QueueName: queueName, FifoQueue: fifo } = queue;
  const changed = (id: string) => around.changed.message(queueName, id);
  const store = createMessageStore({ now, queueName, fifo, changed });
  const deduplication = createDeduplication(now, (id) => around.changed.deduplication(queueName, id));

  queue.newRecord = (added, delay) => {
    const record = added as MessageRecord;
    const { attributes } = record;
    attributes["SenderId"] = around.sender();
    attributes["SentTimestamp"] = String(now());
    // The library's own begin anew with the process.
    if (fifo) attributes["SequenceNumber"] = around.nextSequenceNumber();
    const first =
      fifo && deduplication.firstOf(deduplicationKey(queue, record), record.MessageId, attributes["SequenceNumber"]);
    if (first) {
      record.MessageId = first.messageId;
      if (first.sequenceNumber) attributes["SequenceNumber"] = first.sequenceNumber;
    } else {
      store.add(record, delay === undefined || Number.isNaN(delay) ? queue.DelaySeconds : delay);
      waiters.wakeAll();
    }
    return { record };
  };
  queue.receive = (options: ReceiveOptions) => receive(queue, store, around, options);
  queue.delete = (receipt) => {
    const outcome = store.remove(receipt, fifo);
    if (outcome === "removed") waiters.wakeAll();
    return outcome !== "invalid";
  };
  queue.changeVisibility = (receipt, seconds) => {
    const outcome = store.changeVisibility(receipt, Number(seconds));
    if (outcome === "changed") waiters.wakeAll();
    return outcome === "changed";
  };
  queue.clearRecords = store.clear;
  queue.purge = (done) => {
    store.clear();
    done?.();
    return true;
  };
  useOwnCounts(queue, store);
  const tasks = createMoveTasks({ ...around, store, queueName });
  queue.startMessageMoveTask = tasks.start;
  // The library's type has private fields of its own task class in it.
  queue.listMessageMoveTasks = tasks.list as unknown as LibraryQueue["listMessageMoveTasks"];
  return { messages: store, deduplication };
}

function deduplicationKey(queue: LibraryQueue, { attributes }: MessageRecord): string {
  const id = attributes["MessageDeduplicationId"] ?? "";
  return queue.DeduplicationScope === "messageGroup" ? `${attributes["MessageGroupId"]} ${id}` : id;
}

async function receive(queue: LibraryQueue, store: MessageStore, around: QueueSurroundings, options: ReceiveOptions) {
  const { now, waiters } = around;
  const max = Number(options.MaxNumberOfMessages ?? 1);
  const visibility = Number(options.VisibilityTimeout ?? queue.VisibilityTimeout);
  const until = now() + Number(options.WaitTimeSeconds ?? queue.ReceiveMessageWaitTimeSeconds) * 1000;
  for (let waited = false; ; ) {
    moveExhausted(queue, store, around);
    const taken = store.take(max, visibility);
    const left = until - now();
    if (taken.length > 0 || left <= 0 || waited || waiters.ended()) return taken;
    const pause = Math.min(left, (store.nextVisibleAt() ?? until) - now());
    waited = (await waiters.wait(pause)) === "elapsed" && pause === left;
  }
}

/** AWS moves a message that was received too often when the next receive would give it out; its id and times stay. */
function moveExhausted(
  queue: LibraryQueue,
  store: MessageStore,
  { storeOf, queueArn, waiters }: QueueSurroundings,
): void {
  const policy = queue.RedrivePolicy;
  const target = policy && storeOf(policy.deadLetterTargetArn);
  if (!policy || !target) return;
  for (const message of store.takeExhausted(Number(policy.maxReceiveCount))) {
    const attributes: Record<string, string> = {
      ...message.record.attributes,
      DeadLetterQueueSourceArn: queueArn(queue.QueueName),
    };
    // https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
    if (queue.FifoQueue) attributes["MessageDeduplicationId"] = message.record.MessageId;
    target.restore({ ...message, record: { ...message.record, attributes } });
    waiters.wakeAll();
  }
}

/** The library answers the attributes; the counts in them are of its own, empty, store. */
function useOwnCounts(queue: LibraryQueue, store: MessageStore): void {
  const getAttributes = queue.getAttributes.bind(queue);
  queue.getAttributes = (names) => {
    const attributes: Record<string, string> | undefined = getAttributes(names);
    if (!attributes) return attributes;
    const { visible, hidden, delayed } = store.counts();
    const counts = {
      ApproximateNumberOfMessages: visible,
      ApproximateNumberOfMessagesNotVisible: hidden,
      ApproximateNumberOfMessagesDelayed: delayed,
    };
    for (const [name, count] of Object.entries(counts)) {
      if (name in attributes) attributes[name] = String(count);
    }
    return attributes;
  };
}
