import type { Fault } from "#domain/fault.ts";
import { applyEngineRules, type RuledEngineJob } from "#domain/rails/engine-rules.ts";
import { type Engine, hiveEngine, sparkEngine } from "#domain/rails/engines.ts";
import type { JobDriver } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { codePrefixes } from "./entry-points.ts";
import type { Job } from "./job-of.ts";
import { withTenantLogs } from "./log-destinations.ts";
import type { Change } from "./start-job-run-input.ts";

/** What the rules look at in a tenant's file. */
export type RulingTenant = Pick<
  Tenant,
  "tenantId" | "entryPoints" | "spark" | "hive" | "guardRails" | "monitoringConfiguration"
>;

const engineOf = ({ sparkSubmit }: JobDriver): Engine => (sparkSubmit === undefined ? hiveEngine : sparkEngine);

const parametersOf = ({ sparkSubmit, hive }: JobDriver): string | undefined =>
  sparkSubmit?.sparkSubmitParameters ?? hive?.parameters;

const withParameters = ({ sparkSubmit, hive }: JobDriver, parameters: string | undefined): JobDriver => {
  if (sparkSubmit !== undefined) {
    const { sparkSubmitParameters: _asked, ...driver } = sparkSubmit;
    return { sparkSubmit: { ...driver, ...(parameters !== undefined && { sparkSubmitParameters: parameters }) } };
  }
  if (hive === undefined) return {};
  const { parameters: _asked, ...driver } = hive;
  return { hive: { ...driver, ...(parameters !== undefined && { parameters }) } };
};

export interface RuledJob {
  readonly job: Job;
  readonly changes: readonly Change[];
  readonly faults: readonly Fault[];
}

/** A job under the guard rails and the tenant's rules for its engine and its logs. */
export const ruledJob = (job: Job, tenant: RulingTenant): RuledJob => {
  const logs = withTenantLogs(job.configurationOverrides, tenant);
  const engine = engineOf(job.jobDriver);
  const configurations = logs.overrides.applicationConfiguration ?? [];
  const ruled: RuledEngineJob = applyEngineRules(
    { parameters: parametersOf(job.jobDriver), configurations },
    {
      engine,
      rules: tenant[engine.field],
      context: { prefixes: codePrefixes(tenant), acknowledged: tenant.guardRails.acknowledged },
    },
  );
  return {
    job: {
      ...job,
      jobDriver: withParameters(job.jobDriver, ruled.parameters),
      configurationOverrides: {
        ...logs.overrides,
        ...(ruled.configurations.length > 0 && { applicationConfiguration: [...ruled.configurations] }),
      },
    },
    changes: [...logs.changes, ...ruled.changes],
    faults: ruled.faults,
  };
};
