import { ServiceError } from "#domain/errors.ts";
import { completedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import { publishOutbox, publishSoonMs } from "./publish-outbox.ts";
import type { Submission } from "./submission.ts";

/**
 * Cancels a waiting submission: it ends without a start. One that is cancelled already stays so; one that has started or
 * ended is not ours to cancel here, and says so.
 */
export const cancelSubmission = async (services: Services, seen: Submission): Promise<Submission> => {
  const cancelledAt = services.now();
  const cancelled = { ...seen, state: "cancelled", cancelledAt, reason: "CANCELLED_BY_TENANT" } as const;
  const telling = { event: completedEvent(cancelled, services.digest), dueAt: services.later(publishSoonMs) };
  const { verdict, submission } = await services.submissions.cancel(seen.submissionId, cancelledAt, telling);
  if (submission.state !== "cancelled") {
    const message = `Cannot cancel submission "${submission.submissionId}": it must be waiting: current state is "${submission.state}"`;
    throw new ServiceError("ERR_SUBMISSION_NOT_WAITING", message);
  }
  // Of two who cancel at once, one leaves the line: a count that is too low would hide whoever waits.
  if (verdict === "cancelled") await services.starts.leaveLine(submission.tenantId, 1);
  await publishOutbox(services, submission);
  return submission;
};
