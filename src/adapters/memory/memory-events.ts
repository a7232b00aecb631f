import type { Events, PublishedEvent } from "#domain/ports.ts";

export interface Publication {
  readonly event: PublishedEvent;
  readonly queueUrl?: string;
}

export interface MemoryEvents extends Events {
  /** What was published, in order. */
  readonly published: readonly Publication[];
}

/** Keeps what is published. */
export const memoryEvents = (): MemoryEvents => {
  const published: Publication[] = [];
  return {
    published,
    async publish(event, destination) {
      published.push({ event, ...destination });
    },
  };
};
