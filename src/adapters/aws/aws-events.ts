import type { Events } from "#domain/ports.ts";
import type { EventBus } from "./event-bridge.ts";
import type { Queues } from "./sqs.ts";

export interface EventsOptions {
  readonly busName: string;
  /** `async () => (await import("#adapters/aws/event-bridge.ts")).openEventBridge({})` */
  eventBridge(): Promise<EventBus>;
  /** `async () => (await import("#adapters/aws/sqs.ts")).openSqs({})` */
  sqs(): Promise<Queues>;
}

/** Loads at the first call and keeps what it got; after a failure the next call loads again. */
const once = <T>(load: () => Promise<T>): (() => Promise<T>) => {
  let loaded: Promise<T> | undefined;
  return async () => {
    loaded ??= load();
    try {
      return await loaded;
    } catch (error) {
      loaded = undefined;
      throw error;
    }
  };
};

/**
 * Publishes on the bus, then to the queue where there is one. Both clients are loaded when they are first needed: most
 * calls of a function publish nothing, and its cold start does not pay for them.
 */
export const awsEvents = ({ busName, eventBridge, sqs }: EventsOptions): Events => {
  const loadBus = once(eventBridge);
  const loadQueues = once(sqs);
  return {
    async publish(event, { queueUrl }) {
      const bus = await loadBus();
      await bus.put(event, busName);
      if (queueUrl === undefined) return;
      const queues = await loadQueues();
      await queues.send(event.detail, queueUrl);
    },
  };
};
