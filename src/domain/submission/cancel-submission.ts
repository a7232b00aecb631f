import { ServiceError } from "#domain/errors.ts";
import { completedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { cancelJobRun } from "./cancel-job-run.ts";
import { publishOutbox, publishSoonMs } from "./publish-outbox.ts";
import { leaseMs } from "./start-submission.ts";
import type { Submission } from "./submission.ts";

/**
 * What came of cancelling: it ended without a start, or EMR Serverless is asked to cancel its job run, which ends it in
 * its time. `error` says why it was not asked yet: it will be, since the wish is stored.
 */
export type Cancellation =
  | { readonly verdict: "cancelled"; readonly submission: Submission }
  | { readonly verdict: "requested"; readonly submission: Submission; readonly error?: ServiceError };

/**
 * Lets one wait whose starts were all denied, until it is tried again: it has no job run, and may rest for long. The slot
 * goes first, as long as nobody else may claim the submission. Says what became of the slot.
 */
const letWait = async (services: Services, seen: Submission): Promise<"freed" | "lost" | "kept"> => {
  const { state, startError, tenantId } = seen;
  if (state !== "starting" || startError === undefined || startError.mayRunSince !== undefined) return "kept";
  const claimed = await services.submissions.claim(seen, services.later(leaseMs));
  if (claimed === undefined) return "kept";
  const freed = await services.starts.giveBack(tenantId, slotOf(claimed));
  await services.submissions.giveBack(claimed, "account-rate");
  return freed ? "freed" : "lost";
};

/**
 * Cancels a submission: a waiting one ends without a start, and so does one whose starts were denied; of a started one
 * the job run is cancelled. May be called again. One that is being started is none of these, for some seconds; one that
 * has ended stays as it is.
 */
export const cancelSubmission = async (services: Services, seen: Submission): Promise<Cancellation> => {
  const slot = await letWait(services, seen);
  const cancelledAt = services.now();
  const cancelled = { ...seen, state: "cancelled", cancelledAt, reason: "CANCELLED_BY_TENANT" } as const;
  const telling = { event: completedEvent(cancelled, services), dueAt: services.later(publishSoonMs) };
  const { verdict, submission } = await services.submissions.cancel(seen.submissionId, cancelledAt, telling);
  if (submission.state === "started") return await cancelStarted(services, submission);
  if (submission.state !== "cancelled") throw notCancellable(submission);
  // Of two who cancel at once, one leaves the line: a count that is too low would hide whoever waits.
  // Where its slot was lost, it never counted as waiting.
  if (verdict === "cancelled" && slot !== "lost") await services.starts.leaveLine(submission.tenantId, 1);
  if (slot === "freed") await services.wake();
  await publishOutbox(services, submission);
  return { verdict: "cancelled", submission };
};

const cancelStarted = async (services: Services, seen: Submission): Promise<Cancellation> => {
  const submission = await services.submissions.requestCancel(seen.submissionId, services.now());
  if (submission.state !== "started") throw notCancellable(submission);
  try {
    await cancelJobRun(services, submission);
    return { verdict: "requested", submission };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { verdict: "requested", submission, error };
  }
};

const notCancellable = ({ submissionId, state }: Submission): ServiceError => {
  if (state === "starting") {
    const message = `Cannot cancel submission "${submissionId}": it is being started: try again in some seconds`;
    return new ServiceError("ERR_SUBMISSION_NOT_WAITING", message, { retryAfterSeconds: 5 });
  }
  const message = `Cannot cancel submission "${submissionId}": it must not have ended: current state is "${state}"`;
  return new ServiceError("ERR_SUBMISSION_ENDED", message);
};
