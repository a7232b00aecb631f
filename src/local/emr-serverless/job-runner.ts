import type { StartJobRunInput } from "./constraints.ts";
import type { Utilization } from "./state.ts";

/** One attempt of a job run, as a runner gets it. */
export interface JobRunAttempt {
  readonly applicationId: string;
  readonly jobRunId: string;
  readonly attempt: number;
  readonly releaseLabel: string;
  readonly type: string;
  readonly input: Omit<StartJobRunInput, "clientToken" | "tags">;
  readonly tags: Readonly<Record<string, string>>;
  /** Set when the attempt was already running before its state was restored. */
  readonly startedAt?: number;
}

export interface AttemptOutcome {
  readonly state: "SUCCESS" | "FAILED" | "CANCELLED";
  readonly stateDetails?: string;
  /** Where a runner does not say, utilization follows from the time in RUNNING and the workers asked for. */
  readonly utilization?: Utilization;
}

/** What a runner is given: the clock of the service, and whom to tell. Reports after the end are ignored. */
export interface AttemptContext {
  now(): number;
  schedule(delayMs: number, run: () => void): () => void;
  running(): void;
  ended(outcome: AttemptOutcome): void;
}

export interface RunningAttempt {
  /** 0 seconds of grace: stop at once. `ended` follows. */
  cancel(graceSeconds: number): void;
  /** Forgets the attempt without a report: its state was replaced or the service ends. */
  abandon(): void;
}

/** Runs the attempts of job runs. It may report before `start` has returned. */
export interface JobRunner {
  start(attempt: JobRunAttempt, context: AttemptContext): RunningAttempt;
  end?(): Promise<void>;
}
