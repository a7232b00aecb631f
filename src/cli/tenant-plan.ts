import type { TenantsToApply } from "#adapters/aws/apply-tenants.ts";
import type { StoredTenant } from "#adapters/aws/tenant-items.ts";
import {
  type TenantChange,
  type TouchedTemplate,
  tenantChange,
  touchedTemplates,
} from "#domain/tenant/tenant-changes.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { OperatorLedger } from "./operator-ledger.ts";

/** What becomes of one tenant of the table. */
export interface PlannedTenant extends TenantChange {
  /** The version that was seen; 0 where there is none. */
  readonly version: number;
  /** What is wrong with the record, and what it is compared by in its place: it is written anew as a whole. */
  readonly unreadable?: string;
}

/** What applying files to a table changes. */
export interface TenantPlan {
  readonly tenants: readonly PlannedTenant[];
  readonly templates: readonly TouchedTemplate[];
  /** Tenants of the table that have no file and stay. */
  readonly strays: readonly string[];
}

/** What an operator should know of a record that is broken: functions go by the version's own item, or by nothing. */
export const brokenRecord = ({ unreadable, before }: Omit<StoredTenant, "tenantId">): string | undefined => {
  if (unreadable === undefined) return undefined;
  if (before === undefined) return `what is stored is not known: ${unreadable}`;
  return `the record is broken, so this is of version ${before.version} as it was kept: ${unreadable}`;
};

/** The plan, and the way to carry out just that. */
export interface Planned {
  readonly plan: TenantPlan;
  /** What the table has of tenants without a file: it is served until they are removed. */
  readonly beside: readonly StoredTenant[];
  readonly read: TenantsToApply;
}

const planned = (setup: TenantSetup, stored: StoredTenant): PlannedTenant => {
  const { tenantId, version, before } = stored;
  const change = tenantChange(tenantId, before?.setup, setup);
  const broken = brokenRecord(stored);
  return broken === undefined ? { ...change, version } : { ...change, change: "update", version, unreadable: broken };
};

const deletionOf = (stored: StoredTenant): PlannedTenant => {
  const { tenantId, version, before } = stored;
  const change = { ...tenantChange(tenantId, before?.setup, undefined), change: "delete" as const, version };
  const broken = brokenRecord(stored);
  return broken === undefined ? change : { ...change, unreadable: broken };
};

const isChange = ({ change, unreadable }: PlannedTenant): boolean => change !== "unchanged" || unreadable !== undefined;

export const changesIn = ({ tenants }: TenantPlan): PlannedTenant[] => tenants.filter(isChange);

/** What applying these setups changes. Tenants without a file stay, unless they are to go. */
export const planTenants = async (
  ledger: OperatorLedger,
  setups: readonly TenantSetup[],
  { deleting }: { readonly deleting: boolean },
): Promise<Planned> => {
  const read = await ledger.read(setups);
  const stored = new Map(read.stored.map((one) => [one.tenantId, one]));
  const known = setups.map(({ tenant }) => tenant.tenantId);
  const beside = await ledger.others(known);
  const tenants = setups.map((setup) => {
    const { tenantId } = setup.tenant;
    return planned(setup, stored.get(tenantId) ?? { tenantId, version: 0 });
  });
  if (deleting) tenants.push(...beside.map(deletionOf));
  const strays = deleting ? [] : beside.map(({ tenantId }) => tenantId);
  return {
    plan: { tenants, templates: touchedTemplates(tenants), strays },
    beside,
    read,
  };
};
