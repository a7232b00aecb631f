import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { keptVersions, type TenantVersion } from "#domain/tenant/tenant-version.ts";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import {
  contentOf,
  type Formats,
  type Item,
  type StoredTenant,
  storedTenant,
  tenantIdOf,
  tenantKey,
  tenantVersionIn,
  versionIn,
  versionKey,
  versionSk,
} from "./tenant-items.ts";

/** The versions of a tenant, each an item of its own beside the tenant's item: a copy that nothing changes. */
const pages = async function* (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  own: Partial<QueryCommandInput> = {},
): AsyncGenerator<readonly Item[]> {
  let from: Item | undefined;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
      ExpressionAttributeValues: {
        ":pk": tenantKey(tenantId)["pk"] ?? { S: "" },
        ":first": { S: versionSk(0) },
        ":last": { S: versionSk(999_999) },
      },
      ExclusiveStartKey: from,
      ...own,
    });
    const page: QueryCommandOutput = await ledgerCall(`list the versions of tenant "${tenantId}"`, () =>
      client.send(command),
    );
    yield page.Items ?? [];
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
};

/** The highest version that was ever kept; 0 where there is none. */
export const highestVersion = async (client: DynamoDBClient, table: string, tenantId: string): Promise<number> => {
  const newest = pages(client, table, tenantId, { ScanIndexForward: false, Limit: 1 });
  const { value } = await newest.next();
  return versionIn(value?.[0]);
};

/** Keeps a version. Without `replacing` one that is there stays, because it may be whole where the tenant's item is not. */
export const keepVersion = async (
  client: DynamoDBClient,
  table: string,
  kept: TenantVersion,
  { replacing }: { readonly replacing: boolean },
): Promise<void> => {
  const { tenantId } = kept.setup.tenant;
  const command = new PutItemCommand({
    TableName: table,
    Item: { ...versionKey(tenantId, kept.version), ...contentOf(kept) },
    ...(!replacing && { ConditionExpression: "attribute_not_exists(pk)" }),
  });
  await conditionalWrite(`keep version ${kept.version} of tenant "${tenantId}"`, () => client.send(command));
};

/** Deletes the versions that are too old to be kept beside the current one. */
export const pruneVersions = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  current: number,
): Promise<void> => {
  const newest = current - keptVersions;
  if (newest < 0) return;
  const old = pages(client, table, tenantId, {
    ProjectionExpression: "sk",
    ExpressionAttributeValues: {
      ":pk": tenantKey(tenantId)["pk"] ?? { S: "" },
      ":first": { S: versionSk(0) },
      ":last": { S: versionSk(newest) },
    },
  });
  for await (const items of old) {
    for (const { sk } of items) {
      const Key: Item = { ...tenantKey(tenantId), ...(sk !== undefined && { sk }) };
      const command = new DeleteItemCommand({ TableName: table, Key });
      await ledgerCall(`delete an old version of tenant "${tenantId}"`, () => client.send(command));
    }
  }
};

const readVersionItem = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  version: number,
): Promise<Item | undefined> => {
  const command = new GetItemCommand({ TableName: table, Key: versionKey(tenantId, version), ConsistentRead: true });
  const task = `read version ${version} of tenant "${tenantId}"`;
  const { Item } = await ledgerCall(task, () => client.send(command));
  return Item;
};

export const readVersion = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
  version: number,
  formats: Formats = "newest",
): Promise<TenantVersion | undefined> => {
  const item = await readVersionItem(client, table, tenantId, version);
  return item === undefined ? undefined : tenantVersionIn(item, formats);
};

/** What a tenant's item holds: in place of one that is broken, what its version's own item does. */
export const servedTenant = async (client: DynamoDBClient, table: string, item: Item): Promise<StoredTenant> => {
  const tenantId = tenantIdOf(item);
  const stored = storedTenant(tenantId, item);
  if (stored.unreadable === undefined) return stored;
  return storedTenant(tenantId, item, await readVersionItem(client, table, tenantId, stored.version));
};

/** The versions that are kept of a tenant, the newest first, also of one that was removed. */
export const readVersions = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
): Promise<StoredTenant[]> => {
  const found: StoredTenant[] = [];
  for await (const items of pages(client, table, tenantId, { ScanIndexForward: false })) {
    found.push(...items.map((item) => storedTenant(tenantId, item)));
  }
  return found;
};
