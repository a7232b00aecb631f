import { deniedAt, type Fault } from "#domain/fault.ts";
import { isAcknowledged, railFault } from "#domain/rails/guard-rails.ts";
import type { ConfigurationOverrides } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Change } from "./start-job-run-input.ts";

const path = ["configurationOverrides", "monitoringConfiguration"];

/** The members that send logs or metrics somewhere; managed storage is where EMR Serverless keeps them anyway. */
const destinations = [
  "s3MonitoringConfiguration",
  "cloudWatchLoggingConfiguration",
  "prometheusMonitoringConfiguration",
] as const;

/** The guard rail "log-destinations", where the tenant's file sets none. */
const chosenDestinations = (asked: ConfigurationOverrides, { guardRails: { acknowledged } }: Tenant): Fault[] =>
  destinations
    .filter((member) => asked.monitoringConfiguration?.[member] !== undefined)
    .filter((member) => !isAcknowledged({ acknowledged }, "log-destinations", member))
    .map((member) => {
      const rule = "must not be set: logs hold the tenant's data, and their destinations are in the tenant's file";
      return railFault([...path, member], { rail: "log-destinations", current: member, rule });
    });

/**
 * Log destinations that a caller asks for and the tenant's file does not set. Logs hold the tenant's data, so where the
 * file says anything about them it says everything: what it leaves out is not for callers to add.
 */
export const logDestinationFaults = (asked: ConfigurationOverrides, tenant: Tenant): Fault[] => {
  const { monitoringConfiguration: own } = tenant;
  const { monitoringConfiguration = {} } = asked;
  if (own === undefined) return chosenDestinations(asked, tenant);
  const set = Object.keys(own).join(", ") || "none";
  const rule = `is not allowed: the tenant sets the log destinations of its jobs (${set}), and this is none of them`;
  return Object.entries(monitoringConfiguration)
    .filter(([member, value]) => value !== undefined && !Object.hasOwn(own, member))
    .map(([member, value]) => deniedAt([...path, member], value, rule));
};

/** The tenant's log destinations win, member by member, over those that the job asks for. */
export const withTenantLogs = (
  overrides: ConfigurationOverrides,
  tenant: Pick<Tenant, "monitoringConfiguration">,
): { overrides: ConfigurationOverrides; changes: Change[] } => {
  const own = tenant.monitoringConfiguration;
  if (own === undefined) return { overrides, changes: [] };
  const asked = overrides.monitoringConfiguration ?? {};
  const changes = Object.keys(own)
    .filter((member) => Object.hasOwn(asked, member))
    .map((member) => ({ field: `monitoringConfiguration/${member}`, rule: "the tenant sets this log destination" }));
  return { overrides: { ...overrides, monitoringConfiguration: { ...asked, ...own } }, changes };
};
