import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { hasEnded } from "./job-run.ts";
import { publishEnding } from "./publish-ending.ts";
import type { Submission } from "./submission.ts";

export type Completion =
  | { readonly verdict: "completed"; readonly submission: Submission }
  /** The job run goes on: a retry follows, or the event came before its time. */
  | { readonly verdict: "active"; readonly submission: Submission; readonly state: string }
  /** Somebody else's job run: it does not carry Sluice's tag. */
  | { readonly verdict: "foreign" };

/**
 * Completes the submission of a job run that is said to have ended. The event is only a hint: EMR Serverless is asked,
 * so a FAILED with attempts left does not end anything. May be called again at any time; one ending wins, and it is
 * published until that is recorded.
 */
export const completeJobRun = async (
  services: Services,
  { applicationId, jobRunId }: { readonly applicationId: string; readonly jobRunId: string },
): Promise<Completion> => {
  const submission = await services.submissions.byJobRun(applicationId, jobRunId);
  if (submission?.state === "completed") return await settleEnd(services, submission);
  const jobRun = await services.jobRuns.get(applicationId, jobRunId);
  if (submission === undefined) {
    if (jobRun.tags?.["sluice:submission"] === undefined) return { verdict: "foreign" };
    const message = `Cannot complete job run "${jobRunId}": its start is not recorded yet: try again later`;
    throw new ServiceError("ERR_JOB_RUN_UNKNOWN", message, { retryAfterSeconds: 5 });
  }
  if (!hasEnded(jobRun.state)) return { verdict: "active", submission, state: jobRun.state };
  const completed = await services.submissions.recordEnd(submission.submissionId, {
    jobRun,
    completedAt: services.now(),
  });
  return await settleEnd(services, completed);
};

/** What follows from a stored end, and may be repeated: the slot is free, the end is published, somebody else may start. */
const settleEnd = async (services: Services, submission: Submission): Promise<Completion> => {
  if (submission.publishedAt === undefined) {
    await services.starts.leave(submission.tenantId, [submission.submissionId]);
    await services.wake();
    await publishEnding(services, submission);
  }
  return { verdict: "completed", submission };
};
