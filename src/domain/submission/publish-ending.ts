import type { Services } from "#domain/ports.ts";
import { endingEvent } from "./ending-event.ts";
import type { Submission } from "./submission.ts";

/** Publishes the event of an end to the bus and to the tenant's queue. A tenant that is gone keeps its event on the bus. */
export const publishEvent = async (services: Services, submission: Submission): Promise<void> => {
  const setup = await services.tenants.byId(submission.tenantId);
  const queueUrl = setup?.tenant.completionQueueUrl;
  await services.events.publish(endingEvent(submission), queueUrl === undefined ? {} : { queueUrl });
};

/** Publishes the end of a submission, then marks it published. A crash in between publishes again, under the same id. */
export const publishEnding = async (services: Services, submission: Submission): Promise<void> => {
  if (submission.publishedAt !== undefined) return;
  await publishEvent(services, submission);
  await services.submissions.recordPublished(submission, services.now());
};
