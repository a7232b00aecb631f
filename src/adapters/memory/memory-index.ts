import type { Submission } from "#domain/submission/submission.ts";

/** Where an index has a submission: under which key, and by which text it is ordered there. No two have the same text. */
export interface Place {
  readonly key: string;
  readonly order: string;
}

export interface MemoryIndex {
  /** Follows a submission from what it was to what it is. */
  move(before: Submission | undefined, after: Submission): void;
  /** The first submissions of a key, at most so many. */
  first(key: string, limit: number): Submission[];
  count(key: string): number;
  /** How many submissions of a key come before an order. */
  rank(key: string, order: string): number;
}

interface Kept {
  /** Sorted. */
  readonly orders: string[];
  readonly submissions: Map<string, Submission>;
}

/** Where an order is or would be, by bisection. */
const rankIn = (orders: readonly string[], order: string): number => {
  let [low, high] = [0, orders.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((orders[middle] ?? "") < order) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * An index of submissions in memory, sorted as they are stored: a read looks at what it hands out, however many there
 * are. A submission without a place is not in it.
 */
export const memoryIndex = (placeOf: (submission: Submission) => Place | undefined): MemoryIndex => {
  const keys = new Map<string, Kept>();

  const remove = ({ key, order }: Place): void => {
    const kept = keys.get(key);
    if (kept === undefined || !kept.submissions.delete(order)) return;
    kept.orders.splice(rankIn(kept.orders, order), 1);
    if (kept.orders.length === 0) keys.delete(key);
  };

  const put = ({ key, order }: Place, submission: Submission): void => {
    const kept = keys.get(key) ?? { orders: [], submissions: new Map() };
    keys.set(key, kept);
    if (!kept.submissions.has(order)) kept.orders.splice(rankIn(kept.orders, order), 0, order);
    kept.submissions.set(order, submission);
  };

  return {
    move(before, after) {
      const [from, to] = [before && placeOf(before), placeOf(after)];
      if (from !== undefined && (from.key !== to?.key || from.order !== to.order)) remove(from);
      if (to !== undefined) put(to, after);
    },
    first(key, limit) {
      const { orders = [], submissions } = keys.get(key) ?? {};
      return orders.slice(0, limit).flatMap((order) => submissions?.get(order) ?? []);
    },
    count: (key) => keys.get(key)?.orders.length ?? 0,
    rank: (key, order) => rankIn(keys.get(key)?.orders ?? [], order),
  };
};
