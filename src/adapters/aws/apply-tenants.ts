import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { isShared, type Proof, proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { ledgerCall } from "./ledger-call.ts";
import {
  type Item,
  pointerKey,
  pointersIn,
  readPointers,
  readTenant,
  setupIn,
  tenantItem,
  tenantKey,
  versionIn,
  versionOf,
} from "./tenant-items.ts";

export interface AppliedTenant {
  readonly tenantId: string;
  readonly verdict: "created" | "changed" | "unchanged";
  readonly version: string;
}

interface Plan {
  readonly setup: TenantSetup;
  readonly stored: Item | undefined;
  /** Proofs without a pointer yet. */
  readonly missing: readonly Proof[];
}

/** The tenants that are applied together: what another one of them will hold counts, not what it holds now. */
interface Batch {
  readonly byId: ReadonlyMap<string, TenantSetup>;
  readonly claims: ReadonlyMap<Proof, readonly string[]>;
}

const batchOf = (setups: readonly TenantSetup[]): Batch => {
  const claims = new Map<Proof, string[]>();
  for (const { tenant } of setups) {
    for (const proof of proofsOf(tenant)) claims.set(proof, [...(claims.get(proof) ?? []), tenant.tenantId]);
  }
  return { byId: new Map(setups.map((setup) => [setup.tenant.tenantId, setup])), claims };
};

/**
 * Writes tenants, one after the other, and may be repeated at any time. All are checked before the first is written.
 * A tenant's item comes before its pointers, and a pointer counts for nothing unless its tenant lists the proof: so
 * whatever a crash leaves behind proves nobody, and the next run clears it away.
 */
export const applyTenants = async (
  client: DynamoDBClient,
  table: string,
  setups: readonly TenantSetup[],
): Promise<AppliedTenant[]> => {
  const batch = batchOf(setups);
  const plans: Plan[] = [];
  for (const setup of setups) plans.push(await planOf(client, table, setup, batch));
  const applied: AppliedTenant[] = [];
  for (const plan of plans) applied.push(await apply(client, table, plan));
  return applied;
};

const planOf = async (client: DynamoDBClient, table: string, setup: TenantSetup, batch: Batch): Promise<Plan> => {
  const { tenantId } = setup.tenant;
  const missing: Proof[] = [];
  for (const proof of proofsOf(setup.tenant)) {
    const holders = await readPointers(client, table, proof);
    if (!holders.includes(tenantId)) missing.push(proof);
    const others = new Set([...holders, ...(batch.claims.get(proof) ?? [])]);
    others.delete(tenantId);
    if (!isShared(proof)) await refuseClash(client, table, { proof, tenantId, others, batch });
  }
  return { setup, stored: await readTenant(client, table, tenantId), missing };
};

interface Claim {
  readonly proof: Proof;
  readonly tenantId: string;
  /** Tenants that have a pointer for it, or list it too. */
  readonly others: ReadonlySet<string>;
  readonly batch: Batch;
}

const refuseClash = async (
  client: DynamoDBClient,
  table: string,
  { proof, tenantId, others, batch }: Claim,
): Promise<void> => {
  for (const other of others) {
    const stored = batch.byId.has(other) ? undefined : await readTenant(client, table, other);
    const holder = stored === undefined ? batch.byId.get(other) : setupIn(stored);
    if (holder === undefined || !proofsOf(holder.tenant).includes(proof)) continue;
    const message = `Cannot apply tenant "${tenantId}": tenant "${other}" lists ${proof} too: it may prove only one of them`;
    throw new Error(message);
  }
};

const apply = async (
  client: DynamoDBClient,
  table: string,
  { setup, stored, missing }: Plan,
): Promise<AppliedTenant> => {
  const { tenantId } = setup.tenant;
  const task = `store tenant "${tenantId}"`;
  const version = versionOf(setup);
  const proofs: readonly string[] = proofsOf(setup.tenant);
  const pointers = new Set([...pointersIn(stored), ...proofs]);
  const stale = [...pointers].filter((proof) => !proofs.includes(proof));
  const changed = versionIn(stored) !== version;

  if (changed) {
    const command = new PutItemCommand({ TableName: table, Item: tenantItem(setup, [...pointers]) });
    await ledgerCall(task, () => client.send(command));
  }
  for (const proof of missing) {
    const command = new PutItemCommand({ TableName: table, Item: pointerKey(proof, tenantId) });
    await ledgerCall(task, () => client.send(command));
  }
  for (const proof of stale) {
    const command = new DeleteItemCommand({ TableName: table, Key: pointerKey(proof, tenantId) });
    await ledgerCall(task, () => client.send(command));
  }
  if (stale.length > 0) {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: tenantKey(tenantId),
      UpdateExpression: "DELETE pointers :stale",
      ExpressionAttributeValues: { ":stale": { SS: stale } },
    });
    await ledgerCall(task, () => client.send(command));
  }
  if (stored === undefined) return { tenantId, verdict: "created", version };
  return { tenantId, verdict: changed ? "changed" : "unchanged", version };
};
