import type { Line, Suspects } from "#domain/turns/line.ts";
import type { Item, ItemChange } from "./ledger-items.ts";
import { present } from "./present.ts";

/** A tenant's line is one item: its slots, how many wait, and what an operator said. */
const prefix = "line#";

export const lineKey = (tenantId: string): Item => ({ pk: { S: `${prefix}${tenantId}` }, sk: { S: "line" } });

/** The key of a line that comes after all those up to this tenant's. */
export const linePk = (tenantId: string): string => `${prefix}${tenantId}`;

export const tenantOfLine = (item: Item): string => (item["pk"]?.S ?? "").slice(prefix.length);

/** The values of the sparse attributes, and so the hash keys of the indexes. */
export const marks = { waiting: "waiting", active: "active" } as const;

/** One text for the same suspects: it is compared. */
export const suspectsText = ({ slots, since }: Suspects): string => JSON.stringify({ slots, since });

const suspectsOf = (text: string | undefined): Line["suspects"] => (text === undefined ? undefined : JSON.parse(text));

export const waitingIn = (item: Item | undefined): number => Number(item?.["waiting"]?.N ?? 0);

export const lineOf = (item: Item | undefined): Line =>
  present({
    active: item?.["active"]?.SS ?? [],
    waiting: waitingIn(item),
    suspended: item?.["suspended"]?.S,
    suspects: suspectsOf(item?.["suspects"]?.S),
  });

/** What a change of a line is, but for whose it is. */
export type LineChange = Pick<ItemChange, "update" | "when" | "values">;

/** `number` may be absent, which is none. */
const none = (number: string): string => `(attribute_not_exists(${number}) OR ${number} <= :none)`;
const notSuspended = "attribute_not_exists(suspended)";
const room = "(attribute_not_exists(active) OR size(active) <= :room)";

const stillHeld = (held: readonly string[]): string[] => held.map((_, index) => `contains(active, :held${index})`);
const heldValues = (held: readonly string[]) =>
  Object.fromEntries(held.map((id, index) => [`:held${index}`, { S: id }]));

/**
 * Slots that are free, while others are still held. Where an audit suspects slots, the line has to be read first: one of
 * these may be held already.
 */
export const enterChange = (
  fresh: readonly string[],
  held: readonly string[],
  { maxActive, suspects }: { readonly maxActive: number; readonly suspects: Line["suspects"] },
): LineChange => {
  const unsuspected = suspects === undefined ? ["attribute_not_exists(suspects)"] : [];
  const clears = held.some((slot) => suspects?.slots.includes(slot));
  return {
    update: `SET activeAs = :active${clears ? " REMOVE suspects" : ""} ADD active :fresh`,
    when: [notSuspended, none("waiting"), room, ...unsuspected, ...stillHeld(held)].join(" AND "),
    values: {
      ":active": { S: marks.active },
      ":fresh": { SS: [...fresh] },
      ":none": { N: "0" },
      ":room": { N: String(maxActive - fresh.length) },
      ...heldValues(held),
    },
  };
};

/** Slots that are held are somebody's: they are suspect no more. */
export const clearChange = (held: readonly string[]): LineChange => ({
  update: "REMOVE suspects",
  when: stillHeld(held).join(" AND "),
  values: heldValues(held),
});

export const freeSuspectsChange = (slots: readonly string[], suspects: Suspects): LineChange => ({
  update: "REMOVE suspects DELETE active :ids",
  when: "suspects = :suspects",
  values: { ":ids": { SS: [...slots] }, ":suspects": { S: suspectsText(suspects) } },
});

/** A turn: one more is active, and where the line counts somebody, one less waits. */
export const turnChange = (slot: string, maxActive: number, counted: boolean): LineChange => ({
  update: `SET activeAs = :active${counted ? ", waiting = waiting - :one" : ""} ADD active :fresh`,
  when: `${notSuspended} AND NOT contains(active, :id) AND ${room} AND ${counted ? "waiting >= :one" : none("waiting")}`,
  values: {
    ":active": { S: marks.active },
    ":fresh": { SS: [slot] },
    ":id": { S: slot },
    ":room": { N: String(maxActive - 1) },
    ...(counted ? { ":one": { N: "1" } } : { ":none": { N: "0" } }),
  },
});

const queueChange = (count: number, maxWaiting: number, when: string, own: Item = {}): LineChange => ({
  update: "SET waitingAs = :waiting ADD waiting :count",
  when,
  values: {
    ":waiting": { S: marks.waiting },
    ":count": { N: String(count) },
    ":room": { N: String(maxWaiting - count) },
    ...own,
  },
});

export const queueUpChange = (count: number, maxWaiting: number): LineChange =>
  queueChange(count, maxWaiting, "attribute_not_exists(waiting) OR waiting <= :room");

/** Behind somebody who waits; there must be room for two at least, because a range must not be empty. */
export const queueBehindChange = (count: number, maxWaiting: number): LineChange =>
  queueChange(count, maxWaiting, `${notSuspended} AND waiting BETWEEN :one AND :room`, { ":one": { N: "1" } });

export const giveBackChange = (slot: string): LineChange => ({
  update: "SET waitingAs = :waiting ADD waiting :one DELETE active :ids",
  when: "contains(active, :id)",
  values: {
    ":waiting": { S: marks.waiting },
    ":one": { N: "1" },
    ":ids": { SS: [slot] },
    ":id": { S: slot },
  },
});

export const leaveChange = (slots: readonly string[]): LineChange => ({
  update: "DELETE active :ids",
  when: "attribute_exists(active)",
  values: { ":ids": { SS: [...slots] } },
});

export const restoreChange = (slot: string): LineChange => ({
  update: "SET activeAs = :active ADD active :ids",
  when: "NOT contains(active, :id)",
  values: { ":active": { S: marks.active }, ":ids": { SS: [slot] }, ":id": { S: slot } },
});

export const leaveLineChange = (count: number): LineChange => ({
  update: "SET waiting = waiting - :count",
  when: "waiting >= :count",
  values: { ":count": { N: String(count) } },
});

/** Fewer wait than were to leave: then nobody does. */
export const emptyLineChange = (count: number): LineChange => ({
  update: "SET waiting = :none REMOVE waitingAs",
  when: "waiting < :count",
  values: { ":none": { N: "0" }, ":count": { N: String(count) } },
});

export const correctionChange = (from: number, to: number): LineChange => ({
  update: to > 0 ? "SET waiting = :to, waitingAs = :waiting" : "SET waiting = :to REMOVE waitingAs",
  when: from === 0 ? "attribute_not_exists(waiting) OR waiting = :from" : "waiting = :from",
  values: {
    ":from": { N: String(from) },
    ":to": { N: String(to) },
    ...(to > 0 && { ":waiting": { S: marks.waiting } }),
  },
});

/** Takes the line out of an index, where that is still right: it may have changed since. */
export const unmarkWaiting: LineChange = {
  update: "REMOVE waitingAs",
  when: "waiting <= :none",
  values: { ":none": { N: "0" } },
};
export const unmarkActive: LineChange = { update: "REMOVE activeAs", when: "attribute_not_exists(active)" };
