import { costOf } from "#domain/cost/cost-of.ts";
import type { Services } from "#domain/ports.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { cloudEvent, identity } from "./cloud-event.ts";
import type { PublishedEvent } from "./published-event.ts";

/** The event of what a job run used and cost, where EMR Serverless told that after the end only. */
export const costEvent = (
  seen: Submission,
  jobRun: JobRun,
  { prices, now }: Pick<Services, "prices" | "now">,
): PublishedEvent => {
  const submission = { ...seen, jobRun };
  const { applicationId, jobRunId, reason, completedAt } = submission;
  const data = {
    ...identity(submission),
    outcome: jobRun.state,
    reason,
    applicationId,
    jobRunId,
    completedAt,
    jobRun,
    ...costOf(jobRun, prices),
  };
  const time = now();
  return cloudEvent({ submission, kind: "cost", what: "cost-updated", id: "cost", time, data });
};
