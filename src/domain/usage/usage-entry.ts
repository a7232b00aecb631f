import { costOf, hoursOf, isPreliminary } from "#domain/cost/cost-of.ts";
import type { Prices } from "#domain/cost/prices.ts";
import { hasEnded } from "#domain/submission/job-run.ts";
import type { Submission } from "#domain/submission/submission.ts";

/** What one ended submission adds to its tenant's usage: the same submission has the same entry, however often it is made. */
export interface UsageEntry {
  readonly tenantId: string;
  readonly submissionId: string;
  /** When its ending was recorded. It never changes, and says which hour, day and month the entry is of. */
  readonly completedAt: string;
  /** The job run's last state; UNKNOWN where EMR Serverless lost it. */
  readonly outcome: string;
  /** Absent for an ad-hoc job. */
  readonly jobTemplate?: string;
  /** As EMR Serverless bills them, else as `Cost.basis` says; absent where it has told none. */
  readonly hours?: {
    readonly vCPUHour: number;
    readonly memoryGBHour: number;
    readonly storageGBHour: number;
  };
  /** Absent where it is not known: it counts as missing then, not as nothing. */
  readonly cost?: { readonly amount: string; readonly currency: string };
  /** It has the hours that are billed: what is not final gives way to what is, and to nothing else. */
  readonly final: boolean;
}

/** The entry of a submission whose job run has ended; nothing for one that never had a job run. */
export const usageEntryOf = (submission: Submission, prices: Prices): UsageEntry | undefined => {
  const { tenantId, submissionId, completedAt, jobTemplate, jobRunId, jobRun } = submission;
  if (completedAt === undefined || jobRunId === undefined) return undefined;
  const ended = { tenantId, submissionId, completedAt, ...(jobTemplate !== undefined && { jobTemplate }) };
  // EMR Serverless does not know it any more.
  if (jobRun === undefined) return { ...ended, outcome: "UNKNOWN", final: false };
  const hours = hoursOf(jobRun);
  const costing = costOf(jobRun, prices);
  return {
    ...ended,
    outcome: hasEnded(jobRun.state) ? jobRun.state : "UNKNOWN",
    ...(hours !== undefined && { hours }),
    ...("cost" in costing && { cost: costing.cost }),
    final: !isPreliminary(jobRun),
  };
};
