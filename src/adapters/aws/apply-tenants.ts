import { DeleteItemCommand, type DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { isSame } from "#domain/tenant/same.ts";
import { type Proof, proofsOf, type TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Edit, TenantVersion } from "#domain/tenant/tenant-version.ts";
import { type Turn, turnsOf } from "./apply-order.ts";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import { type Sighting, seeTenants } from "./see-tenants.ts";
import {
  asSeen,
  type Item,
  isNewest,
  pointerKey,
  pointersIn,
  type StoredTenant,
  setupText,
  tenantItem,
  tenantKey,
  versionIn,
} from "./tenant-items.ts";
import { highestVersion, keepVersion, pruneVersions } from "./tenant-versions.ts";

/**
 * `conflict`: somebody changed the tenant after it was read, so it is left alone. `held back`: it takes a proof or a
 * value from a tenant that could not be changed.
 */
export interface AppliedTenant {
  readonly tenantId: string;
  readonly verdict: "created" | "changed" | "unchanged" | "conflict" | "held back";
  /** The version that is there now; the one that was seen, where nothing was written. */
  readonly version: number;
}

/** Tenants as they were read, and the way to write just over that. */
export interface TenantsToApply {
  readonly stored: readonly StoredTenant[];
  apply(edit?: Edit): Promise<AppliedTenant[]>;
}

/** Reads what is to be replaced. Throws before anything is written where proofs clash, values are swapped or a tenant is too large. */
export const tenantsToApply = async (
  client: DynamoDBClient,
  table: string,
  setups: readonly TenantSetup[],
): Promise<TenantsToApply> => {
  const sightings = await seeTenants(client, table, setups);
  for (const setup of setups) setupText(setup);
  const turns = turnsOf(sightings);
  return {
    stored: sightings.map(({ known }) => known),
    apply: async (edit) => {
      const done = await applyInOrder(client, table, turns, edit);
      return setups.flatMap(({ tenant }) => done.get(tenant.tenantId) ?? []);
    },
  };
};

/** Writes tenants over whatever is there, and may be repeated at any time. All are checked before the first is written. */
export const applyTenants = async (
  client: DynamoDBClient,
  table: string,
  setups: readonly TenantSetup[],
  edit?: Edit,
): Promise<AppliedTenant[]> => await (await tenantsToApply(client, table, setups)).apply(edit);

/** In the order in which no proof leads to two tenants and no value is two tenants', also where one cannot be changed. */
const applyInOrder = async (
  client: DynamoDBClient,
  table: string,
  turns: readonly Turn[],
  edit: Edit | undefined,
): Promise<Map<string, AppliedTenant>> => {
  const done = new Map<string, AppliedTenant>();
  for (const { sighting, losers } of turns) {
    const { tenantId } = sighting.setup.tenant;
    const isStuck = losers.some((loser) => ["conflict", "held back"].includes(done.get(loser)?.verdict ?? ""));
    const heldBack = { tenantId, verdict: "held back" as const, version: versionIn(sighting.stored) };
    done.set(tenantId, isStuck ? heldBack : await applyOne(client, table, sighting, edit));
  }
  return done;
};

/**
 * A tenant's item comes before its pointers, and a pointer counts for nothing unless its tenant lists the proof: so
 * whatever a crash leaves behind proves nobody, and the next run clears it away. The version's own item comes last: it
 * says that nothing is left to be done.
 */
const applyOne = async (
  client: DynamoDBClient,
  table: string,
  sighting: Sighting,
  edit: Edit | undefined,
): Promise<AppliedTenant> => {
  const { setup, stored, known, missing, kept } = sighting;
  const { tenantId } = setup.tenant;
  const { before, unreadable } = known;
  const isNewState = before === undefined || unreadable !== undefined || !isSame(before.setup, setup);
  // A tenant of before versions were counted gets its first one, and one of an earlier format is stored anew.
  const isNewItem = isNewState || before.version === 0 || (stored !== undefined && !isNewest(stored));
  const proofs: readonly string[] = proofsOf(setup.tenant);
  const pointers = new Set([...pointersIn(stored), ...proofs]);
  let current: TenantVersion = before ?? { version: 0, setup };

  if (isNewItem) {
    if (before !== undefined && isNewState) await keepVersion(client, table, before, { replacing: false });
    const version = Math.max(versionIn(stored), await highestVersion(client, table, tenantId)) + 1;
    current = { version, setup, ...(edit !== undefined && { edit }) };
    if (!(await putTenant(client, table, current, [...pointers], stored))) {
      return { tenantId, verdict: "conflict", version: versionIn(stored) };
    }
  }
  await putPointers(client, table, tenantId, missing);
  await deletePointers(
    client,
    table,
    tenantId,
    [...pointers].filter((proof) => !proofs.includes(proof)),
  );
  if (isNewItem || !kept) {
    await pruneVersions(client, table, tenantId, current.version);
    await keepVersion(client, table, current, { replacing: true });
  }
  const { version } = current;
  if (stored === undefined) return { tenantId, verdict: "created", version };
  return { tenantId, verdict: isNewState ? "changed" : "unchanged", version };
};

/** Writes over what was seen and over nothing else; says whether that was still there. */
const putTenant = async (
  client: DynamoDBClient,
  table: string,
  next: TenantVersion,
  pointers: readonly string[],
  seen: Item | undefined,
): Promise<boolean> => {
  const command = new PutItemCommand({ TableName: table, Item: tenantItem(next, pointers), ...asSeen(seen) });
  const task = `store tenant "${next.setup.tenant.tenantId}"`;
  return (await conditionalWrite(task, () => client.send(command))) !== undefined;
};

const putPointers = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  proofs: readonly Proof[],
): Promise<void> => {
  for (const proof of proofs) {
    const command = new PutItemCommand({ TableName: table, Item: pointerKey(proof, tenantId) });
    await ledgerCall(`store tenant "${tenantId}"`, () => client.send(command));
  }
};

const deletePointers = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  stale: readonly string[],
): Promise<void> => {
  if (stale.length === 0) return;
  const task = `store tenant "${tenantId}"`;
  for (const proof of stale) {
    const command = new DeleteItemCommand({ TableName: table, Key: pointerKey(proof, tenantId) });
    await ledgerCall(task, () => client.send(command));
  }
  const command = new UpdateItemCommand({
    TableName: table,
    Key: tenantKey(tenantId),
    UpdateExpression: "DELETE pointers :stale",
    ExpressionAttributeValues: { ":stale": { SS: [...stale] } },
  });
  await ledgerCall(task, () => client.send(command));
};
