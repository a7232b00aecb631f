/** When the simulated world begins, in epoch milliseconds: 2026-11-22T12:00:00.000Z. */
export const epoch = 1_795_348_800_000;

export const isoOf = (at: number): string => new Date(at).toISOString();

interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * Virtual time and everything that will happen in it. Only what is scheduled here goes on, one entry after the other:
 * what an entry wakes runs until all of it is parked at its next calls or has ended, before the next entry is looked at.
 */
export interface Scheduler {
  /** Epoch milliseconds of the true time. */
  now(): number;
  /** Runs once after the delay; what it returns cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** Goes on until nothing is left, `done` says so, or the true time is `until`. */
  run(until: number, done: () => boolean): Promise<void>;
  readonly steps: number;
}

const before = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

const swap = (heap: Entry[], one: number, other: number): void => {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined) return;
  heap[one] = second;
  heap[other] = first;
};

const isBefore = (heap: readonly Entry[], one: number, other: number): boolean => {
  const [first, second] = [heap[one], heap[other]];
  return first !== undefined && second !== undefined && before(first, second);
};

const push = (heap: Entry[], entry: Entry): void => {
  heap.push(entry);
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!isBefore(heap, at, parent)) return;
    swap(heap, at, parent);
    at = parent;
  }
};

const pop = (heap: Entry[]): Entry | undefined => {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || first === last) return first;
  heap[0] = last;
  for (let at = 0; ; ) {
    const left = 2 * at + 1;
    const least = isBefore(heap, left + 1, left) ? left + 1 : left;
    if (!isBefore(heap, least, at)) return first;
    swap(heap, at, least);
    at = least;
  }
};

/** All that an entry woke is parked again or has ended: nothing but promises goes on in between. */
const quiet = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

export const createScheduler = (): Scheduler => {
  const heap: Entry[] = [];
  let now = epoch;
  let order = 0;
  let steps = 0;
  return {
    now: () => now,
    get steps() {
      return steps;
    },
    after(delayMs, run) {
      order += 1;
      const entry: Entry = { at: now + Math.max(0, delayMs), order, run };
      push(heap, entry);
      return () => {
        entry.run = undefined;
      };
    },
    async run(until, done) {
      for (let entry = pop(heap); entry !== undefined && entry.at <= until; entry = pop(heap)) {
        if (entry.run === undefined) continue;
        now = entry.at;
        steps += 1;
        entry.run();
        await quiet();
        if (done()) return;
      }
    },
  };
};
