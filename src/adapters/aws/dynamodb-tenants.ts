import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ServiceError } from "#domain/errors.ts";
import type { Tenants } from "#domain/ports.ts";
import { lists, type Proof, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { memo } from "./memo.ts";
import { type Item, readPointers, readTenant, setupIn, versionIn } from "./tenant-items.ts";
import { readVersion } from "./tenant-versions.ts";

/** A tenant whose record is broken: told once for each of its versions. */
export interface UnreadableTenant {
  readonly tenantId: string;
  readonly version: number;
  readonly error: unknown;
}

export interface TenantsOptions {
  /** Milliseconds, from any point. */
  now(): number;
  readonly cacheMs?: number;
  readonly absentMs?: number;
  readonly maxEntries?: number;
  onUnreadable?(tenant: UnreadableTenant): void;
}

const isUnreadable = (error: unknown): boolean =>
  error instanceof ServiceError && error.code === "ERR_TENANT_UNREADABLE";

/** What passes by itself or by an operator: what was good before is good until then. */
const passes = (error: unknown): boolean =>
  isUnreadable(error) || (error instanceof ServiceError && error.code === "ERR_LEDGER_DOWN");

/** A tenant that may have the proof: its setup, or why nobody knows. */
type Candidate = { readonly setup: TenantSetup | undefined } | { readonly unreadable: unknown };

/** Whether what was read is a tenant that lists the proof. */
const isProvedBy = (setup: TenantSetup | undefined, proof: Proof): boolean =>
  setup !== undefined && lists(setup, proof);

const everything = (): boolean => true;

/**
 * Tenants in DynamoDB: one item a tenant, one pointer a proof. A lookup is a query of the proof and a read of the tenant
 * that it points to, whatever the number of tenants. A pointer is believed only where the tenant lists the proof. In
 * place of a tenant that is broken its version's own item is read; without that, what was kept of it stays in use.
 */
export const dynamodbTenants = (
  client: DynamoDBClient,
  table: string,
  { now, cacheMs = 10_000, absentMs = 1500, maxEntries = 500, onUnreadable }: TenantsOptions,
): Tenants => {
  const times = { now, freshMs: cacheMs, absentMs, maxEntries };
  const told = new Map<string, number>();

  const tell = (tenantId: string, version: number, error: unknown): void => {
    if (told.get(tenantId) === version) return;
    told.set(tenantId, version);
    onUnreadable?.({ tenantId, version, error });
  };

  const readable = async (tenantId: string, item: Item): Promise<TenantSetup> => {
    try {
      return setupIn(item);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      tell(tenantId, versionIn(item), error);
      const kept = await readVersion(client, table, tenantId, versionIn(item));
      if (kept === undefined) throw error;
      return kept.setup;
    }
  };

  const tenants = memo<TenantSetup | undefined>(
    async (tenantId) => {
      const item = await readTenant(client, table, tenantId);
      return item === undefined ? undefined : await readable(tenantId, item);
    },
    { ...times, passes, isAbsent: (setup) => setup === undefined },
  );

  const candidate = async (load: () => Promise<TenantSetup | undefined>): Promise<Candidate> => {
    try {
      return { setup: await load() };
    } catch (error) {
      // One tenant's fault is no other's.
      if (isUnreadable(error)) return { unreadable: error };
      throw error;
    }
  };

  /** The pointer may be newer than the tenant that is kept: then the tenant is read again. */
  const mayList = async (tenantId: string, proof: Proof): Promise<boolean> => {
    const kept = await candidate(() => tenants.get(tenantId));
    if ("unreadable" in kept || isProvedBy(kept.setup, proof)) return true;
    const read = await candidate(() => tenants.reload(tenantId));
    return "unreadable" in read || isProvedBy(read.setup, proof);
  };

  const proofs = memo<readonly string[]>(
    async (key) => {
      const proof = key as Proof;
      const found: string[] = [];
      for (const tenantId of await readPointers(client, table, proof)) {
        if (await mayList(tenantId, proof)) found.push(tenantId);
      }
      return found;
    },
    { ...times, passes, isAbsent: (tenantIds) => tenantIds.length === 0 },
  );

  const candidatesOf = async (tenantIds: readonly string[], proof: Proof): Promise<Candidate[]> => {
    const found = await Promise.all(tenantIds.map((tenantId) => candidate(() => tenants.get(tenantId))));
    return found.filter((one) => "unreadable" in one || isProvedBy(one.setup, proof));
  };

  return {
    byId: async (tenantId) => await tenants.get(tenantId),
    async provedBy(proof, fits = everything) {
      const tenantIds = await proofs.get(proof);
      let found = await candidatesOf(tenantIds, proof);
      // The tenant that is kept lost the proof in the meantime: another may have it now.
      if (found.length < tenantIds.length) found = await candidatesOf(await proofs.reload(proof), proof);
      const setups = found.flatMap((one) => ("setup" in one && one.setup && fits(one.setup) ? [one.setup] : []));
      const broken = found.find((one) => "unreadable" in one);
      if (setups.length === 0 && broken !== undefined) throw broken.unreadable;
      return setups;
    },
  };
};
