import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Tenants } from "#domain/ports.ts";
import { proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { memo } from "./memo.ts";
import { readPointers, readTenant, setupIn } from "./tenant-items.ts";

export interface TenantsOptions {
  /** Milliseconds, from any point. */
  now(): number;
  readonly cacheMs?: number;
  readonly absentMs?: number;
  readonly maxEntries?: number;
}

const lists = (setup: TenantSetup | undefined, proof: string): setup is TenantSetup =>
  setup !== undefined && proofsOf(setup.tenant).some((listed) => listed === proof);

/**
 * Tenants in DynamoDB: one item a tenant, one pointer a proof. A lookup is a query of the proof and a read of the tenant
 * that it points to, whatever the number of tenants. A pointer is believed only where the tenant lists the proof.
 */
export const dynamodbTenants = (
  client: DynamoDBClient,
  table: string,
  { now, cacheMs = 10_000, absentMs = 1500, maxEntries = 500 }: TenantsOptions,
): Tenants => {
  const times = { now, freshMs: cacheMs, absentMs, maxEntries };

  const tenants = memo<TenantSetup | undefined>(
    async (tenantId) => {
      const item = await readTenant(client, table, tenantId);
      return item === undefined ? undefined : setupIn(item);
    },
    { ...times, isAbsent: (setup) => setup === undefined },
  );

  /** The pointer may be newer than the tenant that is kept: then the tenant is read again. */
  const believes = async (tenantId: string, proof: string): Promise<boolean> =>
    lists(await tenants.get(tenantId), proof) || lists(await tenants.reload(tenantId), proof);

  const proofs = memo<readonly string[]>(
    async (proof) => {
      const found: string[] = [];
      for (const tenantId of await readPointers(client, table, proof)) {
        if (await believes(tenantId, proof)) found.push(tenantId);
      }
      return found;
    },
    { ...times, isAbsent: (tenantIds) => tenantIds.length === 0 },
  );

  const setupsOf = async (tenantIds: readonly string[], proof: string): Promise<TenantSetup[]> => {
    const setups = await Promise.all(tenantIds.map(async (tenantId) => await tenants.get(tenantId)));
    return setups.filter((setup) => lists(setup, proof));
  };

  return {
    byId: async (tenantId) => await tenants.get(tenantId),
    async provedBy(proof) {
      const tenantIds = await proofs.get(proof);
      const setups = await setupsOf(tenantIds, proof);
      // The tenant that is kept lost the proof in the meantime: another may have it now.
      if (setups.length < tenantIds.length) return await setupsOf(await proofs.reload(proof), proof);
      return setups;
    },
  };
};
