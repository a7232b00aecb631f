import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { inParallel } from "./in-parallel.ts";
import { ledgerItems } from "./ledger-items.ts";
import { byKindIndex } from "./ledger-table.ts";
import { type StoredTenant, tenantIdOf, tenantKey, tenantKind } from "./tenant-items.ts";
import { servedTenant } from "./tenant-versions.ts";

/** Reads that are under way at once. */
const readsAtOnce = 16;

/** The ids of all tenants of the table. It may lag behind what was applied a moment ago. */
const tenantIdsIn = async (client: DynamoDBClient, table: string): Promise<string[]> => {
  const tenantIds: string[] = [];
  const query = { index: byKindIndex, where: "kind = :kind", values: { ":kind": tenantKind } };
  for await (const items of ledgerItems(client, table).pages({ ...query, task: `list the tenants of "${table}"` })) {
    tenantIds.push(...items.map(tenantIdOf));
  }
  return tenantIds;
};

/** What is served of the tenants of the table besides the known ones, by id. */
export const otherTenants = async (
  client: DynamoDBClient,
  table: string,
  known: readonly string[],
): Promise<StoredTenant[]> => {
  const ours = new Set(known);
  const others = (await tenantIdsIn(client, table)).filter((tenantId) => !ours.has(tenantId)).sort();
  // The index may still have one that was removed.
  const there = await ledgerItems(client, table).getAll(others.map(tenantKey), "read the other tenants");
  const items = new Map(there.map((item) => [tenantIdOf(item), item]));
  const inOrder = others.map((tenantId) => items.get(tenantId)).filter((item) => item !== undefined);
  return await inParallel(inOrder, readsAtOnce, async (item) => await servedTenant(client, table, item));
};
