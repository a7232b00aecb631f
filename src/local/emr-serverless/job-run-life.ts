import { endAttempt, stopAttempt } from "./attempt-end.ts";
import { emitJobRunState, emitUtilization } from "./events.ts";
import { enterJobRunState } from "./job-run-state.ts";
import type { AttemptContext, JobRunAttempt } from "./job-runner.ts";
import type { Machine } from "./machine.ts";
import { freeSlot, takeSlot } from "./queue.ts";
import { type AttemptRecord, isTerminal, type JobRunRecord, latestAttempt } from "./state.ts";
import { billedUtilization, totalUtilization, workersOf } from "./utilization.ts";

/**
 * The life of a job run:
 *
 *     SUBMITTED → (QUEUED →) PENDING → SCHEDULED → RUNNING → SUCCESS | FAILED
 *         any state before the end → CANCELLING → CANCELLED        (asked for, or a timeout)
 *
 * A failed attempt with retries left goes on as a new attempt in PENDING, without leaving its application's slot.
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-states.html
 */
export function submitJobRun(machine: Machine, run: JobRunRecord): void {
  const { ports, settings, timers } = machine;
  emitJobRunState(machine, run, "SUBMITTED");
  timers.arm(ports.now() + settings.stages.submittedMs, { kind: "advance", jobRunId: run.jobRunId });
}

/** The end of a stage that takes its time. */
export function advanceJobRun(machine: Machine, run: JobRunRecord): void {
  const { ports, settings, timers } = machine;
  const { jobRunId } = run;
  const state = latestAttempt(run).state;
  if (state === "SUBMITTED") takeSlot(machine, run);
  if (state === "PENDING") {
    enterJobRunState(machine, run, "SCHEDULED");
    timers.arm(ports.now() + settings.stages.scheduledMs, { kind: "advance", jobRunId });
  }
  if (state === "SCHEDULED") runAttempt(machine, run);
  if (state === "CANCELLING") endAttempt(machine, run, { state: "CANCELLED" });
}

/** Also for an attempt that was running when its state was taken: the runner sees that from `startedAt`. */
function runAttempt(machine: Machine, run: JobRunRecord): void {
  const attempt = latestAttempt(run);
  const given: JobRunAttempt = {
    applicationId: run.applicationId,
    jobRunId: run.jobRunId,
    attempt: attempt.attempt,
    releaseLabel: run.releaseLabel,
    type: run.type,
    input: run.input,
    tags: run.tags,
    ...(attempt.startedAt === undefined ? {} : { startedAt: attempt.startedAt }),
  };
  const context = contextOf(machine, run, attempt);
  const handle = machine.ports.runner.start(given, context);
  if (isCurrent(machine, run, attempt)) machine.running.set(run.jobRunId, handle);
}

function isCurrent({ state }: Machine, run: JobRunRecord, attempt: AttemptRecord): boolean {
  return state.jobRuns[run.jobRunId] === run && latestAttempt(run) === attempt && !isTerminal(attempt.state);
}

function contextOf(machine: Machine, run: JobRunRecord, attempt: AttemptRecord): AttemptContext {
  const { ports } = machine;
  return {
    now: ports.now,
    schedule: ports.schedule,
    running: () => {
      if (isCurrent(machine, run, attempt) && attempt.state === "SCHEDULED") startRunning(machine, run, attempt);
    },
    ended: (outcome) => {
      if (isCurrent(machine, run, attempt)) endAttempt(machine, run, outcome);
    },
  };
}

/** "Returns 720 minutes if you didn't specify a timeout" (API reference, JobRun); streaming jobs run on. */
export function timeoutMinutesOf({ input }: JobRunRecord): number {
  return input.executionTimeoutMinutes ?? (input.mode === "STREAMING" ? 0 : 720);
}

/** Utilization events come "at close to 30-minute intervals" (user guide, using-eventbridge). */
const utilizationIntervalMs = 30 * 60_000;

function startRunning(machine: Machine, run: JobRunRecord, attempt: AttemptRecord): void {
  const { ports, timers } = machine;
  attempt.startedAt = ports.now();
  enterJobRunState(machine, run, "RUNNING");
  const { jobRunId } = run;
  timers.arm(ports.now() + utilizationIntervalMs, { kind: "utilization", jobRunId });
  const minutes = timeoutMinutesOf(run);
  // Whether time in the queue counts is not documented: the queue has a timeout of its own.
  if (minutes > 0) timers.arm(ports.now() + minutes * 60_000, { kind: "runTimeout", jobRunId });
}

export function reportUtilization(machine: Machine, run: JobRunRecord): void {
  const { ports, timers } = machine;
  const attempt = latestAttempt(run);
  if (attempt.startedAt === undefined || isTerminal(attempt.state)) return;
  const before = { ...attempt };
  const workers = workersOf(run.input);
  const durationMs = ports.now() - attempt.startedAt;
  attempt.total = totalUtilization(workers, durationMs);
  attempt.billed = billedUtilization(workers, durationMs);
  attempt.reportedUntil = ports.now();
  machine.changed("jobRuns", run.jobRunId);
  emitUtilization(machine, run, attempt, before);
  timers.arm(ports.now() + utilizationIntervalMs, { kind: "utilization", jobRunId: run.jobRunId });
}

/**
 * Only a run in RUNNING gets its grace period, all others stop at once; streaming jobs have 120 seconds by default:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/job-cancellation-grace-period.html
 */
export function cancelJobRun(machine: Machine, run: JobRunRecord, reason: string, graceSeconds?: number): void {
  const { ports, settings, timers } = machine;
  const state = latestAttempt(run).state;
  if (state === "CANCELLING" || isTerminal(state)) return;
  run.cancelReason = reason;
  if (state === "QUEUED") freeSlot(machine, run);
  enterJobRunState(machine, run, "CANCELLING");
  const handle = machine.running.get(run.jobRunId);
  if (handle) stopAttempt(handle, run, graceSeconds);
  else timers.arm(ports.now() + settings.stages.cancellingMs, { kind: "advance", jobRunId: run.jobRunId });
}

/** After a restore: attempts that a runner had in hand are handed to it again. */
export function resumeJobRuns(machine: Machine): void {
  for (const run of Object.values(machine.state.jobRuns)) {
    const { state, startedAt } = latestAttempt(run);
    const waits = `advance:${run.jobRunId}` in machine.state.timers;
    const handedOver = state === "RUNNING" || ((state === "SCHEDULED" || state === "CANCELLING") && !waits);
    if (!handedOver) continue;
    if (startedAt === undefined && state === "CANCELLING") endAttempt(machine, run, { state: "CANCELLED" });
    else runAttempt(machine, run);
    const handle = machine.running.get(run.jobRunId);
    if (state === "CANCELLING" && handle) stopAttempt(handle, run, 0);
  }
}
