import { msBetween } from "#domain/time.ts";
import type { JobRun } from "./job-run.ts";
import { frozenInput, type Submission } from "./submission.ts";

/**
 * Why a submission ended, in words of our own: they are public and never renamed. EMR Serverless's states tell a timeout,
 * a cancellation of ours and one of somebody else by the same word.
 */
export const reasons = [
  "SUCCEEDED",
  "FAILED",
  "CANCELLED_BY_TENANT",
  "CANCELLED_ELSEWHERE",
  "EXECUTION_TIMEOUT",
  "QUEUE_TIMEOUT",
  "JOB_RUN_GONE",
] as const;

export type Reason = (typeof reasons)[number];

/** The default of `queueTimeoutMinutes` (Amazon EMR Serverless User Guide, "Job concurrency and queuing"). */
const queueTimeoutMinutes = 360;

const minuteMs = 60_000;

/** A timer need not be exact to the millisecond, nor two clocks of EMR Serverless. */
const slackMs = 5_000;

const saysTimeout = ({ stateDetails = "" }: JobRun): boolean => /\btim(e|ed)[ -]?out\b/i.test(stateDetails);

/** It never ran. In which state such a job run ends is not documented, so FAILED is looked at as well. */
const isQueueTimeout = (jobRun: JobRun): boolean => {
  const { state, startedAt, stateDetails = "", queuedDurationMilliseconds: queued = 0 } = jobRun;
  if (startedAt !== undefined) return false;
  const said = saysTimeout(jobRun) && (state === "CANCELLED" || /queue/i.test(stateDetails));
  return said || queued >= queueTimeoutMinutes * minuteMs - slackMs;
};

const isExecutionTimeout = (jobRun: JobRun, timeoutMinutes: number): boolean => {
  const { startedAt, endedAt } = jobRun;
  if (startedAt === undefined) return false;
  if (saysTimeout(jobRun)) return true;
  // 0 is no timeout.
  return (
    timeoutMinutes > 0 && endedAt !== undefined && msBetween(startedAt, endedAt) >= timeoutMinutes * minuteMs - slackMs
  );
};

/**
 * Why a job run ended: from its state, from what we asked for, and from how long it took. Where it says nothing of a
 * timeout and took less, somebody cancelled it who is not the tenant by way of Sluice.
 */
export const reasonOf = (submission: Submission, jobRun: JobRun): Reason => {
  if (jobRun.state === "SUCCESS") return "SUCCEEDED";
  const cancelled = jobRun.state === "CANCELLED";
  if (cancelled && submission.cancelRequestedAt !== undefined) return "CANCELLED_BY_TENANT";
  if (isQueueTimeout(jobRun)) return "QUEUE_TIMEOUT";
  if (!cancelled) return "FAILED";
  const { executionTimeoutMinutes } = frozenInput(submission);
  return isExecutionTimeout(jobRun, executionTimeoutMinutes) ? "EXECUTION_TIMEOUT" : "CANCELLED_ELSEWHERE";
};
