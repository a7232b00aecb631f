import { join } from "node:path";
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { Level } from "level";
import { expect, test } from "vitest";
import { useAws } from "../aws-clients.ts";
import { copyOfKilled, newDirectory } from "../kept/data-directories.ts";

const TableName = "ledger";

const createTable = (dynamodb: DynamoDBClient) =>
  dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "state"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
      GlobalSecondaryIndexes: [
        {
          IndexName: "byState",
          KeySchema: [{ AttributeName: "state", KeyType: "HASH" }],
          Projection: { ProjectionType: "KEYS_ONLY" },
        },
      ],
    }),
  );

const put = (dynamodb: DynamoDBClient, pk: string, state: string) =>
  dynamodb.send(new PutItemCommand({ TableName, Item: { pk: { S: pk }, state: { S: state } } }));

const inState = async (dynamodb: DynamoDBClient, state: string) => {
  const query = new QueryCommand({
    TableName,
    IndexName: "byState",
    KeyConditionExpression: "#s = :s",
    ExpressionAttributeNames: { "#s": "state" },
    ExpressionAttributeValues: { ":s": { S: state } },
  });
  return ((await dynamodb.send(query)).Items ?? []).map(({ pk }) => pk?.S);
};

const startTable = async () => {
  const directory = await newDirectory();
  const { aws, dynamodb } = await useAws({ dataDirectory: directory });
  await createTable(dynamodb);
  return { directory, aws, dynamodb };
};

test("what was written is there after a kill, and found by its indexes", async () => {
  const { directory, dynamodb } = await startTable();
  const settings = { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: "expiresAt" } };
  await dynamodb.send(new UpdateTimeToLiveCommand(settings));
  const ids = Array.from({ length: 100 }, (_, n) => `s-${n}`);
  await Promise.all(ids.map((id) => put(dynamodb, id, "waiting")));
  await put(dynamodb, "s-0", "started");

  const next = (await useAws({ dataDirectory: await copyOfKilled(directory) })).dynamodb;
  const { Items = [] } = await next.send(new ScanCommand({ TableName }));
  expect(Items.map(({ pk }) => pk?.S).sort()).toEqual([...ids].sort());
  expect(await inState(next, "started")).toEqual(["s-0"]);
  expect(await inState(next, "waiting")).toHaveLength(99);
  await expect(createTable(next)).rejects.toMatchObject({ name: "ResourceInUseException" });
  const { TimeToLiveDescription } = await next.send(new DescribeTimeToLiveCommand({ TableName }));
  expect(TimeToLiveDescription?.AttributeName).toBe("expiresAt");
});

test("an index that a kill left half written is made anew from the items", async () => {
  const { directory, dynamodb } = await startTable();
  await put(dynamodb, "s-1", "waiting");
  await put(dynamodb, "s-2", "waiting");
  const killed = await copyOfKilled(directory);
  await tamper(killed, async (level) => {
    const entries = await level.iterator({ gte: "index-", lt: "index." }).all();
    expect(entries).toHaveLength(2);
    const [key = "", value] = entries[0] ?? [];
    await level.del(key);
    await level.put(`${key}x`, Object.assign(Object(value), { pk: { S: "s-3" } }));
    const [[table = "", description] = []] = await level.iterator({ gte: "table~", lt: "table\x7f" }).all();
    await level.put(table, { ...Object(description), TableStatus: "CREATING" });
  });

  const next = (await useAws({ dataDirectory: killed })).dynamodb;
  expect((await inState(next, "waiting")).sort()).toEqual(["s-1", "s-2"]);
  const { Table } = await next.send(new DescribeTableCommand({ TableName }));
  expect(Table?.TableStatus).toBe("ACTIVE");
});

test("a table that was being deleted is gone", async () => {
  const { directory, dynamodb } = await startTable();
  await put(dynamodb, "s-1", "waiting");
  const killed = await copyOfKilled(directory);
  await tamper(killed, async (level) => {
    const [[table = "", description] = []] = await level.iterator({ gte: "table~", lt: "table\x7f" }).all();
    await level.put(table, { ...Object(description), TableStatus: "DELETING" });
  });
  const next = (await useAws({ dataDirectory: killed })).dynamodb;
  await createTable(next);
  expect((await next.send(new ScanCommand({ TableName }))).Items).toEqual([]);
});

test("tables are there after an end as well", async () => {
  const { directory, aws, dynamodb } = await startTable();
  await put(dynamodb, "s-1", "waiting");
  await aws.end();
  const next = (await useAws({ dataDirectory: directory })).dynamodb;
  const { Item } = await next.send(new GetItemCommand({ TableName, Key: { pk: { S: "s-1" } } }));
  expect(Item?.["state"]).toEqual({ S: "waiting" });
});

const tamper = async (directory: string, work: (level: Level<string, unknown>) => Promise<void>): Promise<void> => {
  const level = new Level<string, unknown>(join(directory, "dynamodb", "tables"), { valueEncoding: "json" });
  await work(level);
  await level.close();
};
