import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  ListTablesCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { useAws } from "../aws-clients.ts";

const TableName = "sluice";

async function useTable(): Promise<DynamoDBClient> {
  const { dynamodb } = await useAws();
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "pk", AttributeType: "S" },
        { AttributeName: "tenantId", AttributeType: "S" },
      ],
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "tenant",
          KeySchema: [{ AttributeName: "tenantId", KeyType: "HASH" }],
          Projection: { ProjectionType: "ALL" },
        },
      ],
    }),
  );
  return dynamodb;
}

test("a table is there at once, and gone at once", async () => {
  const dynamodb = await useTable();
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }));
  expect(Table?.TableStatus).toBe("ACTIVE");
  await dynamodb.send(new DeleteTableCommand({ TableName }));
  expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([]);
});

test("of many conditional puts of one item, one wins", async () => {
  const dynamodb = await useTable();
  const put = (n: number) =>
    new PutItemCommand({
      TableName,
      Item: { pk: { S: "a" }, n: { N: String(n) } },
      ConditionExpression: "attribute_not_exists(pk)",
    });
  const settled = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => dynamodb.send(put(n))));
  const faults = settled.flatMap((result) => (result.status === "rejected" ? [result.reason.name] : []));
  expect(faults).toEqual(Array(19).fill("ConditionalCheckFailedException"));
});

test("items are updated, read and queried over an index", async () => {
  const dynamodb = await useTable();
  const Key = { pk: { S: "ü" } };
  await dynamodb.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: "SET tenantId = :t ADD active :a",
      ExpressionAttributeValues: { ":t": { S: "acme" }, ":a": { SS: ["s-1"] } },
    }),
  );
  const item = { ...Key, tenantId: { S: "acme" }, active: { SS: ["s-1"] } };
  expect((await dynamodb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item).toEqual(item);
  const query = new QueryCommand({
    TableName,
    IndexName: "tenant",
    KeyConditionExpression: "tenantId = :t",
    ExpressionAttributeValues: { ":t": { S: "acme" } },
  });
  expect((await dynamodb.send(query)).Items).toEqual([item]);
});

test("time to live can be set, asked for and taken back", async () => {
  const dynamodb = await useTable();
  const status = async () => {
    const { TimeToLiveDescription } = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }));
    return [TimeToLiveDescription?.TimeToLiveStatus, TimeToLiveDescription?.AttributeName];
  };
  const update = (Enabled: boolean) =>
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName: "expiresAt" } });
  expect(await status()).toEqual(["DISABLED", undefined]);
  await dynamodb.send(update(true));
  expect(await status()).toEqual(["ENABLED", "expiresAt"]);
  await expect(dynamodb.send(update(true))).rejects.toThrow("TimeToLive is already enabled");
  await dynamodb.send(update(false));
  expect(await status()).toEqual(["DISABLED", undefined]);
});

test("time to live of an unknown table is refused", async () => {
  const { dynamodb } = await useAws();
  const TimeToLiveSpecification = { Enabled: true, AttributeName: "expiresAt" };
  const update = new UpdateTimeToLiveCommand({ TableName: "none", TimeToLiveSpecification });
  await expect(dynamodb.send(update)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
