import { ServiceError } from "#domain/errors.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRuns } from "#domain/ports.ts";
import { hasEnded, type JobRun } from "#domain/submission/job-run.ts";

export interface MemoryJobRunsOptions {
  /** The time of creation, as an ISO 8601 text. */
  now(): string;
  /** What ARNs begin with, up to the application: a partition, a Region and an account. */
  readonly arnPrefix?: string;
}

export interface MemoryJobRuns extends JobRuns {
  /** The inputs of all job runs, in order of their start; a token that came again is there once. */
  readonly started: readonly StartJobRunInput[];
  /** Moves a job run on: to a state, with whatever comes with it. */
  change(jobRunId: string, change: Partial<JobRun>): void;
}

const unknownJobRun = (jobRunId: string): ServiceError =>
  new ServiceError("ERR_JOB_RUN_MISSING", `Cannot read job run "${jobRunId}": EMR Serverless does not know it`);

/**
 * EMR Serverless in memory: a client token that comes again gets its first job run, and with another input a conflict.
 * Job runs stay SUBMITTED until `change` moves them.
 */
export const memoryJobRuns = ({
  now,
  arnPrefix = "arn:aws:emr-serverless:us-east-1:123456789012",
}: MemoryJobRunsOptions): MemoryJobRuns => {
  const started: StartJobRunInput[] = [];
  const tokens = new Map<string, { readonly jobRunId: string; readonly text: string }>();
  const jobRuns = new Map<string, JobRun>();

  const create = ({ applicationId, name, tags, mode = "BATCH" }: StartJobRunInput): string => {
    const jobRunId = `00mem${String(jobRuns.size + 1).padStart(11, "0")}`;
    const arn = `${arnPrefix}:/applications/${applicationId}/jobruns/${jobRunId}`;
    const state = "SUBMITTED";
    jobRuns.set(jobRunId, { applicationId, jobRunId, arn, name, state, attempt: 1, mode, createdAt: now(), tags });
    return jobRunId;
  };

  return {
    started,

    async start(input) {
      const text = JSON.stringify(input);
      const first = tokens.get(input.clientToken);
      if (first !== undefined && first.text !== text) {
        const message = `Cannot start job run for submission "${input.clientToken}": its client token was used for another input`;
        throw new ServiceError("ERR_EMR_CONFLICT", message);
      }
      if (first !== undefined) return { jobRunId: first.jobRunId };
      const jobRunId = create(input);
      tokens.set(input.clientToken, { jobRunId, text });
      started.push(input);
      return { jobRunId };
    },

    async get(applicationId, jobRunId) {
      const jobRun = jobRuns.get(jobRunId);
      if (jobRun?.applicationId !== applicationId) throw unknownJobRun(jobRunId);
      return jobRun;
    },

    async cancel(applicationId, jobRunId) {
      const jobRun = jobRuns.get(jobRunId);
      if (jobRun?.applicationId !== applicationId) throw unknownJobRun(jobRunId);
      if (!hasEnded(jobRun.state)) jobRuns.set(jobRunId, { ...jobRun, state: "CANCELLING" });
    },

    async list({ applicationId }) {
      const listed = [...jobRuns.values()].filter((jobRun) => jobRun.applicationId === applicationId);
      return { jobRunIds: new Map(listed.map(({ name = "", jobRunId }) => [name, jobRunId])) };
    },

    change(jobRunId, change) {
      const jobRun = jobRuns.get(jobRunId);
      if (jobRun === undefined) throw unknownJobRun(jobRunId);
      jobRuns.set(jobRunId, { ...jobRun, ...change });
    },
  };
};
