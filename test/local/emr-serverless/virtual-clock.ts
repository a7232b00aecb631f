/** A clock that moves only when told, and runs what is due in order. */
export interface VirtualClock {
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
  advance(ms: number): void;
}

export const startOfTime = Date.UTC(2026, 0, 1);

export function createVirtualClock(start = startOfTime): VirtualClock {
  let time = start;
  let order = 0;
  let due: { at: number; order: number; run: () => void }[] = [];
  return {
    now: () => time,
    schedule: (delayMs, run) => {
      order += 1;
      const entry = { at: time + delayMs, order, run };
      due.push(entry);
      return () => {
        due = due.filter((other) => other !== entry);
      };
    },
    advance: (ms) => {
      const until = time + ms;
      for (;;) {
        const [next] = due.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order);
        if (!next) break;
        due = due.filter((other) => other !== next);
        time = Math.max(time, next.at);
        next.run();
      }
      time = until;
    },
  };
}

/** A small generator with a seed: Mulberry32. */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
