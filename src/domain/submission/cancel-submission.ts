import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { publishEnding } from "./publish-ending.ts";
import type { Submission } from "./submission.ts";

/**
 * Cancels a waiting submission: it ends without a start. One that is cancelled already stays so; one that has started or
 * ended is not ours to cancel here, and says so.
 */
export const cancelSubmission = async (services: Services, seen: Submission): Promise<Submission> => {
  const { verdict, submission } = await services.submissions.cancel(seen.submissionId, services.now());
  if (submission.state !== "cancelled") {
    const message = `Cannot cancel submission "${submission.submissionId}": it must be waiting: current state is "${submission.state}"`;
    throw new ServiceError("ERR_SUBMISSION_NOT_WAITING", message);
  }
  // Of two who cancel at once, one leaves the line: a count that is too low would hide whoever waits.
  if (verdict === "cancelled") await services.starts.leaveLine(submission.tenantId, 1);
  await publishEnding(services, submission);
  return submission;
};
