import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import type { RefusedSubmission, StartingSubmission, WaitingSubmission } from "#domain/submission/submission.ts";
import type { Telling } from "#domain/submission/submissions.ts";
import { defaultPriority } from "#domain/turns/fair-turns.ts";
import { noon } from "./setup.ts";

export const sampleInput = (more: Partial<StartJobRunInput> = {}): StartJobRunInput => ({
  applicationId: "00f1",
  clientToken: "req.1",
  executionRoleArn: "arn:aws:iam::123456789012:role/jobs",
  executionIamPolicy: { policy: '{"Version":"2012-10-17","Statement":[]}' },
  jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/job.py" } },
  tags: { "sluice:tenant": "acme", "sluice:submission": "req.1" },
  executionTimeoutMinutes: 720,
  name: "acme-nightly",
  ...more,
});

const accepted = {
  submissionId: "req.1",
  tenantId: "acme",
  door: "queue",
  caller: "sender:AIDAACME",
  fingerprint: "one",
  fieldDigests: { "/jobDriver": "ungWv48B" },
  acceptedAt: noon,
} as const;

const planned = (submissionId: string = accepted.submissionId) => ({
  ...accepted,
  input: JSON.stringify(sampleInput({ clientToken: submissionId })),
  changes: [{ field: "tags", rule: "tenant" }],
  priority: defaultPriority,
});

/** The lease of a submission that a door has just accepted. */
export const sampleLease = "2026-11-22T12:00:30.000Z";

export const startingSubmission = (more: Partial<StartingSubmission> = {}): StartingSubmission => ({
  ...planned(more.submissionId),
  state: "starting",
  leaseUntil: sampleLease,
  ...more,
});

export const waitingSubmission = (more: Partial<WaitingSubmission> = {}): WaitingSubmission => ({
  ...planned(more.submissionId),
  state: "waiting",
  waitingFor: "tenant-slots",
  ...more,
});

export const refusedSubmission = (more: Partial<RefusedSubmission> = {}): RefusedSubmission => ({
  ...accepted,
  state: "refused",
  refusal: {
    code: "ERR_JOB_REQUEST_INVALID",
    message: "Cannot submit the job request: it has a fault",
    faults: [{ pointer: "/jobDriver", message: "must be an object" }],
  },
  ...more,
});

/** An event, and when somebody looks whether it was published. */
export const sampleTelling = (id = "req.1/completed", dueAt = "2026-11-22T12:30:30.000Z"): Telling => ({
  event: {
    detailType: "Submission Completed",
    time: noon,
    resources: [],
    detail: {
      specversion: "1.0",
      id,
      source: "sluice",
      type: "sluice.submission.completed.v1",
      subject: "req.1",
      time: noon,
      sequence: "00000012",
      datacontenttype: "application/json",
      data: { outcome: "SUCCESS", note: "ä", durations: {} },
    },
  },
  dueAt,
});

export const sampleJobRun = (more: Partial<JobRun> = {}): JobRun => ({
  applicationId: "00f1",
  jobRunId: "00run1",
  arn: "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f1/jobruns/00run1",
  state: "SUCCESS",
  createdAt: noon,
  ...more,
});
