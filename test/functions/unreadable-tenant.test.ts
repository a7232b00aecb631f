import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { callLimits, clientConfig } from "../../src/functions/client-config.ts";
import { awsServices } from "../../src/functions/door-services.ts";
import { jsonLog } from "../../src/functions/json-log.ts";

let dynamoDb: TestDynamoDb;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(async () => {
  await dynamoDb.end();
});

test("A function logs a tenant whose record is broken once, and counts it", async () => {
  const table = await dynamoDb.newTable();
  const Item = { pk: { S: "tenant#acme" }, sk: { S: "tenant" }, version: { N: "7" }, setup: { S: '{"tenant"' } };
  await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
  const lines: string[] = [];
  const now = () => "2026-11-22T12:00:00.000Z";
  const log = jsonLog({ functionName: "queue", now, write: (line) => lines.push(line), level: undefined });
  const { tenants } = awsServices({
    config: {
      ...{ table, eventBus: "sluice", wakeQueueUrl: undefined },
      ...{ rates: {}, prices: listPrices, retentionDays: 90, lookSeconds: 30 },
    },
    log,
    client: {
      ...clientConfig(callLimits),
      ...{ endpoint: dynamoDb.endpoint, region: "us-east-1" },
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    },
  });
  await expect(tenants.byId("acme")).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE" });
  await expect(tenants.byId("acme")).rejects.toMatchObject({ code: "ERR_TENANT_UNREADABLE" });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "ERROR", message: "tenant unreadable", tenantId: "acme", version: 7, code: "ERR_TENANT_UNREADABLE" },
    { function: "queue", TenantsUnreadable: 1, _aws: { CloudWatchMetrics: [{ Namespace: "Sluice" }] } },
  ]);
});
