import type { Digest } from "#domain/request/request-key.ts";
import { sequenceOf, type Told } from "#domain/submission/outbox.ts";
import { frozenInput, type Submission } from "#domain/submission/submission.ts";
import type { PublishedEvent } from "./published-event.ts";
import { sha256Hex } from "./sha256-hex.ts";

/** Every event that is published, by the last part of its type. */
const detailTypes = {
  started: "Submission Started",
  completed: "Submission Completed",
  refused: "Submission Refused",
  "cost-updated": "Submission Cost Updated",
} as const;

interface Content {
  readonly submission: Submission;
  readonly kind: Told;
  readonly what: keyof typeof detailTypes;
  readonly id: string;
  readonly time: string;
  readonly data: object;
}

/** A CloudEvents 1.0 document under its detail-type. `sequence` is CloudEvents' own extension of that name. */
export const cloudEvent = ({ submission, kind, what, id, time, data }: Content): PublishedEvent => ({
  detailType: detailTypes[what],
  time,
  resources: submission.jobRun === undefined ? [] : [submission.jobRun.arn],
  detail: {
    specversion: "1.0",
    id: `${submission.submissionId}/${id}`,
    source: "sluice",
    type: `sluice.submission.${what}.v1`,
    subject: submission.submissionId,
    time,
    sequence: sequenceOf(kind, submission.acceptance),
    datacontenttype: "application/json",
    data,
  },
});

/** Whose submission it is and how it came: what every event of a submission tells. */
export const identity = (submission: Submission) => ({
  tenantId: submission.tenantId,
  submissionId: submission.submissionId,
  door: submission.door,
  caller: submission.caller,
  ...(submission.requestId !== undefined && { requestId: submission.requestId }),
  ...(submission.jobTemplate !== undefined && { jobTemplate: submission.jobTemplate }),
  ...(submission.parametersSha256 !== undefined && { parametersSha256: submission.parametersSha256 }),
  ...(submission.rerunOf !== undefined && { rerunOf: submission.rerunOf }),
  acceptedAt: submission.acceptedAt,
});

/** What was sent to StartJobRun, or would have been: digests of what no event tells, and the tags. */
export const frozen = (submission: Submission, digest: Digest) => {
  const { executionIamPolicy, tags } = frozenInput(submission);
  return {
    executionPolicySha256: sha256Hex(executionIamPolicy.policy, digest),
    inputSha256: sha256Hex(submission.input ?? "", digest),
    tags,
  };
};
