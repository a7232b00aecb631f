import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamodbUsage } from "#adapters/aws/dynamodb-usage.ts";
import { accountKey, entryKey } from "#adapters/aws/usage-items.ts";
import type { Usage } from "#domain/usage/usage.ts";
import { usageContract } from "#test/contracts/usage.ts";
import { countRequests, localConfig, startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { noon } from "#test/helpers/setup.ts";
import { sampleEntry } from "#test/helpers/usage.ts";

let dynamoDb: TestDynamoDb;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(async () => {
  await dynamoDb.end();
});

usageContract("dynamodbUsage", async () => dynamodbUsage(dynamoDb.client, await dynamoDb.newTable(), { now: () => 0 }));

describe("dynamodbUsage", () => {
  let client: DynamoDBClient;
  let table: string;
  let usage: Usage;
  let time = Date.parse(noon);

  beforeEach(async () => {
    table = await dynamoDb.newTable();
    client = new DynamoDBClient(localConfig(dynamoDb.endpoint));
    time = Date.parse(noon);
    usage = dynamodbUsage(client, table, { now: () => time });
  });

  test("reads the account of a month once in ten seconds, also where there is none", async () => {
    const requests = countRequests(client);
    expect(await usage.month("acme", "2026-11")).toBeUndefined();
    await usage.touch("acme", "2026-11", noon);
    time += 9_999;
    expect(await usage.month("acme", "2026-11")).toBeUndefined();
    time += 1;
    expect(await usage.month("acme", "2026-11")).toMatchObject({ version: 1 });
    expect(await usage.month("acme", "2026-11")).toMatchObject({ version: 1 });
    expect(requests.filter((name) => name === "GetItem")).toHaveLength(2);
  });

  test("lets DynamoDB forget what is older than 400 days", async () => {
    await usage.putEntry(sampleEntry());
    await usage.touch("acme", "2026-11-22T12", noon);
    const expiresAt = String(Date.parse("2026-11-22T12:00:00Z") / 1000 + 400 * 86_400);
    for (const key of [entryKey("acme", "2026-11-22T12", "req.1"), accountKey("acme", "2026-11-22T12")]) {
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key }));
      expect(Item?.["expiresAt"]).toEqual({ N: expiresAt });
    }
  });

  test("records a submission with two writes, and reads an hour that was summed with none of its entries", async () => {
    const requests = countRequests(client);
    await usage.putEntry(sampleEntry());
    await usage.touch("acme", "2026-11-22T12", noon);
    expect(requests).toEqual(["UpdateItem", "UpdateItem"]);
    requests.length = 0;
    await usage.hours("acme", "2026-11-01T00", "2026-11-30T23");
    expect(requests).toEqual(["Query"]);
  });
});
