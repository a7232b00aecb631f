import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from "@aws-sdk/client-dynamodb";
import { ledgerCall } from "./ledger-call.ts";
import type { Item } from "./tenant-items.ts";

/** A page of a scan has 1 MB (Amazon DynamoDB Developer Guide, "Paginating the results"), so this reads 100 MB at most. */
const mostPages = 100;

export interface StrayTenants {
  readonly tenantIds: readonly string[];
  /** Whether the whole table was read. */
  readonly complete: boolean;
}

const prefix = "tenant#";

/**
 * Tenants of the table that are none of the known ones: they lost their file, and are served as before. Nothing but the
 * beginning of their keys tells tenants from submissions, so the table is read from its start, and a large one not to its end.
 */
export const strayTenants = async (
  client: DynamoDBClient,
  table: string,
  known: readonly string[],
  pages = mostPages,
): Promise<StrayTenants> => {
  const found: string[] = [];
  let from: Item | undefined;
  for (let page = 0; page < pages; page += 1) {
    const command: ScanCommand = new ScanCommand({
      TableName: table,
      FilterExpression: "sk = :tenant AND begins_with(pk, :prefix)",
      ProjectionExpression: "pk",
      ExpressionAttributeValues: { ":tenant": { S: "tenant" }, ":prefix": { S: prefix } },
      ExclusiveStartKey: from,
    });
    const { Items = [], LastEvaluatedKey }: ScanCommandOutput = await ledgerCall(`list the tenants of "${table}"`, () =>
      client.send(command),
    );
    found.push(...Items.map(({ pk }) => (pk?.S ?? "").slice(prefix.length)));
    from = LastEvaluatedKey;
    if (from === undefined) break;
  }
  return { tenantIds: found.filter((tenantId) => !known.includes(tenantId)).sort(), complete: from === undefined };
};
