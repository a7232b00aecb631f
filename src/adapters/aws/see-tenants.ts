import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { triggersOverlap } from "#domain/tenant/check-setup.ts";
import { isShared, type Proof, proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { inParallel } from "./in-parallel.ts";
import { ledgerItems } from "./ledger-items.ts";
import {
  type Item,
  readPointers,
  readTenant,
  type StoredTenant,
  storedTenant,
  tenantKey,
  versionIn,
  versionKey,
} from "./tenant-items.ts";
import { servedTenant } from "./tenant-versions.ts";

/** A tenant that is to be applied beside what the table has of it. */
export interface Sighting {
  readonly setup: TenantSetup;
  readonly stored: Item | undefined;
  /** What can be read of it. */
  readonly known: StoredTenant;
  /** Proofs without a pointer yet. */
  readonly missing: readonly Proof[];
  /** Whether the stored version is kept as an item of its own: it is, unless a run was cut off. */
  readonly kept: boolean;
}

/** The tenants that are applied together: what another one of them will hold counts, not what it holds now. */
interface Batch {
  readonly byId: ReadonlyMap<string, TenantSetup>;
  readonly claims: ReadonlyMap<Proof, readonly string[]>;
}

/** Reads that are under way at once. */
const readsAtOnce = 16;

const batchOf = (setups: readonly TenantSetup[]): Batch => {
  const claims = new Map<Proof, string[]>();
  for (const { tenant } of setups) {
    for (const proof of proofsOf(tenant)) claims.set(proof, [...(claims.get(proof) ?? []), tenant.tenantId]);
  }
  return { byId: new Map(setups.map((setup) => [setup.tenant.tenantId, setup])), claims };
};

/** A bucket that all tenants share is looked up once. */
const cached = <K, V>(load: (key: K) => Promise<V>): ((key: K) => Promise<V>) => {
  const loaded = new Map<K, Promise<V>>();
  return async (key) => {
    const found = loaded.get(key) ?? load(key);
    loaded.set(key, found);
    return await found;
  };
};

const keyOf = ({ pk, sk }: Item): string => `${pk?.S} ${sk?.S}`;

/**
 * Reads what the table has of these tenants. Throws where two tenants would be proved by the same, with all that clash:
 * tenants of the table that are not applied now count as well.
 */
export const seeTenants = async (
  client: DynamoDBClient,
  table: string,
  setups: readonly TenantSetup[],
): Promise<Sighting[]> => {
  const batch = batchOf(setups);
  const readAll = async (keys: readonly Item[], task: string): Promise<Map<string, Item>> =>
    new Map((await ledgerItems(client, table).getAll(keys, task)).map((item) => [keyOf(item), item]));
  const ids = [...batch.byId.keys()];
  const stored = await readAll(ids.map(tenantKey), "read the tenants");
  const storedOf = (tenantId: string): Item | undefined => stored.get(keyOf(tenantKey(tenantId)));
  const versionKeys = ids.map((tenantId) => versionKey(tenantId, versionIn(storedOf(tenantId))));
  const kept = await readAll(versionKeys, "read the tenants' versions");
  const holdersOf = cached(async (proof: Proof) => await readPointers(client, table, proof));
  const clashes: string[] = [];
  const sightings = await inParallel(setups, readsAtOnce, async (setup): Promise<Sighting> => {
    const { tenantId } = setup.tenant;
    const missing: Proof[] = [];
    for (const proof of proofsOf(setup.tenant)) {
      const holders = await holdersOf(proof);
      if (!holders.includes(tenantId)) missing.push(proof);
      const others = new Set([...holders, ...(batch.claims.get(proof) ?? [])]);
      others.delete(tenantId);
      clashes.push(...(await clashesOf(client, table, { proof, setup, others, batch })));
    }
    const item = storedOf(tenantId);
    const own = kept.get(keyOf(versionKey(tenantId, versionIn(item))));
    return { setup, stored: item, known: storedTenant(tenantId, item, own), missing, kept: own !== undefined };
  });
  if (clashes.length > 0) throw new Error(clashes.sort().join("\n"));
  return sightings;
};

interface Claim {
  readonly proof: Proof;
  readonly setup: TenantSetup;
  /** Tenants that have a pointer for it, or list it too. */
  readonly others: ReadonlySet<string>;
  readonly batch: Batch;
}

const clashesOf = async (
  client: DynamoDBClient,
  table: string,
  { proof, setup, others, batch }: Claim,
): Promise<string[]> => {
  const clashes: string[] = [];
  for (const other of others) {
    // Triggers of one batch were checked against each other where its files were.
    if (isShared(proof) && batch.byId.has(other)) continue;
    const item = batch.byId.has(other) ? undefined : await readTenant(client, table, other);
    const stored = item && (await servedTenant(client, table, item));
    const holder = batch.byId.get(other) ?? stored?.before?.setup;
    const unknown = stored?.unreadable && `may list ${proof} too: ${stored.unreadable}`;
    const clash = holder === undefined ? unknown : clashOf(proof, setup, holder);
    if (clash !== undefined) {
      clashes.push(`Cannot apply tenant "${setup.tenant.tenantId}": tenant "${other}" ${clash}`);
    }
  }
  return clashes;
};

const clashOf = (proof: Proof, setup: TenantSetup, holder: TenantSetup): string | undefined => {
  if (!proofsOf(holder.tenant).includes(proof)) return undefined;
  return isShared(proof) ? overlapOf(setup, holder) : `lists ${proof} too: it may prove only one of them`;
};

/** A bucket may prove several tenants, as long as no object of it fires triggers of two. */
const overlapOf = ({ tenant }: TenantSetup, other: TenantSetup): string | undefined => {
  const [found] = tenant.triggers.flatMap((trigger) =>
    other.tenant.triggers.filter((one) => triggersOverlap(trigger, one)).map((one) => [trigger.name, one.name]),
  );
  return found && `has trigger "${found[1]}", whose objects can fire its trigger "${found[0]}" too`;
};
