import { ServiceError } from "#domain/errors.ts";
import { completedEvent, refusedEvent } from "#domain/events/ending-event.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Services } from "#domain/ports.ts";
import type { Submission } from "./submission.ts";

/** The event of a published end: what another task was told, or else made anew of what is stored. */
const eventOf = (services: Services, { refusal, toldEvent, ...submission }: Submission): PublishedEvent => {
  if (toldEvent !== undefined) return toldEvent;
  return refusal === undefined ? completedEvent(submission, services) : refusedEvent({ ...submission, refusal });
};

/**
 * Lets the task of a repeat wait for the first submission: a state that Step Functions tries again sends the same request
 * id with a new token, and the old one is dead. Where the end is published already, the task is told of it at once.
 */
export const awaitEnd = async (
  services: Services,
  submission: Submission,
  taskToken: string | undefined,
): Promise<Submission> => {
  if (taskToken === undefined || taskToken === submission.taskToken) return submission;
  const stored = await services.submissions.replaceTask(submission, taskToken);
  if (stored.acceptance !== submission.acceptance) {
    const message = `Cannot let a task wait for submission "${submission.submissionId}": another job request has just taken its place: try again`;
    throw new ServiceError("ERR_LEDGER_DOWN", message, { retryAfterSeconds: 1 });
  }
  if (stored.publishedAt !== undefined) await services.events.tellTask(eventOf(services, stored), taskToken);
  return stored;
};
