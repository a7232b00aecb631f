import { PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { otherTenants } from "#adapters/aws/other-tenants.ts";
import { removeTenant } from "#adapters/aws/remove-tenant.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { refusedSubmission } from "#test/helpers/submission.ts";
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
const beta = tenantSetup({ tenantId: "beta", eventSources: ["beta.jobs"] });

const apply = (...setups: (typeof acme)[]) => applyTenants(dynamoDb.client, table, setups);
const remove = (tenantId: string) => removeTenant(dynamoDb.client, table, tenantId);
const strays = async (known: readonly string[]) =>
  (await otherTenants(dynamoDb.client, table, known)).map(({ tenantId }) => tenantId);

/** Every item but those of versions. */
const items = async (): Promise<string[]> => {
  const { Items = [] } = await dynamoDb.client.send(new ScanCommand({ TableName: table }));
  const keys = Items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`);
  return keys.filter((key) => !key.includes(" version#")).sort();
};

test("removeTenant() removes a tenant with all its pointers, and no other", async () => {
  await apply(acme, beta);
  expect(await remove("acme")).toEqual({ tenantId: "acme", verdict: "removed" });
  expect(await items()).toEqual(["proof#source#beta.jobs tenant#beta", "tenant#beta tenant"]);
  expect(await dynamodbTenants(dynamoDb.client, table, { now: () => 0 }).provedBy("source#acme.jobs")).toEqual([]);
});

test("removeTenant() finds what a crash left behind, and says when nothing is there", async () => {
  await apply(acme);
  const failing = Object.create(dynamoDb.client);
  let calls = 0;
  failing.send = async (command: never) => {
    calls += 1;
    if (calls === 5) throw new Error("crash before the item is removed");
    return await dynamoDb.client.send(command);
  };
  await expect(removeTenant(failing, table, "acme")).rejects.toThrow("crash");
  expect(await items()).toEqual(["tenant#acme tenant"]);
  expect(await remove("acme")).toMatchObject({ verdict: "removed" });
  expect(await items()).toEqual([]);
  expect(await remove("acme")).toMatchObject({ verdict: "absent" });
});

test("removeTenant() leaves a tenant that was applied in the meantime, which the next run of apply makes whole", async () => {
  await apply(acme);
  const changing = Object.create(dynamoDb.client);
  let calls = 0;
  changing.send = async (command: never) => {
    calls += 1;
    if (calls === 3) await apply(tenantSetup({ tenantId: "acme", eventSources: ["acme.jobs"] }));
    return await dynamoDb.client.send(command);
  };
  expect(await removeTenant(changing, table, "acme")).toMatchObject({ verdict: "conflict" });
  await apply(acme);
  expect(await items()).toHaveLength(3);
});

test("removeTenant() touches nothing of a tenant that is not in the version that was seen", async () => {
  await apply(acme);
  const before = await items();
  expect(await removeTenant(dynamoDb.client, table, "acme", 2)).toMatchObject({ verdict: "conflict" });
  expect(await items()).toEqual(before);
  expect(await removeTenant(dynamoDb.client, table, "acme", 1)).toMatchObject({ verdict: "removed" });
});

test("removeTenant() removes a tenant of another format", async () => {
  const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, format: { N: "99" }, setup: { S: "{}" } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
  expect(await remove("acme")).toMatchObject({ verdict: "removed" });
});

test("otherTenants() names the tenants without a file, and nothing else of the table", async () => {
  await apply(acme, beta);
  await dynamodbSubmissions(dynamoDb.client, table).accept(refusedSubmission());
  expect(await strays(["acme", "beta"])).toEqual([]);
  expect(await strays(["beta"])).toEqual(["acme"]);
  expect(await strays([])).toEqual(["acme", "beta"]);
  await remove("acme");
  expect(await strays([])).toEqual(["beta"]);
  const [stray] = await otherTenants(dynamoDb.client, table, []);
  expect(stray?.before?.setup).toEqual(beta);
});
