import type { JobRun } from "#domain/submission/job-run.ts";
import type { Refusal, Submission } from "#domain/submission/submission.ts";
import type { Item } from "./submission-item.ts";

/** One conditional update of one submission. `#state` stands for the attribute `state`. */
export interface Change {
  readonly submissionId: string;
  readonly task: string;
  readonly when: string;
  readonly set: string;
  readonly values: Item;
}

export const startChange = (
  submissionId: string,
  { jobRunId, startedAt }: { readonly jobRunId: string; readonly startedAt: string },
): Change => ({
  submissionId,
  task: `record the start of submission "${submissionId}"`,
  when: "#state = :starting",
  set: "SET #state = :started, jobRunId = :jobRunId, startedAt = :startedAt",
  values: {
    ":starting": { S: "starting" },
    ":started": { S: "started" },
    ":jobRunId": { S: jobRunId },
    ":startedAt": { S: startedAt },
  },
});

/** The input stays: it is what EMR Serverless refused. */
export const refusalChange = (submissionId: string, refusal: Refusal): Change => ({
  submissionId,
  task: `record the refusal of submission "${submissionId}"`,
  when: "#state = :starting",
  set: "SET #state = :refused, refusal = :refusal",
  values: {
    ":starting": { S: "starting" },
    ":refused": { S: "refused" },
    ":refusal": { S: JSON.stringify(refusal) },
  },
});

/**
 * Also completes a submission that is still `starting`: it takes a job run of the frozen input's application, and the
 * time at which EMR Serverless created it as the start.
 */
export const endChange = (
  submissionId: string,
  { jobRun, completedAt }: { readonly jobRun: JobRun; readonly completedAt: string },
): Change => ({
  submissionId,
  task: `record the end of submission "${submissionId}"`,
  when: "applicationId = :applicationId AND (#state = :starting OR (#state = :started AND jobRunId = :jobRunId))",
  set: "SET #state = :completed, jobRunId = :jobRunId, jobRun = :jobRun, completedAt = :completedAt, startedAt = if_not_exists(startedAt, :createdAt)",
  values: {
    ":starting": { S: "starting" },
    ":started": { S: "started" },
    ":completed": { S: "completed" },
    ":applicationId": { S: jobRun.applicationId },
    ":jobRunId": { S: jobRun.jobRunId },
    ":jobRun": { S: JSON.stringify(jobRun) },
    ":completedAt": { S: completedAt },
    ":createdAt": { S: jobRun.createdAt },
  },
});

/** Only the very submission that ended: another may have taken the place of a refused one. */
export const publishedChange = (
  { submissionId, state, fingerprint }: Pick<Submission, "submissionId" | "state" | "fingerprint">,
  publishedAt: string,
): Change => ({
  submissionId,
  task: `record that the end of submission "${submissionId}" is published`,
  when: "#state = :state AND fingerprint = :fingerprint AND attribute_not_exists(publishedAt)",
  set: "SET publishedAt = :publishedAt",
  values: { ":state": { S: state }, ":fingerprint": { S: fingerprint }, ":publishedAt": { S: publishedAt } },
});
