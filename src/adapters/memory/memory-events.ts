import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Destinations, Events } from "#domain/ports.ts";

export interface Publication extends Destinations {
  readonly event: PublishedEvent;
}

export interface MemoryEvents extends Events {
  /** What was published, in order. */
  readonly published: readonly Publication[];
  /** What tasks were told, in order: with what was published, and alone. */
  readonly told: readonly { readonly event: PublishedEvent; readonly taskToken: string }[];
}

/** Keeps what is published. */
export const memoryEvents = (): MemoryEvents => {
  const published: Publication[] = [];
  const told: { event: PublishedEvent; taskToken: string }[] = [];
  return {
    published,
    told,
    async publish(event, destinations) {
      published.push({ event, ...destinations });
      if (destinations.taskToken !== undefined) told.push({ event, taskToken: destinations.taskToken });
    },
    async tellTask(event, taskToken) {
      told.push({ event, taskToken });
    },
  };
};
