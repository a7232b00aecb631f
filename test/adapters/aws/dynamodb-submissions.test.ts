import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import type { Submissions } from "#domain/ports.ts";
import { submissionsContract } from "#test/contracts/submissions.ts";
import { localConfig, startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { type FakeAws, startFakeAws } from "#test/helpers/fake-aws.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

let dynamoDb: TestDynamoDb;
let fake: FakeAws;
let table: string;

beforeAll(async () => {
  [dynamoDb, fake] = await Promise.all([startDynamoDb(), startFakeAws()]);
  table = await dynamoDb.newTable();
});
afterAll(async () => {
  await Promise.all([dynamoDb.end(), fake.end()]);
});

submissionsContract("dynamodbSubmissions", () => dynamodbSubmissions(dynamoDb.client, table));

describe("dynamodbSubmissions: what is stored", () => {
  test("structured parts are JSON text, and the frozen input is stored as it came", async () => {
    const submission = startingSubmission({ submissionId: "req.stored" });
    await dynamodbSubmissions(dynamoDb.client, table).accept(submission);
    const Key = { pk: { S: "submission#req.stored" }, sk: { S: "submission" } };
    const { Item } = await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }));
    expect(Item).toMatchObject({
      ...Key,
      state: { S: "starting" },
      input: { S: submission.input },
      changes: { S: JSON.stringify(submission.changes) },
      applicationId: { S: "00f1" },
    });
  });

  test("the index holds started submissions only, and nothing but their keys", async () => {
    const submissions = dynamodbSubmissions(dynamoDb.client, table);
    await submissions.accept(startingSubmission({ submissionId: "req.indexed" }));
    await submissions.recordStart("req.indexed", { jobRunId: "indexed", startedAt: "2026-11-22T12:00:00.000Z" });
    const query = new QueryCommand({
      TableName: table,
      IndexName: "byJobRun",
      KeyConditionExpression: "jobRunId = :jobRunId",
      ExpressionAttributeValues: { ":jobRunId": { S: "indexed" } },
    });
    const { Items } = await dynamoDb.client.send(query);
    expect(Items?.map((item) => Object.keys(item).sort())).toEqual([["applicationId", "jobRunId", "pk", "sk"]]);
  });
});

const calls: [string, (submissions: Submissions) => Promise<unknown>][] = [
  ["get()", (submissions) => submissions.get("req.1")],
  ["accept()", (submissions) => submissions.accept(startingSubmission())],
  ["recordStart()", (submissions) => submissions.recordStart("req.1", { jobRunId: "run", startedAt: "now" })],
  [
    "recordRefusal()",
    (submissions) => submissions.recordRefusal("req.1", { code: "ERR_EMR_REFUSED", message: "", faults: [] }),
  ],
  ["recordEnd()", (submissions) => submissions.recordEnd("req.1", { jobRun: sampleJobRun(), completedAt: "now" })],
  ["recordPublished()", (submissions) => submissions.recordPublished(startingSubmission(), "now")],
  ["byJobRun()", (submissions) => submissions.byJobRun("00f1", "run")],
];

describe("dynamodbSubmissions: errors", () => {
  const open = () => dynamodbSubmissions(new DynamoDBClient(localConfig(fake.endpoint)), "sluice");

  test.each(calls)("%s says that the ledger does not answer", async (_name, call) => {
    fake.answer(() => ({ error: "InternalServerError", status: 500 }));
    await expect(call(open())).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", kind: "down", retryAfterSeconds: 1 });
  });

  test.each([
    ["ProvisionedThroughputExceededException", 400],
    ["ThrottlingException", 400],
    ["RequestLimitExceeded", 400],
    ["InternalServerError", 500],
    ["ServiceUnavailable", 503],
    ["ExpiredTokenException", 400],
    ["SomethingNew", 502],
  ])("%s passes by itself", async (error, status) => {
    fake.answer(() => ({ error, status }));
    const failure = await open()
      .get("req.1")
      .then(String, (thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "ERR_LEDGER_DOWN", cause: { name: error } });
    expect(failure).toHaveProperty("message", 'Cannot read submission "req.1": the ledger does not answer: try again');
  });

  test("a table that cannot be reached passes by itself", async () => {
    const gone = await startFakeAws();
    await gone.end();
    const submissions = dynamodbSubmissions(new DynamoDBClient(localConfig(gone.endpoint)), "sluice");
    await expect(submissions.get("req.1")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
  });

  test.each(["ValidationException", "ResourceNotFoundException", "AccessDeniedException"])(
    "%s is not ours to explain and comes as it is",
    async (error) => {
      fake.answer(() => ({ error }));
      await expect(open().get("req.1")).rejects.toMatchObject({ name: error });
    },
  );

  test("an item that cannot be read is an error, not an absent submission", async () => {
    fake.answer(() => ({ body: { Item: { pk: { S: "submission#req.1" }, submissionId: { S: "req.1" } } } }));
    await expect(open().get("req.1")).rejects.toThrow('Cannot read "submission#req.1" of the ledger: its tenantId');
  });

  test("every read of a submission is consistent", async () => {
    fake.requests.length = 0;
    fake.answer(() => ({}));
    await open().get("req.1");
    expect(fake.requests[0]?.body).toMatchObject({ ConsistentRead: true });
  });
});
