import { costOf, isPreliminary } from "#domain/cost/cost-of.ts";
import type { Services } from "#domain/ports.ts";
import { problemOf } from "#domain/problem.ts";
import { hasEnded } from "#domain/submission/job-run.ts";
import { frozenInput, type RefusedSubmission, type Submission } from "#domain/submission/submission.ts";
import { cloudEvent, frozen, identity } from "./cloud-event.ts";
import { driverLogs } from "./driver-logs.ts";
import { durationsOf } from "./durations.ts";
import type { PublishedEvent } from "./published-event.ts";

/** The event of a refusal, with the problem document that an HTTP caller would have got. */
export const refusedEvent = (submission: Submission & Pick<RefusedSubmission, "refusal">): PublishedEvent => {
  const { fingerprint, acceptedAt, refusal } = submission;
  return cloudEvent({
    submission,
    kind: "ending",
    what: "refused",
    // A refused one gives way, also to the same request: each refusal is an event of its own.
    id: `refused/${fingerprint}/${acceptedAt}`,
    time: acceptedAt,
    data: { ...identity(submission), problem: problemOf(refusal) },
  });
};

/** What EMR Serverless says of how the job run ended; UNKNOWN where it does not know the job run any more. */
const outcomeOf = ({ reason, jobRun, cancelledAt }: Submission): string => {
  if (cancelledAt !== undefined) return "CANCELLED";
  return reason === "JOB_RUN_GONE" || jobRun === undefined ? "UNKNOWN" : jobRun.state;
};

/**
 * The event of an end, with or without a job run. It is made once, from the submission as it is stored with it; what is
 * published is what was stored. No arguments, no parameters, no policy text.
 */
export const completedEvent = (
  submission: Submission,
  { digest, prices }: Pick<Services, "digest" | "prices">,
): PublishedEvent => {
  const { applicationId, jobRunId, jobRun, startedAt, reason } = submission;
  const time = submission.completedAt ?? submission.cancelledAt;
  if (time === undefined || reason === undefined) {
    throw new Error(`Submission ${submission.submissionId} has not ended, this is a bug`);
  }
  const logs =
    applicationId === undefined || jobRunId === undefined
      ? undefined
      : driverLogs(frozenInput(submission), { ...jobRun, applicationId, jobRunId });
  const data = {
    ...identity(submission),
    outcome: outcomeOf(submission),
    reason,
    ...(jobRun?.stateDetails !== undefined && { stateDetails: jobRun.stateDetails }),
    applicationId,
    ...(jobRunId !== undefined && { jobRunId }),
    ...(jobRun?.attempt !== undefined && { attempts: jobRun.attempt }),
    ...(startedAt !== undefined && { startedAt }),
    ...(jobRun?.startedAt !== undefined && { runningAt: jobRun.startedAt }),
    ...(jobRun?.endedAt !== undefined && { endedAt: jobRun.endedAt }),
    ...timesOf(submission),
    durations: durationsOf(submission),
    ...(jobRun !== undefined && { jobRun }),
    ...(jobRun !== undefined &&
      hasEnded(jobRun.state) && {
        // Another event follows with it, where it comes within the hour.
        utilizationPending: isPreliminary(jobRun),
        ...costOf(jobRun, prices),
      }),
    ...(logs !== undefined && { logs }),
    ...frozen(submission, digest),
  };
  return cloudEvent({ submission, kind: "ending", what: "completed", id: "completed", time, data });
};

const timesOf = ({ completedAt, cancelRequestedAt, cancelledAt, missingSince }: Submission) => ({
  ...(completedAt !== undefined && { completedAt }),
  ...(cancelRequestedAt !== undefined && { cancelRequestedAt }),
  ...(cancelledAt !== undefined && { cancelledAt }),
  ...(missingSince !== undefined && { missingSince }),
});
