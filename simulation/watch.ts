import type { Submission } from "#domain/submission/submission.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";
import type { Scheduler } from "./scheduler.ts";

/** A submission that waits for its turn, as it really is. */
export interface Waiter {
  readonly submissionId: string;
  readonly tenantId: string;
  readonly turnKey: string;
  /** Since when it has waited this time, in epoch milliseconds of the true time. */
  readonly since: number;
}

/** A tenant's place in the scheme of turns, as it really is. */
export interface WatchedLine {
  /** The slots that are taken, and since when. */
  readonly active: ReadonlyMap<string, number>;
  readonly waiting: number;
}

/** What is true at this moment, whatever the instances believe. It is brought up to date after every effect. */
export interface Watch {
  readonly waiters: ReadonlyMap<string, Waiter>;
  readonly lines: ReadonlyMap<string, WatchedLine>;
  /** The tenants that are paused, and "*" where all are, and since when. */
  readonly paused: ReadonlyMap<string, number>;
  ledger(all: readonly Submission[]): void;
  line(tenantId: string, active: readonly string[], waiting: number): void;
  pause(who: string, paused: boolean): void;
}

const noLine: WatchedLine = { active: new Map(), waiting: 0 };

export const createWatch = ({ now }: Pick<Scheduler, "now">): Watch => {
  const waiters = new Map<string, Waiter>();
  const lines = new Map<string, WatchedLine>();
  const paused = new Map<string, number>();
  return {
    waiters,
    lines,
    paused,
    ledger(all) {
      for (const { submissionId, tenantId, state, priority = defaultPriority, acceptedAt } of all) {
        if (state !== "waiting") waiters.delete(submissionId);
        else if (!waiters.has(submissionId)) {
          const turnKey = turnKeyOf(priority, acceptedAt, submissionId);
          waiters.set(submissionId, { submissionId, tenantId, turnKey, since: now() });
        }
      }
    },
    line(tenantId, active, waiting) {
      const before = (lines.get(tenantId) ?? noLine).active;
      lines.set(tenantId, { active: new Map(active.map((slot) => [slot, before.get(slot) ?? now()])), waiting });
    },
    pause(who, isPaused) {
      if (!isPaused) paused.delete(who);
      else if (!paused.has(who)) paused.set(who, now());
    },
  };
};
