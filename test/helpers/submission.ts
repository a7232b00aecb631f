import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import type { RefusedSubmission, StartingSubmission } from "#domain/submission/submission.ts";
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
  acceptedAt: noon,
} as const;

export const startingSubmission = (more: Partial<StartingSubmission> = {}): StartingSubmission => ({
  ...accepted,
  state: "starting",
  input: JSON.stringify(sampleInput({ clientToken: more.submissionId ?? accepted.submissionId })),
  changes: [{ field: "tags", rule: "tenant" }],
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

export const sampleJobRun = (more: Partial<JobRun> = {}): JobRun => ({
  applicationId: "00f1",
  jobRunId: "00run1",
  arn: "arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f1/jobruns/00run1",
  state: "SUCCESS",
  createdAt: noon,
  ...more,
});
