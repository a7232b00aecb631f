import { ServiceError } from "#domain/errors.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Events } from "#domain/ports.ts";
import type { EventBus } from "./event-bridge.ts";
import { once } from "./once.ts";
import type { Queues } from "./sqs.ts";
import type { Tasks } from "./step-functions.ts";

/** An event that a destination will never take: ids only. */
export interface Undelivered {
  readonly eventId: string;
  readonly submissionId: string;
  /** AWS's name of what is wrong. */
  readonly reason: string;
  /** The queue, where it was for one. */
  readonly queueUrl?: string;
}

export interface EventsOptions {
  readonly busName: string;
  /** `async () => (await import("#adapters/aws/event-bridge.ts")).openEventBridge({})` */
  eventBridge(): Promise<EventBus>;
  /** `async () => (await import("#adapters/aws/sqs.ts")).openSqs({}, Date.now)` */
  sqs(): Promise<Queues>;
  /** `async () => (await import("#adapters/aws/step-functions.ts")).openStepFunctions({}, Date.now)` */
  stepFunctions(): Promise<Tasks>;
  /** Tells that a tenant's queue is gone or denies us, or that no task may be told. Somebody has to act. */
  onUndelivered(undelivered: Undelivered): void;
  /** Tells that a task does not wait any more: it had its answer, or gave up. Nobody has to act. */
  onTaskOver(undelivered: Undelivered): void;
}

/** Does one after the other, whatever becomes of those before, and throws what failed. */
const each = async (steps: readonly (() => Promise<void>)[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 1) throw together(failures);
  if (failures.length === 1) throw failures[0];
};

/** Several destinations that do not answer are one outage. What is not ours to interpret comes as it is. */
const together = (failures: readonly unknown[]): unknown => {
  const outages = failures.filter((failure) => failure instanceof ServiceError);
  if (outages.length < failures.length) return failures.find((failure) => !(failure instanceof ServiceError));
  const message = outages.map((outage) => outage.message).join("; ");
  return new ServiceError("ERR_EVENTS_DOWN", message, { cause: outages[0]?.cause });
};

/**
 * Publishes on the bus, then to the queue and to the task where there are any. The clients are loaded when they are first
 * needed: most calls of a function publish nothing, and its cold start does not pay for them. What is gone or denies us
 * holds nothing up: the bus has the event, and trying again would only put it there once more.
 */
export const awsEvents = (options: EventsOptions): Events => {
  const { busName, onUndelivered, onTaskOver } = options;
  const loadBus = once(options.eventBridge);
  const loadQueues = once(options.sqs);
  const loadTasks = once(options.stepFunctions);
  const about = ({ detail: { id: eventId, subject: submissionId } }: PublishedEvent, reason: string): Undelivered => ({
    eventId,
    submissionId,
    reason,
  });

  const send = async (event: PublishedEvent, queueUrl: string): Promise<void> => {
    const sending = await (await loadQueues()).send(event, queueUrl);
    if (sending.verdict === "refused") onUndelivered({ ...about(event, sending.reason), queueUrl });
  };
  const tellTask = async (event: PublishedEvent, taskToken: string): Promise<void> => {
    const telling = await (await loadTasks()).tell(event, taskToken);
    if (telling.verdict === "refused") onUndelivered(about(event, telling.reason));
    if (telling.verdict === "over") onTaskOver(about(event, telling.reason));
  };

  return {
    tellTask,
    async publish(event, { queueUrl, taskToken }) {
      await each([
        async () => await (await loadBus()).put(event, busName),
        ...(queueUrl === undefined ? [] : [async () => await send(event, queueUrl)]),
        ...(taskToken === undefined ? [] : [async () => await tellTask(event, taskToken)]),
      ]);
    },
  };
};
