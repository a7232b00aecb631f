import type { PublishedEvent } from "#domain/events/published-event.ts";

/** What a submission tells, each at most once: that it started, how it ended, what it cost where that came late. */
export type Told = "started" | "ending" | "cost";

/** Events that are stored and not published yet. What is published is what was stored, byte for byte. */
export type Outbox = { readonly [Kind in Told]?: PublishedEvent };

const inOrder: readonly Told[] = ["started", "ending", "cost"];

/** The order in which a consumer should read a submission's events, as texts that compare so: 00000011 for its start. */
export const sequenceOf = (kind: Told, acceptance = 1): string =>
  String(acceptance * 10 + inOrder.indexOf(kind) + 1).padStart(8, "0");

/** What is to be published, in its order. */
export const unpublished = (outbox: Outbox = {}): readonly (readonly [Told, PublishedEvent])[] =>
  inOrder.flatMap((kind) => {
    const event = outbox[kind];
    return event === undefined ? [] : [[kind, event] as const];
  });
