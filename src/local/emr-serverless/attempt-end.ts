import { emitRetry, emitUtilization } from "./events.ts";
import { enterJobRunState } from "./job-run-state.ts";
import type { AttemptOutcome, RunningAttempt } from "./job-runner.ts";
import type { Machine } from "./machine.ts";
import { enterPending, freeSlot } from "./queue.ts";
import { type AttemptRecord, type JobRunRecord, latestAttempt } from "./state.ts";
import { billedUtilization, totalUtilization, workersOf } from "./utilization.ts";

const hourMs = 3_600_000;

/**
 * Batch jobs run `maxAttempts` times at most, once by default. Streaming jobs are retried for ever, until 5 (or
 * `maxFailedAttemptsPerHour`) attempts have failed within an hour. Every failure counts, whatever its cause:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/jobs-resiliency.html
 */
function mayRetry(run: JobRunRecord, now: number): boolean {
  const { mode, retryPolicy } = run.input;
  if (mode !== "STREAMING") return run.attempts.length < (retryPolicy?.maxAttempts ?? 1);
  const failed = run.attempts.filter(({ state, endedAt = 0 }) => state === "FAILED" && endedAt > now - hourMs);
  return failed.length + 1 < (retryPolicy?.maxFailedAttemptsPerHour ?? 5);
}

export function stopAttempt(handle: RunningAttempt, run: JobRunRecord, graceSeconds?: number): void {
  handle.cancel(graceSeconds ?? (run.input.mode === "STREAMING" ? 120 : 0));
}

export function endAttempt(machine: Machine, run: JobRunRecord, outcome: AttemptOutcome): void {
  const { ports, timers, running } = machine;
  const attempt = latestAttempt(run);
  const before = { ...attempt };
  running.delete(run.jobRunId);
  for (const kind of ["advance", "runTimeout", "utilization"] as const) timers.clear({ kind, jobRunId: run.jobRunId });
  attempt.endedAt = ports.now();
  measure(run, attempt, outcome);
  if (outcome.state === "FAILED" && attempt.state !== "CANCELLING" && mayRetry(run, ports.now())) {
    retry(machine, run, outcome, before);
    return;
  }
  enterJobRunState(machine, run, outcome.state, outcome.stateDetails ?? run.cancelReason);
  emitUtilization(machine, run, attempt, before);
  freeSlot(machine, run);
}

/** Utilization runs from the start of execution: an attempt that never ran used nothing. */
function measure(run: JobRunRecord, attempt: AttemptRecord, { utilization }: AttemptOutcome): void {
  if (attempt.startedAt === undefined || attempt.endedAt === undefined) return;
  const workers = workersOf(run.input);
  const durationMs = attempt.endedAt - attempt.startedAt;
  attempt.total = utilization ?? totalUtilization(workers, durationMs);
  attempt.billed = utilization ?? billedUtilization(workers, durationMs);
}

/** What a run does between two attempts is not documented: here it keeps its slot and is PENDING again. */
function retry(
  machine: Machine,
  run: JobRunRecord,
  { stateDetails = "" }: AttemptOutcome,
  before: AttemptRecord,
): void {
  const { ports, settings } = machine;
  const failed = latestAttempt(run);
  if (settings.failedBetweenAttempts) enterJobRunState(machine, run, "FAILED", stateDetails);
  else Object.assign(failed, { state: "FAILED", stateDetails, updatedAt: ports.now() });
  emitUtilization(machine, run, failed, before);
  run.attempts.push({
    attempt: failed.attempt + 1,
    createdAt: ports.now(),
    updatedAt: ports.now(),
    // The state that the run is seen to come from.
    state: settings.failedBetweenAttempts ? "FAILED" : before.state,
    stateDetails: "",
  });
  emitRetry(machine, run, failed);
  enterPending(machine, run);
}
