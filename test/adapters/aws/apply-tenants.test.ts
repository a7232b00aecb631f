import { GetItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { tenantSetup } from "#test/helpers/tenant.ts";

let dynamoDb: TestDynamoDb;
let table: string;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
});
afterAll(async () => {
  await dynamoDb.end();
});

const acme = tenantSetup({ tenantId: "acme", eventSources: ["acme.jobs", "acme.more"] });
const acmeLess = tenantSetup({ tenantId: "acme", eventSources: ["acme.jobs"] });
const acmeWithout = tenantSetup({ tenantId: "acme" });
const beta = tenantSetup({ tenantId: "beta", eventSources: ["acme.jobs"] });

const apply = (...setups: (typeof acme)[]) => applyTenants(dynamoDb.client, table, setups);
const open = () => dynamodbTenants(dynamoDb.client, table, { now: () => 0 });

/** Every item but those of versions. */
const items = async (): Promise<string[]> => {
  const { Items = [] } = await dynamoDb.client.send(new ScanCommand({ TableName: table }));
  const keys = Items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`);
  return keys.filter((key) => !key.includes(" version#")).sort();
};

test("applyTenants() stores one item a tenant and one a proof", async () => {
  expect(await apply(acme)).toMatchObject([{ tenantId: "acme", verdict: "created" }]);
  expect(await items()).toEqual([
    "proof#source#acme.jobs tenant#acme",
    "proof#source#acme.more tenant#acme",
    "tenant#acme tenant",
  ]);
});

test("applyTenants() says what changed, and may be repeated", async () => {
  const [created] = await apply(acme);
  expect(await apply(acme)).toEqual([{ ...created, verdict: "unchanged" }]);
  const [changed] = await apply(acmeLess);
  expect(changed).toMatchObject({ verdict: "changed" });
  expect(changed?.version).not.toBe(created?.version);
});

test("applyTenants() removes the pointers of proofs that a tenant no longer lists", async () => {
  await apply(acme);
  await apply(acmeLess);
  expect(await items()).toEqual(["proof#source#acme.jobs tenant#acme", "tenant#acme tenant"]);
  await apply(acmeWithout);
  expect(await items()).toEqual(["tenant#acme tenant"]);
});

test("applyTenants() finishes what an interrupted run left behind", async () => {
  await apply(acme);
  // The item of the next run is written, and nothing after it.
  const Key = { pk: { S: "tenant#acme" }, sk: { S: "tenant" } };
  const { Item: before } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
  await apply(acmeLess);
  const { Item: after } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
  const Item = { ...after, pointers: before?.["pointers"] ?? { SS: [] } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
  const pointer = { pk: { S: "proof#source#acme.more" }, sk: { S: "tenant#acme" } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: pointer }));

  expect(await apply(acmeLess)).toMatchObject([{ verdict: "unchanged" }]);
  expect(await items()).toEqual(["proof#source#acme.jobs tenant#acme", "tenant#acme tenant"]);
});

test("applyTenants() refuses a proof that another stored tenant lists, and writes nothing", async () => {
  await apply(acme);
  await expect(apply(beta)).rejects.toThrow(
    'Cannot apply tenant "beta": tenant "acme" lists source#acme.jobs too: it may prove only one of them',
  );
  expect(await items()).not.toContain("tenant#beta tenant");
  expect(await open().provedBy("source#acme.jobs")).toEqual([acme]);
});

test("applyTenants() refuses a proof that two of its tenants list, and writes neither", async () => {
  await expect(apply(acme, beta)).rejects.toThrow(
    'Cannot apply tenant "acme": tenant "beta" lists source#acme.jobs too',
  );
  expect(await items()).toEqual([]);
});

test("applyTenants() lets several tenants wait for objects of one bucket", async () => {
  const triggers = [{ name: "inbox", bucket: "shared-inbox", prefix: "", jobTemplate: "daily" }];
  await apply(tenantSetup({ tenantId: "acme", triggers }), tenantSetup({ tenantId: "beta", triggers }));
  expect(await open().provedBy("bucket#shared-inbox")).toHaveLength(2);
});

test.each([
  ["loser first", [acmeWithout, beta]],
  ["taker first", [beta, acmeWithout]],
])("applyTenants() moves a proof from one tenant to another, %s", async (_order, setups) => {
  await apply(acme);
  await apply(...setups);
  expect(await open().provedBy("source#acme.jobs")).toEqual([beta]);
  expect(await items()).toEqual(["proof#source#acme.jobs tenant#beta", "tenant#acme tenant", "tenant#beta tenant"]);
});

test("applyTenants() takes a proof whose pointer leads to a tenant that is gone", async () => {
  const pointer = { pk: { S: "proof#source#acme.jobs" }, sk: { S: "tenant#gone" } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: pointer }));
  await apply(beta);
  expect(await open().provedBy("source#acme.jobs")).toEqual([beta]);
});

test("applyTenants() replaces a tenant of another format", async () => {
  const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, format: { N: "99" }, setup: { S: "{}" } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
  expect(await apply(acme)).toMatchObject([{ verdict: "changed" }]);
  expect(await open().byId("acme")).toEqual(acme);
});

test("applyTenants() refuses a tenant that does not fit into an item", async () => {
  const huge = tenantSetup({ tenantId: "acme", description: "x".repeat(400_000) });
  await expect(apply(huge)).rejects.toThrow(
    'Cannot store tenant "acme": its file, policy template and job templates take',
  );
});
