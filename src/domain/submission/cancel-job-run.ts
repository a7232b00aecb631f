import type { Services } from "#domain/ports.ts";
import { withToken } from "#domain/turns/paced.ts";
import type { Submission } from "./submission.ts";

/**
 * Asks EMR Serverless to cancel a submission's job run, where its rate allows that now. Nothing is lost where not: the
 * wish is stored, and who looks after the submission asks again until the job run is CANCELLING or has ended.
 */
export const cancelJobRun = async (services: Services, submission: Submission): Promise<"asked" | "later"> => {
  const { submissionId, applicationId, jobRunId } = submission;
  if (applicationId === undefined || jobRunId === undefined) {
    throw new Error(`Submission ${submissionId} has no job run to cancel, this is a bug`);
  }
  const { taken } = await services.starts.takeTokens("CancelJobRun", 1, "door");
  if (taken === 0) return "later";
  await withToken(services, "CancelJobRun", () => services.jobRuns.cancel(applicationId, jobRunId));
  return "asked";
};
