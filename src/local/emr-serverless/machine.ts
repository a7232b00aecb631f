import type { EmrServerlessFaults } from "./faults.ts";
import type { JobRunner, RunningAttempt } from "./job-runner.ts";
import type { Settings } from "./settings.ts";
import type { EmrEvent, State } from "./state.ts";
import type { Timers } from "./timers.ts";

/** The world as the core sees it: with a virtual clock and a seeded `random` everything here is deterministic. */
export interface Ports {
  /** Epoch milliseconds. */
  now(): number;
  /** Runs once after the delay; what it returns cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
  /** As Math.random. */
  random(): number;
  emit(event: EmrEvent): void;
  readonly runner: JobRunner;
  /** Told of every part of the state that was made, changed or removed; the state itself may change some more. */
  changed?(part: keyof State, key: string): void;
}

/** One embedded EMR Serverless: its state, and what its parts need. */
export interface Machine {
  readonly ports: Ports;
  readonly settings: Settings;
  readonly faults: EmrServerlessFaults;
  readonly timers: Timers;
  /** Attempts that a runner has in hand, by job run id. */
  readonly running: Map<string, RunningAttempt>;
  changed(part: keyof State, key?: string): void;
  /** Replaced as a whole by a restore. */
  state: State;
}
