import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { ledgerItems } from "./ledger-items.ts";
import { byKindIndex } from "./ledger-table.ts";
import { type StoredTenant, setupIn, storedTenant, tenantIdOf, tenantKey, tenantKind } from "./tenant-items.ts";

/** The ids of all tenants of the table. It may lag behind what was applied a moment ago. */
const tenantIdsIn = async (client: DynamoDBClient, table: string): Promise<string[]> => {
  const tenantIds: string[] = [];
  const query = { index: byKindIndex, where: "kind = :kind", values: { ":kind": tenantKind } };
  for await (const items of ledgerItems(client, table).pages({ ...query, task: `list the tenants of "${table}"` })) {
    tenantIds.push(...items.map(tenantIdOf));
  }
  return tenantIds;
};

/** What the table has of all tenants but this one. Throws where one of them cannot be read: apply mends that. */
export const otherTenants = async (client: DynamoDBClient, table: string, tenantId: string): Promise<TenantSetup[]> => {
  const others = (await tenantIdsIn(client, table)).filter((other) => other !== tenantId);
  const items = await ledgerItems(client, table).getAll(others.map(tenantKey), "read the other tenants");
  return items.map((item) => setupIn(item, "all"));
};

/** What the table has of tenants that are none of the known ones: they lost their file, and are served as before. */
export const strayTenants = async (
  client: DynamoDBClient,
  table: string,
  known: readonly string[],
): Promise<StoredTenant[]> => {
  const ours = new Set(known);
  const others = (await tenantIdsIn(client, table)).filter((tenantId) => !ours.has(tenantId)).sort();
  // The index may still have one that was removed.
  const there = await ledgerItems(client, table).getAll(others.map(tenantKey), "read the tenants without a file");
  const items = new Map(there.map((item) => [tenantIdOf(item), item]));
  return others.flatMap((tenantId) => {
    const item = items.get(tenantId);
    return item === undefined ? [] : [storedTenant(tenantId, item)];
  });
};
