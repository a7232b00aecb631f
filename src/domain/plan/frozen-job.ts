import { type Fault, faultAt } from "#domain/fault.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { grownTextFaults } from "./grown-texts.ts";
import { adHocFaults } from "./job-of.ts";
import { ruledJob } from "./ruled-job.ts";
import { type Change, oneJobDriver, type StartJobRunInput } from "./start-job-run-input.ts";
import { timeoutOf } from "./timeout.ts";

/** A job that was planned under an earlier state of its tenant, as it may run now. */
export interface FrozenJob {
  readonly input: StartJobRunInput;
  /** What today's rules set in it besides. */
  readonly changes: readonly Change[];
  /** What the tenant may not have any more. */
  readonly faults: readonly Fault[];
}

const listed = (names: readonly string[]): string => names.join(", ") || "none";

const applicationFaults = ({ applicationId }: StartJobRunInput, { applications }: Tenant): Fault[] => {
  const ids = Object.values(applications);
  if (ids.includes(applicationId)) return [];
  return [faultAt(["applicationId"], applicationId, `one of the tenant's applications (${listed(ids)})`)];
};

/** Whether the tenant may still bring such a job, or start the job template that made it. */
const originFaults = (input: StartJobRunInput, jobTemplate: string | undefined, tenant: Tenant): Fault[] => {
  if (jobTemplate === undefined) return adHocFaults(input.jobDriver, input.configurationOverrides ?? {}, tenant);
  if (tenant.jobTemplates.includes(jobTemplate)) return [];
  const wanted = `one of the tenant's job templates (${listed(tenant.jobTemplates)})`;
  return [faultAt(["jobTemplate"], jobTemplate, wanted)];
};

const timeoutFaults = (input: StartJobRunInput, tenant: Tenant): Fault[] => {
  const timeout = timeoutOf({ executionTimeoutMinutes: input.executionTimeoutMinutes, mode: input.mode }, tenant);
  return typeof timeout === "number" ? [] : [timeout];
};

/**
 * Holds an input that was frozen before against the tenant as it is now: its applications, its cap, its job templates, its code
 * prefixes, its rules and the guard rails. What the tenant lost since is a fault that names the field; what its rules set
 * by now is set. The role and the policy are for the caller to renew.
 */
export const frozenJob = (input: StartJobRunInput, jobTemplate: string | undefined, tenant: Tenant): FrozenJob => {
  const { jobDriver, configurationOverrides = {}, name, mode, tags, executionTimeoutMinutes, retryPolicy } = input;
  const job = { jobDriver, configurationOverrides, name, mode, tags, executionTimeoutMinutes, retryPolicy };
  const ruled = ruledJob(job, tenant);
  const overrides = ruled.job.configurationOverrides;
  const now = {
    ...input,
    jobDriver: oneJobDriver(ruled.job.jobDriver),
    ...(Object.keys(overrides).length > 0 && { configurationOverrides: overrides }),
  };
  return {
    input: now,
    changes: ruled.changes,
    faults: [
      ...applicationFaults(input, tenant),
      ...originFaults(input, jobTemplate, tenant),
      ...timeoutFaults(input, tenant),
      ...ruled.faults,
      ...grownTextFaults(now),
    ],
  };
};
