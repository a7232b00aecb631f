import { type ErrorCode, ServiceError } from "#domain/errors.ts";
import { deniedAt, type Fault, faultAt } from "#domain/fault.ts";
import { type JobRequest, summary } from "#domain/request/job-request.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { grownTextFaults } from "./grown-texts.ts";
import { type Job, jobOf } from "./job-of.ts";
import { provedPolicy } from "./proved-policy.ts";
import { ruledJob } from "./ruled-job.ts";
import { type Change, oneJobDriver, type StartJobRunInput } from "./start-job-run-input.ts";
import { mergeTags, sluiceTags } from "./tags.ts";
import { timeoutOf } from "./timeout.ts";

/** Largest frozen input in bytes: with the rest of the submission it must fit one DynamoDB item of 400 KB. */
const maxFrozenBytes = 320 * 1024;

export type Plan =
  | {
      readonly verdict: "planned";
      readonly input: StartJobRunInput;
      readonly changes: readonly Change[];
      /** The proof that the execution policy was held against. */
      readonly proofId: string;
    }
  | { readonly verdict: "refused"; readonly error: ServiceError };

export interface Planning {
  readonly setup: TenantSetup;
  readonly request: JobRequest;
  readonly submissionId: string;
  readonly door: string;
}

/** A refusal with every fault; it is a denial as soon as one fault is. */
const refuse = (tenantId: string, faults: readonly Fault[], code?: ErrorCode): Plan => {
  const denied = faults.some(({ kind }) => kind === "denied");
  const message = `Cannot submit the job request for tenant "${tenantId}": ${summary(faults)}`;
  return {
    verdict: "refused",
    error: new ServiceError(code ?? (denied ? "ERR_JOB_NOT_ALLOWED" : "ERR_JOB_REQUEST_INVALID"), message, { faults }),
  };
};

/** The application that a request names by alias, or the tenant's default, or its only one. */
const applicationOf = ({ applications, defaultApplication }: Tenant, alias: string | undefined): string | Fault => {
  const aliases = Object.keys(applications);
  const chosen = alias ?? defaultApplication ?? (aliases.length === 1 ? aliases[0] : undefined);
  const id = chosen !== undefined && Object.hasOwn(applications, chosen) ? applications[chosen] : undefined;
  return id ?? faultAt(["application"], alias, `one of the tenant's applications (${aliases.join(", ")})`);
};

const isFault = (value: unknown): value is Fault => typeof value === "object" && value !== null && "pointer" in value;

/**
 * The exact StartJobRun input of a job request in a tenant, or a refusal that lists every fault. Pure: the same
 * arguments give the same input, byte for byte.
 */
export const planSubmission = ({ setup, request, submissionId, door }: Planning): Plan => {
  const { tenant } = setup;
  const { tenantId } = tenant;
  if (request.tenantId !== undefined && request.tenantId !== tenantId) {
    const fault = deniedAt(
      ["tenantId"],
      request.tenantId,
      `must be "${tenantId}", the tenant that the caller is proved to be, or absent`,
    );
    return refuse(tenantId, [fault], "ERR_TENANT_MISMATCH");
  }
  const application = applicationOf(tenant, request.application);
  const applicationId = isFault(application) ? "" : application;
  const found = jobOf(request, setup, {
    "tenant.id": tenantId,
    "submission.id": submissionId,
    "application.id": applicationId,
  });
  const ruled = found.job === undefined ? undefined : ruledJob(found.job, tenant);
  const timeout = ruled === undefined ? 0 : timeoutOf(ruled.job, tenant);
  const merged = mergeTags({
    caller: ruled?.job.tags ?? {},
    tenant: tenant.tags,
    sluice: sluiceTags(tenantId, submissionId, door),
  });
  const faults = [application, ...found.faults, ...(ruled?.faults ?? []), timeout, ...merged.faults].filter(isFault);
  if (faults.length > 0 || ruled === undefined || isFault(timeout)) return refuse(tenantId, faults);

  const proved = provedPolicy(setup, { submissionId, applicationId });
  if (proved.verdict === "refused") return refuse(tenantId, proved.faults, "ERR_EXECUTION_POLICY");
  const { executionIamPolicy, proofId } = proved;
  const input = inputOf(
    { tenant, submissionId, applicationId, executionIamPolicy, timeout, tags: merged.tags },
    ruled.job,
  );
  const grown = grownTextFaults(input);
  if (grown.length > 0) return refuse(tenantId, grown);
  const bytes = new TextEncoder().encode(JSON.stringify(input)).length;
  if (bytes > maxFrozenBytes) {
    const fault = faultAt([], bytes, `a StartJobRun input of at most ${maxFrozenBytes} bytes`);
    return refuse(tenantId, [fault], "ERR_JOB_REQUEST_TOO_LARGE");
  }
  return { verdict: "planned", input, changes: [...ruled.changes, ...merged.changes], proofId };
};

interface Settled {
  readonly tenant: Tenant;
  readonly submissionId: string;
  readonly applicationId: string;
  readonly executionIamPolicy: StartJobRunInput["executionIamPolicy"];
  readonly timeout: number;
  readonly tags: Record<string, string>;
}

const inputOf = (settled: Settled, job: Job): StartJobRunInput => ({
  applicationId: settled.applicationId,
  clientToken: settled.submissionId,
  executionRoleArn: settled.tenant.executionRoleArn,
  executionIamPolicy: settled.executionIamPolicy,
  jobDriver: oneJobDriver(job.jobDriver),
  ...(Object.keys(job.configurationOverrides).length > 0 && { configurationOverrides: job.configurationOverrides }),
  tags: settled.tags,
  executionTimeoutMinutes: settled.timeout,
  name: `${job.name}.${settled.submissionId}`,
  ...(job.mode !== undefined && { mode: job.mode }),
  ...(job.retryPolicy !== undefined && { retryPolicy: job.retryPolicy }),
});
