import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type TenantsToApply, tenantsToApply } from "#adapters/aws/apply-tenants.ts";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { dynamodbUsage } from "#adapters/aws/dynamodb-usage.ts";
import { otherTenants } from "#adapters/aws/other-tenants.ts";
import { type RemovedTenant, removeTenant } from "#adapters/aws/remove-tenant.ts";
import { readTenant, type StoredTenant } from "#adapters/aws/tenant-items.ts";
import { readVersion, readVersions, servedTenant } from "#adapters/aws/tenant-versions.ts";
import type { Services } from "#domain/ports.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { TenantVersion } from "#domain/tenant/tenant-version.ts";
import type { Line } from "#domain/turns/line.ts";

/** The table as operators work on it. */
export interface OperatorLedger {
  /** Reads what applying these tenants replaces. */
  read(setups: readonly TenantSetup[]): Promise<TenantsToApply>;
  /** What is served of tenants besides the known ones. */
  others(known: readonly string[]): Promise<readonly StoredTenant[]>;
  /** With `seen` only where the tenant is still in that version. */
  remove(tenantId: string, seen?: number): Promise<RemovedTenant>;
  /** The state that is served; nothing where the table does not have the tenant. */
  current(tenantId: string): Promise<StoredTenant | undefined>;
  version(tenantId: string, version: number): Promise<TenantVersion | undefined>;
  /** The kept versions, the newest first. */
  versions(tenantId: string): Promise<readonly StoredTenant[]>;
  line(tenantId: string): Promise<Line>;
  /** The ports that an explanation looks at: it takes and stores nothing. */
  readonly reads: Pick<Services, "starts" | "submissions" | "usage">;
  /** Suspends the starts of a tenant, or of all ("*"), with a message; without one they go on. */
  suspend(tenantId: string, message: string | undefined): Promise<void>;
}

export const operatorLedger = (client: DynamoDBClient, table: string, now: () => string): OperatorLedger => {
  const starts = dynamodbStarts(client, table, { now });
  return {
    read: async (setups) => await tenantsToApply(client, table, setups),
    others: async (known) => await otherTenants(client, table, known),
    remove: async (tenantId, seen) => await removeTenant(client, table, tenantId, seen),
    async current(tenantId) {
      const item = await readTenant(client, table, tenantId);
      return item === undefined ? undefined : await servedTenant(client, table, item);
    },
    version: async (tenantId, version) => await readVersion(client, table, tenantId, version, "all"),
    versions: async (tenantId) => await readVersions(client, table, tenantId),
    line: async (tenantId) => await starts.line(tenantId),
    reads: {
      starts,
      submissions: dynamodbSubmissions(client, table),
      usage: dynamodbUsage(client, table, { now: () => Date.parse(now()) }),
    },
    suspend: async (tenantId, message) => await starts.suspend(tenantId, message),
  };
};
