import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { sqsEvent } from "./aws-events.ts";
import { deliver, doors, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { acme, globex, ofAcme, ofGlobex } from "./tenants.ts";

let dynamoDb: TestDynamoDb;
let table: string;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
  await applyTenants(dynamoDb.client, table, [acme, globex]);
});
afterAll(async () => {
  await dynamoDb.end();
});

const breakItem = async (sk: string): Promise<void> => {
  const Key = { pk: { S: "tenant#acme" }, sk: { S: sk } };
  const { Item } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
  const setup = { S: `${Item?.["setup"]?.S?.slice(0, 100)}` };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item: { ...Item, setup } }));
};

const openDoors = () => doors({ services: { tenants: dynamodbTenants(dynamoDb.client, table, { now: () => 0 }) } });

const batch = sqsEvent(
  { messageId: "a1", body: nightly, queue: ofAcme.queue, sender: ofAcme.userId },
  { messageId: "g1", body: nightly, queue: ofGlobex.queue, sender: ofGlobex.userId },
  { messageId: "a2", body: nightly, queue: ofAcme.queue, sender: ofAcme.userId },
);

test("A tenant whose record is broken has its jobs started all the same, by the copy of its version", async () => {
  await breakItem("tenant");
  const parts = openDoors();
  expect(await deliver(parts, batch)).toEqual([]);
  expect(startedFor(parts)).toEqual(["acme", "globex", "acme"]);
});

test("Where nothing good is left of a tenant, its messages alone come again, and none of them is set aside", async () => {
  await breakItem("tenant");
  await breakItem("version#000001");
  const parts = openDoors();
  expect(await deliver(parts, batch)).toEqual(["a1", "a2"]);
  expect(startedFor(parts)).toEqual(["globex"]);
  const returned = parts.log.records.filter(({ message }) => message === "returned to the queue");
  expect(returned.map(({ messageId, code }) => [messageId, code])).toEqual([
    ["a1", "ERR_TENANT_UNREADABLE"],
    ["a2", "ERR_TENANT_UNREADABLE"],
  ]);
  await applyTenants(dynamoDb.client, table, [acme]);
  expect(await deliver(openDoors(), batch)).toEqual([]);
});
