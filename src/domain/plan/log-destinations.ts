import { deniedAt, type Fault } from "#domain/fault.ts";
import type { ConfigurationOverrides } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Change } from "./start-job-run-input.ts";

/**
 * Log destinations that a caller asks for and the tenant's file does not set. Logs hold the tenant's data, so where the
 * file says anything about them it says everything: what it leaves out is not for callers to add.
 */
export const logDestinationFaults = (
  asked: ConfigurationOverrides,
  { monitoringConfiguration: own }: Tenant,
): Fault[] => {
  const { monitoringConfiguration = {} } = asked;
  if (own === undefined) return [];
  const set = Object.keys(own).join(", ") || "none";
  const rule = `is not allowed: the tenant sets the log destinations of its jobs (${set}), and this is none of them`;
  return Object.entries(monitoringConfiguration)
    .filter(([member, value]) => value !== undefined && !Object.hasOwn(own, member))
    .map(([member, value]) => deniedAt(["configurationOverrides", "monitoringConfiguration", member], value, rule));
};

/** The tenant's log destinations win, member by member, over those that the job asks for. */
export const withTenantLogs = (
  overrides: ConfigurationOverrides,
  tenant: Tenant,
): { overrides: ConfigurationOverrides; changes: Change[] } => {
  const own = tenant.monitoringConfiguration;
  if (own === undefined) return { overrides, changes: [] };
  const asked = overrides.monitoringConfiguration ?? {};
  const changes = Object.keys(own)
    .filter((member) => Object.hasOwn(asked, member))
    .map((member) => ({ field: `monitoringConfiguration/${member}`, rule: "the tenant sets this log destination" }));
  return { overrides: { ...overrides, monitoringConfiguration: { ...asked, ...own } }, changes };
};
