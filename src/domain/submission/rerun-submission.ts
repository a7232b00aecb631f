import { ServiceError } from "#domain/errors.ts";
import { sha256Hex } from "#domain/events/sha256-hex.ts";
import { frozenJob } from "#domain/plan/frozen-job.ts";
import { provedPolicy } from "#domain/plan/proved-policy.ts";
import type { Change, StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { Services } from "#domain/ports.ts";
import { summary } from "#domain/request/job-request.ts";
import { submissionIdOf } from "#domain/request/request-key.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { defaultPriority } from "#domain/turns/fair-turns.ts";
import type { Outcome } from "./outcome.ts";
import { frozenInput, type StartingSubmission, type Submission } from "./submission.ts";
import { submitPlanned } from "./submit-job.ts";

export interface Rerun {
  readonly setup: TenantSetup;
  readonly first: Submission;
  readonly caller: string;
  /** The caller's key for this re-run: sent again, it starts nothing more. */
  readonly requestId: string | undefined;
}

/**
 * Submits the job of an earlier submission once more, on purpose: a new submission with its own client token, which
 * names the first. It runs what the first ran, but under today's execution policy, role, guard rails and rules, and only where
 * the tenant still may: what was narrowed since stays narrow. What carries the submission's id carries the new one.
 */
export const rerunSubmission = async (
  services: Services,
  { setup, first, caller, requestId }: Rerun,
): Promise<Outcome> => {
  if (first.input === undefined) {
    const message = `Cannot run submission "${first.submissionId}" again: it was refused, so there is nothing to run`;
    throw new ServiceError("ERR_SUBMISSION_NOT_RUNNABLE", message);
  }
  const key = { kind: "request", requestId: `rerun ${first.submissionId} ${requestId ?? services.newId()}` } as const;
  const submissionId = submissionIdOf(first.tenantId, key, services.digest);
  return await submitPlanned(services, setup, {
    submissionId,
    tenantId: first.tenantId,
    door: "http",
    caller,
    ...(requestId !== undefined && { requestId }),
    ...(first.jobTemplate !== undefined && { jobTemplate: first.jobTemplate }),
    ...(first.parametersSha256 !== undefined && { parametersSha256: first.parametersSha256 }),
    rerunOf: first.submissionId,
    fingerprint: services.digest(`rerun ${first.submissionId}`),
    acceptedAt: services.now(),
    ...renamed(services, setup, first, submissionId),
    priority: first.priority ?? defaultPriority,
    ...(setup.tenant.events.started && { tellStart: true }),
  });
};

/** What the rules did before and do again is told once. */
const withoutRepeats = (changes: readonly Change[]): Change[] => [
  ...new Map(changes.map((change) => [JSON.stringify([change.field, change.rule]), change])).values(),
];

/** The frozen input under another submission id. Ids are long and unique, so text that holds one means the submission. */
const renamed = (
  { digest }: Pick<Services, "digest">,
  setup: TenantSetup,
  first: Submission,
  submissionId: string,
): Pick<StartingSubmission, "input" | "executionPolicySha256" | "proofId" | "changes"> => {
  const text = JSON.stringify(frozenInput(first)).replaceAll(first.submissionId, submissionId);
  const frozen: StartJobRunInput = JSON.parse(text);
  const { input, changes, faults } = frozenJob(frozen, first.jobTemplate, setup.tenant);
  if (faults.length > 0) {
    const message = `Cannot run submission "${first.submissionId}" again: ${summary(faults)}`;
    throw new ServiceError("ERR_JOB_NOT_ALLOWED", message, { faults });
  }
  const proved = provedPolicy(setup, { submissionId, applicationId: input.applicationId });
  if (proved.verdict === "refused") {
    const message = `Cannot run submission "${first.submissionId}" again: ${summary(proved.faults)}`;
    throw new ServiceError("ERR_EXECUTION_POLICY", message, { faults: proved.faults });
  }
  const { executionRoleArn } = setup.tenant;
  const { executionIamPolicy, proofId } = proved;
  return {
    input: JSON.stringify({ ...input, clientToken: submissionId, executionRoleArn, executionIamPolicy }),
    executionPolicySha256: sha256Hex(executionIamPolicy.policy, digest),
    proofId,
    changes: withoutRepeats([...(first.changes ?? []), ...changes]),
  };
};
