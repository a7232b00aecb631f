import type { Schedule } from "#local/schedule.ts";

/** Those who wait for something to change in a queue. */
export function createWaiters(schedule: Schedule) {
  const waiting = new Set<() => void>();
  let ended = false;
  const wakeAll = () => {
    for (const wake of waiting) wake();
  };
  return {
    wakeAll,
    ended: () => ended,
    /** Resolves at the next change, or when `maxMs` have passed without one. */
    wait: (maxMs: number): Promise<"changed" | "elapsed"> =>
      new Promise((resolve) => {
        const finish = (why: "changed" | "elapsed") => {
          waiting.delete(wake);
          resolve(why);
        };
        const cancel = schedule(maxMs, () => finish("elapsed"));
        const wake = () => {
          cancel();
          finish("changed");
        };
        waiting.add(wake);
      }),
    end: () => {
      ended = true;
      wakeAll();
    },
  };
}

export type Waiters = ReturnType<typeof createWaiters>;
