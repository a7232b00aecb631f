import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Services } from "#domain/ports.ts";
import { epochMs } from "#domain/time.ts";
import { awaitsUtilization } from "./awaits-utilization.ts";
import { type Told, unpublished } from "./outbox.ts";
import type { Submission } from "./submission.ts";
import type { Afterwards } from "./submissions.ts";

/** Who stores an event publishes it at once; after that time somebody else looks whether it was. */
export const publishSoonMs = 30_000;

/** When the utilization of a job run is first asked for again that its end did not tell. */
const costMs = 30_000;

/**
 * Publishes an event to the bus, to the tenant's queue, and to the task that waits for it. A tenant that is gone keeps its
 * event on the bus.
 */
export const publishEvent = async (
  services: Services,
  tenantId: string,
  event: PublishedEvent,
  taskToken?: string,
): Promise<void> => {
  const setup = await services.tenants.byId(tenantId);
  const queueUrl = setup?.tenant.completionQueueUrl;
  await services.events.publish(event, {
    ...(queueUrl !== undefined && { queueUrl }),
    ...(taskToken !== undefined && { taskToken }),
  });
};

/**
 * Publishes what a submission owes, as it was stored and in its order, and takes each out of the outbox. A crash in
 * between publishes again, under the same id.
 */
export const publishOutbox = async (services: Services, submission: Submission): Promise<void> => {
  const { submissionId, tenantId } = submission;
  for (const [kind, event] of unpublished(submission.outbox)) {
    // The task waits for the end, and for nothing else.
    const taskToken = kind === "ending" ? submission.taskToken : undefined;
    await publishEvent(services, tenantId, event, taskToken);
    const published = { kind, event, publishedAt: services.now(), taskToken };
    await services.submissions.recordPublished(submissionId, published, afterwards(services, submission, kind));
  }
};

/** When a submission may be forgotten that ends now. */
export const expiryOf = ({ later, retentionMs }: Pick<Services, "later" | "retentionMs">): number =>
  Math.ceil(epochMs(later(retentionMs)) / 1000);

const afterwards = (services: Services, submission: Submission, kind: Told): Afterwards => {
  if (kind === "started") return {};
  const waits = kind === "ending" && awaitsUtilization(submission, services.now());
  return waits ? { dueAt: services.later(costMs) } : { expiresAt: expiryOf(services) };
};
