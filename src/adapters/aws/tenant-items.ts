import { createHash } from "node:crypto";
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { ledgerCall } from "./ledger-call.ts";

export type Item = Record<string, AttributeValue>;

/** Grows when a stored setup of before cannot be read any more. */
const format = 1;

/** 400 KB an item (Amazon DynamoDB Developer Guide, "Quotas"), less some for the proofs. */
const mostSetupBytes = 350 * 1024;

export const tenantKey = (tenantId: string): Item => ({ pk: { S: `tenant#${tenantId}` }, sk: { S: "tenant" } });

export const pointerKey = (proof: string, tenantId: string): Item => ({
  pk: { S: `proof#${proof}` },
  sk: { S: `tenant#${tenantId}` },
});

/** Tells one state of a tenant's files, and of the way in which they are stored, from another. */
export const versionOf = (setup: TenantSetup): string =>
  createHash("sha256")
    .update(`${format} ${JSON.stringify(setup)}`)
    .digest("hex")
    .slice(0, 16);

export const tenantItem = (setup: TenantSetup, pointers: readonly string[]): Item => {
  const { tenantId } = setup.tenant;
  const text = JSON.stringify(setup);
  const bytes = Buffer.byteLength(text);
  if (bytes > mostSetupBytes) {
    const message = `Cannot store tenant "${tenantId}": its file, policy template and job templates take ${bytes} bytes: ${mostSetupBytes} is the most`;
    throw new Error(message);
  }
  return {
    ...tenantKey(tenantId),
    format: { N: String(format) },
    version: { S: versionOf(setup) },
    setup: { S: text },
    // A string set cannot be empty.
    ...(pointers.length > 0 && { pointers: { SS: [...pointers] } }),
  };
};

/** Reads what is stored of a tenant, in whichever format. */
export const readTenant = async (
  client: DynamoDBClient,
  table: string,
  tenantId: string,
): Promise<Item | undefined> => {
  const command = new GetItemCommand({ TableName: table, Key: tenantKey(tenantId), ConsistentRead: true });
  const { Item } = await ledgerCall(`read tenant "${tenantId}"`, () => client.send(command));
  return Item;
};

/** Every proof that a pointer to this tenant may exist for. */
export const pointersIn = (item: Item | undefined): string[] => item?.["pointers"]?.SS ?? [];

export const versionIn = (item: Item | undefined): string | undefined => item?.["version"]?.S;

/** The setup that is stored. One of another format is an error, not an absent tenant: the request is tried again. */
export const setupIn = (item: Item): TenantSetup => {
  const text = item["setup"]?.S;
  if (text === undefined || item["format"]?.N !== String(format)) {
    const message = `Cannot read "${item["pk"]?.S}": it is stored in format ${item["format"]?.N}, and this version reads format ${format}: apply the tenants with this version`;
    throw new Error(message);
  }
  const setup: TenantSetup = JSON.parse(text);
  return setup;
};

/** The tenants that a proof points to: a hint, to be believed only where the tenant itself lists the proof. */
export const readPointers = async (client: DynamoDBClient, table: string, proof: string): Promise<string[]> => {
  const tenantIds: string[] = [];
  let from: Item | undefined;
  do {
    const command: QueryCommand = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: `proof#${proof}` } },
      ExclusiveStartKey: from,
    });
    const page: QueryCommandOutput = await ledgerCall(`look up ${proof}`, () => client.send(command));
    tenantIds.push(...(page.Items ?? []).map((item) => (item["sk"]?.S ?? "").slice("tenant#".length)));
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return tenantIds;
};
