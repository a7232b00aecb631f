import type { ServiceError } from "#domain/errors.ts";
import { refusedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import { refusalOf } from "./outcome.ts";
import { publishSoonMs } from "./publish-outbox.ts";
import type { Submission } from "./submission.ts";

/** Stores that a submission which is starting will not run, with its event; hands back what is stored, which may be another's. */
export const refuseSubmission = async (
  services: Services,
  submission: Submission,
  error: ServiceError,
): Promise<Submission> => {
  const refusal = refusalOf(error);
  const event = refusedEvent({ ...submission, state: "refused", refusal });
  const telling = { event, dueAt: services.later(publishSoonMs) };
  return await services.submissions.recordRefusal(submission, refusal, telling);
};

/** Whether what is stored is the refusal of this very submission. */
export const isRefused = (stored: Submission, { acceptance }: Submission): boolean =>
  stored.refusal !== undefined && stored.acceptance === acceptance;
