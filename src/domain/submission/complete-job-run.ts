import { ServiceError } from "#domain/errors.ts";
import { completedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import { paced } from "#domain/turns/paced.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { hasEnded, type JobRun } from "./job-run.ts";
import { unpublished } from "./outbox.ts";
import { publishOutbox, publishSoonMs } from "./publish-outbox.ts";
import { reasonOf } from "./reason.ts";
import { frozenInput, type Submission } from "./submission.ts";

export type Completion =
  | { readonly verdict: "completed"; readonly submission: Submission }
  /** The job run goes on: a retry follows, or the event came before its time. */
  | { readonly verdict: "active"; readonly submission: Submission; readonly state: string }
  /** Somebody else's job run: it does not carry Sluice's tag. */
  | { readonly verdict: "foreign" };

/**
 * Completes the submission of a job run that is said to have ended. The event is only a hint: EMR Serverless is asked,
 * so a FAILED with attempts left does not end anything. May be called again at any time; one ending wins, and it is
 * published until that is recorded.
 */
export const completeJobRun = async (
  services: Services,
  { applicationId, jobRunId }: { readonly applicationId: string; readonly jobRunId: string },
): Promise<Completion> => {
  const indexed = await services.submissions.byJobRun(applicationId, jobRunId);
  if (indexed?.state === "completed") return await settleEnd(services, indexed);
  const jobRun = await paced(services, "GetJobRun", () => services.jobRuns.get(applicationId, jobRunId));
  const submission = indexed ?? (await submissionByTag(services, jobRun));
  if (submission === undefined) return { verdict: "foreign" };
  if (submission.state === "completed") return await settleEnd(services, submission);
  if (!hasEnded(jobRun.state)) return { verdict: "active", submission, state: jobRun.state };
  return await settleEnd(services, await recordEnd(services, submission, jobRun));
};

/** The end as it is stored, with its event. */
const recordEnd = async (services: Services, submission: Submission, jobRun: JobRun): Promise<Submission> => {
  const ended = { jobRun, completedAt: services.now(), reason: reasonOf(submission, jobRun) };
  const startedAt = submission.startedAt ?? jobRun.createdAt;
  const completed = { ...submission, ...ended, state: "completed", jobRunId: jobRun.jobRunId, startedAt } as const;
  const telling = { event: completedEvent(completed, services.digest), dueAt: services.later(publishSoonMs) };
  return await services.submissions.recordEnd(submission.submissionId, ended, telling);
};

/**
 * The submission that a job run's tag names, for a run whose start is not recorded, or not in the index yet. A tag can be
 * put on any run by whoever may tag runs, so the rest of the run must be what this submission started: its application,
 * its tenant and its name, which carries the id.
 */
const submissionByTag = async (services: Services, jobRun: JobRun): Promise<Submission | undefined> => {
  const submissionId = jobRun.tags?.["sluice:submission"];
  if (submissionId === undefined) return undefined;
  const submission = await services.submissions.get(submissionId);
  if (submission === undefined) {
    const message = `Cannot complete job run "${jobRun.jobRunId}": the ledger has no submission "${submissionId}" yet: try again later`;
    throw new ServiceError("ERR_JOB_RUN_UNKNOWN", message, { retryAfterSeconds: 5 });
  }
  if (submission.input === undefined) return undefined;
  const { applicationId, name } = frozenInput(submission);
  const own = applicationId === jobRun.applicationId && name === jobRun.name;
  const unclaimed = submission.jobRunId === undefined || submission.jobRunId === jobRun.jobRunId;
  return own && unclaimed && jobRun.tags?.["sluice:tenant"] === submission.tenantId ? submission : undefined;
};

/** What follows from a stored end, and may be repeated: the slot is free, the end is published, somebody else may start. */
const settleEnd = async (services: Services, submission: Submission): Promise<Completion> => {
  if (unpublished(submission.outbox).length > 0) {
    await services.starts.leave(submission.tenantId, [slotOf(submission)]);
    await services.wake();
    await recordUsage(services, submission);
    await publishOutbox(services, submission);
  }
  return { verdict: "completed", submission };
};
