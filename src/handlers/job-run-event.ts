import type { JobRun } from "#domain/submission/job-run.ts";
import { type BusEvent, isFields } from "./event-delivery.ts";

/** What an event says of a job run: its ids and its state, and the rest of it where the event has all that a record needs. */
export interface JobRunEvent {
  readonly applicationId: string;
  readonly jobRunId: string;
  readonly state: string;
  readonly jobRun?: JobRun;
}

/** EMR Serverless gives microseconds, the services milliseconds. */
const timeOf = (value: unknown): string | undefined => {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
};

/** Reads a job run state change (Amazon EMR Serverless User Guide, "Monitoring EMR Serverless with EventBridge"). */
export const jobRunEventOf = ({ source, detail }: BusEvent): JobRunEvent => {
  if (source !== "aws.emr-serverless" || !isFields(detail)) throw unreadable();
  const { applicationId, jobRunId, state, arn, releaseLabel } = detail;
  if (typeof applicationId !== "string" || typeof jobRunId !== "string" || typeof state !== "string")
    throw unreadable();
  const ids = { applicationId, jobRunId, state };
  const [createdAt, updatedAt] = [timeOf(detail["createdAt"]), timeOf(detail["updatedAt"])];
  if (typeof arn !== "string" || createdAt === undefined) return ids;
  const jobRun = {
    ...ids,
    arn,
    createdAt,
    ...(updatedAt !== undefined && { updatedAt }),
    ...(typeof releaseLabel === "string" && { releaseLabel }),
  };
  return { ...ids, jobRun };
};

const unreadable = (): Error => new Error("Cannot read the event: a job run state change of EMR Serverless is wanted");
