import type { Digest } from "#domain/request/request-key.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { cloudEvent, frozen, identity } from "./cloud-event.ts";
import { durationsOf } from "./durations.ts";
import type { PublishedEvent } from "./published-event.ts";

/** The event of a start, for a tenant that asks for it (`events.started` in its file). */
export const startedEvent = (
  seen: Submission,
  { jobRunId, startedAt }: { readonly jobRunId: string; readonly startedAt: string },
  digest: Digest,
): PublishedEvent => {
  const submission = { ...seen, jobRunId, startedAt };
  const data = {
    ...identity(submission),
    applicationId: submission.applicationId,
    jobRunId,
    startedAt,
    durations: durationsOf(submission),
    ...frozen(submission, digest),
  };
  return cloudEvent({ submission, kind: "started", what: "started", id: "started", time: startedAt, data });
};
