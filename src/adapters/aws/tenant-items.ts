import { createHash } from "node:crypto";
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import { ServiceError } from "#domain/errors.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { TenantVersion } from "#domain/tenant/tenant-version.ts";
import { ledgerCall } from "./ledger-call.ts";

export type Item = Record<string, AttributeValue>;

/** Grows when a stored setup of before cannot be read any more. */
const format = 2;

/** 400 KB an item (Amazon DynamoDB Developer Guide, "Quotas"), less some for the proofs. */
const mostSetupBytes = 350 * 1024;

const tenantPk = (tenantId: string): AttributeValue.SMember => ({ S: `tenant#${tenantId}` });

/** Marks a tenant's item among all others of the table. */
export const tenantKind: AttributeValue = { S: "tenant" };

export const tenantIdOf = ({ pk }: Item): string => (pk?.S ?? "").slice("tenant#".length);

export const tenantKey = (tenantId: string): Item => ({ pk: tenantPk(tenantId), sk: { S: "tenant" } });

/** Six digits sort as numbers do. */
export const versionSk = (version: number): string => `version#${String(version).padStart(6, "0")}`;

export const versionKey = (tenantId: string, version: number): Item => ({
  pk: tenantPk(tenantId),
  sk: { S: versionSk(version) },
});

export const pointerKey = (proof: string, tenantId: string): Item => ({
  pk: { S: `proof#${proof}` },
  sk: { S: `tenant#${tenantId}` },
});

/** Tells one text of a setup, and the way in which it is stored, from another, and a whole one from a broken one. */
const digestOf = (text: string, storedIn = format): string =>
  createHash("sha256").update(`${storedIn} ${text}`).digest("hex").slice(0, 16);

/** A setup as it is stored; throws where no item can hold it. */
export const setupText = (setup: TenantSetup): string => {
  const text = JSON.stringify(setup);
  const bytes = Buffer.byteLength(text);
  if (bytes > mostSetupBytes) {
    const message = `Cannot store tenant "${setup.tenant.tenantId}": its file, policy template and job templates take ${bytes} bytes: ${mostSetupBytes} is the most`;
    throw new Error(message);
  }
  return text;
};

/** A version of a tenant as its own item and as the tenant's item hold it. */
export const contentOf = ({ version, setup, edit }: TenantVersion): Item => {
  const text = setupText(setup);
  return {
    format: { N: String(format) },
    version: { N: String(version) },
    digest: { S: digestOf(text) },
    setup: { S: text },
    ...(edit !== undefined && { at: { S: edit.at }, by: { S: edit.by }, command: { S: edit.command } }),
  };
};

export const tenantItem = (version: TenantVersion, pointers: readonly string[]): Item => ({
  ...tenantKey(version.setup.tenant.tenantId),
  ...contentOf(version),
  kind: tenantKind,
  // A string set cannot be empty.
  ...(pointers.length > 0 && { pointers: { SS: [...pointers] } }),
});

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

/** 0 for a tenant that was stored before versions were counted: its `version` is the digest. */
export const versionIn = (item: Item | undefined): number => Number(item?.["version"]?.N ?? 0);

/** The condition that a tenant's item is still what was read: nothing, where there was none. */
export const asSeen = (
  seen: Item | undefined,
): { readonly ConditionExpression: string; readonly ExpressionAttributeValues?: Item } => {
  if (seen === undefined) return { ConditionExpression: "attribute_not_exists(pk)" };
  const values: Item = {};
  const conditions = ["version", "digest"].map((name) => {
    const value = seen[name];
    if (value === undefined) return `attribute_not_exists(${name})`;
    values[`:${name}`] = value;
    return `${name} = :${name}`;
  });
  return {
    ConditionExpression: ["attribute_exists(pk)", ...conditions].join(" AND "),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
};

const digestIn = (item: Item): string | undefined => item["digest"]?.S ?? item["version"]?.S;

/** The formats that are read: functions go by the newest only, operators see what earlier ones held. */
export type Formats = "newest" | "all";

/** Whether an item is stored as this version stores it. */
export const isNewest = (item: Item): boolean => item["format"]?.N === String(format);

/** What is wrong with a stored text: nothing, where it is whole and in a format that is read. */
const brokenBy = (item: Item, text: string | undefined, formats: Formats): string | undefined => {
  const found = Number(item["format"]?.N);
  const isRead = formats === "newest" ? found === format : found >= 1 && found <= format;
  if (text === undefined || !isRead) {
    return `it is stored in format ${item["format"]?.N}, and this version reads format ${format}: apply the tenants with this version`;
  }
  return digestOf(text, found) === digestIn(item) ? undefined : "it is not what was applied: apply the tenants again";
};

/** The setup that is stored. One that is broken or of another format is an error, not an absent tenant. */
export const setupIn = (item: Item, formats: Formats = "newest"): TenantSetup => {
  const text = item["setup"]?.S;
  const broken = brokenBy(item, text, formats);
  if (text === undefined || broken !== undefined) throw unreadable(item, broken);
  const setup: TenantSetup = JSON.parse(text);
  // Under another key a whole setup would run one tenant's jobs as another's.
  if (item["pk"]?.S === tenantPk(setup.tenant.tenantId).S) return setup;
  throw unreadable(item, `it is that of tenant "${setup.tenant.tenantId}": apply the tenants again`);
};

const unreadable = (item: Item, because: string | undefined): ServiceError =>
  new ServiceError(
    "ERR_TENANT_UNREADABLE",
    `Cannot read "${item["pk"]?.S}" in version ${versionIn(item)}: ${because}`,
    { retryAfterSeconds: 5 },
  );

const editIn = ({ at, by, command }: Item): TenantVersion["edit"] =>
  at?.S === undefined ? undefined : { at: at.S, by: by?.S ?? "", command: command?.S ?? "" };

/** The version that an item holds, whether it is the tenant's own item or that of a version. */
export const tenantVersionIn = (item: Item, formats: Formats = "newest"): TenantVersion => {
  const edit = editIn(item);
  return { version: versionIn(item), setup: setupIn(item, formats), ...(edit !== undefined && { edit }) };
};

/** What the table has of a tenant, or of one version of it: its content, or why nobody can read it. */
export interface StoredTenant {
  readonly tenantId: string;
  /** 0 where there is none. */
  readonly version: number;
  /** Beside `unreadable` it is what the version's own item has, which functions go by. */
  readonly before?: TenantVersion;
  /** Why the record cannot be read: whoever applies the tenant replaces it, whatever it was. */
  readonly unreadable?: string;
}

/** `kept` is the version's own item: it stands in for a record that is broken. */
export const storedTenant = (tenantId: string, item: Item | undefined, kept?: Item): StoredTenant => {
  const version = versionIn(item);
  if (item === undefined) return { tenantId, version };
  try {
    return { tenantId, version, before: tenantVersionIn(item, "all") };
  } catch (error) {
    const { before } = storedTenant(tenantId, kept);
    const unreadable = error instanceof Error ? error.message : String(error);
    return { tenantId, version, ...(before !== undefined && { before }), unreadable };
  }
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
