import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ledgerItems } from "./ledger-items.ts";
import { byKindIndex } from "./ledger-table.ts";
import { tenantIdOf, tenantKey, tenantKind } from "./tenant-items.ts";

/** The ids of all tenants of the table. It may lag behind what was applied a moment ago. */
export const tenantIdsIn = async (client: DynamoDBClient, table: string): Promise<string[]> => {
  const tenantIds: string[] = [];
  const query = { index: byKindIndex, where: "kind = :kind", values: { ":kind": tenantKind } };
  for await (const items of ledgerItems(client, table).pages({ ...query, task: `list the tenants of "${table}"` })) {
    tenantIds.push(...items.map(tenantIdOf));
  }
  return tenantIds;
};

/** Tenants of the table that are none of the known ones: they lost their file, and are served as before. */
export const strayTenants = async (
  client: DynamoDBClient,
  table: string,
  known: readonly string[],
): Promise<string[]> => {
  const ours = new Set(known);
  const others = (await tenantIdsIn(client, table)).filter((tenantId) => !ours.has(tenantId));
  // The index may still have one that was removed.
  const there = await ledgerItems(client, table).getAll(others.map(tenantKey), "read the tenants without a file");
  return there.map(tenantIdOf).sort();
};
