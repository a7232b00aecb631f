import type { PublishedEvent } from "#domain/ports.ts";
import { problemOf } from "#domain/problem.ts";
import { frozenInput, type Submission } from "./submission.ts";

/** Whose submission it is and how it came: what every event of a submission tells. */
const identity = (submission: Submission) => ({
  tenantId: submission.tenantId,
  submissionId: submission.submissionId,
  door: submission.door,
  caller: submission.caller,
  ...(submission.requestId !== undefined && { requestId: submission.requestId }),
  ...(submission.jobTemplate !== undefined && { jobTemplate: submission.jobTemplate }),
  ...(submission.rerunOf !== undefined && { rerunOf: submission.rerunOf }),
  acceptedAt: submission.acceptedAt,
});

const event = (
  submission: Submission,
  ending: "completed" | "refused",
  time: string,
  data: object,
): PublishedEvent => ({
  detailType: ending === "completed" ? "Submission Completed" : "Submission Refused",
  time,
  resources: submission.jobRun === undefined ? [] : [submission.jobRun.arn],
  detail: {
    specversion: "1.0",
    id:
      ending === "completed"
        ? `${submission.submissionId}/completed`
        : // A refused one gives way, also to the same request: each refusal is an event of its own.
          `${submission.submissionId}/refused/${submission.fingerprint}/${submission.acceptedAt}`,
    source: "sluice",
    type: `sluice.submission.${ending}.v1`,
    subject: submission.submissionId,
    time,
    datacontenttype: "application/json",
    data,
  },
});

/**
 * The event of a submission's end. It is made from what is stored and from nothing else, so however often it is
 * published it says the same under the same id. No arguments, no parameters, no policy text.
 */
export const endingEvent = (submission: Submission): PublishedEvent => {
  if (submission.refusal !== undefined) {
    const { code, message, faults } = submission.refusal;
    const problem = problemOf({ code, message, faults });
    return event(submission, "refused", submission.acceptedAt, { ...identity(submission), problem });
  }
  const { jobRun, completedAt, cancelledAt } = submission;
  if (cancelledAt !== undefined) {
    return event(submission, "completed", cancelledAt, { ...identity(submission), cancelledAt, outcome: "CANCELLED" });
  }
  if (jobRun === undefined || completedAt === undefined) {
    throw new Error(`Submission ${submission.submissionId} has not ended, this is a bug`);
  }
  const { tags } = frozenInput(submission);
  return event(submission, "completed", completedAt, {
    ...identity(submission),
    startedAt: submission.startedAt,
    completedAt,
    outcome: jobRun.state,
    jobRun,
    tags,
  });
};
