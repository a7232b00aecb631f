import type { Events } from "#domain/ports.ts";
import type { EventBus } from "./event-bridge.ts";
import { once } from "./once.ts";
import type { Queues } from "./sqs.ts";

/** An event that its tenant's queue will never take: ids only. */
export interface Undelivered {
  readonly eventId: string;
  readonly submissionId: string;
  readonly queueUrl: string;
  /** AWS's name of what is wrong. */
  readonly reason: string;
}

export interface EventsOptions {
  readonly busName: string;
  /** `async () => (await import("#adapters/aws/event-bridge.ts")).openEventBridge({})` */
  eventBridge(): Promise<EventBus>;
  /** `async () => (await import("#adapters/aws/sqs.ts")).openSqs({})` */
  sqs(): Promise<Queues>;
  /** Tells that a tenant's queue is gone or denies us. Its tenant or an operator has to act. */
  onUndelivered(undelivered: Undelivered): void;
}

/**
 * Publishes on the bus, then to the queue where there is one. Both clients are loaded when they are first needed: most
 * calls of a function publish nothing, and its cold start does not pay for them. A queue that is gone or denies us holds
 * nothing up: the bus has the event, and trying again would only put it there once more.
 */
export const awsEvents = ({ busName, eventBridge, sqs, onUndelivered }: EventsOptions): Events => {
  const loadBus = once(eventBridge);
  const loadQueues = once(sqs);
  return {
    async publish(event, { queueUrl }) {
      const bus = await loadBus();
      await bus.put(event, busName);
      if (queueUrl === undefined) return;
      const queues = await loadQueues();
      const sending = await queues.send(event.detail, queueUrl);
      if (sending.verdict === "sent") return;
      const { id: eventId, subject: submissionId } = event.detail;
      onUndelivered({ eventId, submissionId, queueUrl, reason: sending.reason });
    },
  };
};
