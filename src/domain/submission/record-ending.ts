import { completedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import type { JobRun } from "./job-run.ts";
import { unpublished } from "./outbox.ts";
import { publishOutbox, publishSoonMs } from "./publish-outbox.ts";
import { reasonOf } from "./reason.ts";
import type { Submission } from "./submission.ts";

/** Stores the end of a job run with its event: the first one stays. What follows from it may be done again at any time. */
export const recordEnding = async (services: Services, submission: Submission, jobRun: JobRun): Promise<Submission> => {
  const ended = { jobRun, completedAt: services.now(), reason: reasonOf(submission, jobRun) };
  const startedAt = submission.startedAt ?? jobRun.createdAt;
  const completed = { ...submission, ...ended, state: "completed", jobRunId: jobRun.jobRunId, startedAt } as const;
  const telling = { event: completedEvent(completed, services), dueAt: services.later(publishSoonMs) };
  return await settleEnding(services, await services.submissions.recordEnd(submission.submissionId, ended, telling));
};

/** Ends a submission whose job run EMR Serverless does not know any more: nobody will ever say how it ended. */
export const recordGone = async (services: Services, missing: Submission): Promise<Submission> => {
  const completedAt = services.now();
  const completed = { ...missing, state: "completed", completedAt, reason: "JOB_RUN_GONE" } as const;
  const telling = { event: completedEvent(completed, services), dueAt: services.later(publishSoonMs) };
  return await settleEnding(services, await services.submissions.recordGone(missing, completedAt, telling));
};

/** What follows from a stored end: the slot is free, somebody else may start, the end is published. */
export const settleEnding = async (services: Services, submission: Submission): Promise<Submission> => {
  // News may have come before it was given up: a job run that goes on keeps its slot.
  if (submission.state === "completed" && unpublished(submission.outbox).length > 0) {
    await services.starts.leave(submission.tenantId, [slotOf(submission)]);
    await services.wake();
    await recordUsage(services, submission);
    await publishOutbox(services, submission);
  }
  return submission;
};
