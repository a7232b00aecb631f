import { isPreliminary } from "#domain/cost/cost-of.ts";
import { msBetween } from "#domain/time.ts";
import type { Submission } from "./submission.ts";

/**
 * How long after an end its utilization is waited for. EMR Serverless does not say when it is there, or that it will be; an
 * hour is twice as long as it takes between two of its own updates.
 */
const patienceMs = 3_600_000;

/** Whether EMR Serverless may yet tell what a completed submission's job run used. */
export const awaitsUtilization = ({ state, reason, jobRun, completedAt }: Submission, now: string): boolean =>
  state === "completed" &&
  reason !== "JOB_RUN_GONE" &&
  jobRun !== undefined &&
  isPreliminary(jobRun) &&
  completedAt !== undefined &&
  msBetween(completedAt, now) < patienceMs;
