import { DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { submissionItem } from "#adapters/aws/submission-item.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
import { submissionsContract } from "#test/contracts/submissions.ts";
import { localConfig, startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { type FakeAws, startFakeAws } from "#test/helpers/fake-aws.ts";
import { noon } from "#test/helpers/setup.ts";
import {
  sampleJobRun,
  sampleLease,
  sampleTelling,
  startingSubmission,
  waitingSubmission,
} from "#test/helpers/submission.ts";

const telling = sampleTelling();

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
    const { submission: seen } = await submissions.accept(startingSubmission({ submissionId: "req.indexed" }));
    await submissions.recordStart(seen, { jobRunId: "indexed", startedAt: sampleLease, dueAt: noon });
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

describe("dynamodbSubmissions: indexes", () => {
  const itemOf = async (submissionId: string) => {
    const Key = { pk: { S: `submission#${submissionId}` }, sk: { S: "submission" } };
    return (await dynamoDb.client.send(new GetItemCommand({ TableName: table, Key }))).Item ?? {};
  };
  const indexKeysOf = async (submissionId: string) => {
    const { turnTenant, turnKey, dueShard, dueAt } = await itemOf(submissionId);
    return [turnTenant?.S, turnKey?.S, dueShard?.S, dueAt?.S].filter((key) => key !== undefined);
  };

  test("have a submission while it waits, and while it is starting", async () => {
    const submissions = dynamodbSubmissions(dynamoDb.client, table);
    const { submission } = await submissions.accept(waitingSubmission({ submissionId: "req.sparse", priority: 7 }));
    const looked = [expect.stringMatching(/^waiting [0-3]$/), submission.acceptedAt];
    const inTurn = ["acme", `2#${submission.acceptedAt}#req.sparse`, ...looked];
    expect(await indexKeysOf("req.sparse")).toEqual(inTurn);
    const claimed = await submissions.claim(submission, sampleLease);
    expect(await indexKeysOf("req.sparse")).toEqual([expect.stringMatching(/^[0-3]$/), sampleLease]);
    const waiting = await submissions.giveBack(claimed ?? submission, "account-rate");
    expect(await indexKeysOf("req.sparse")).toEqual(inTurn);
    const again = await submissions.claim(waiting, sampleLease);
    await submissions.recordStart(again ?? waiting, { jobRunId: "sparse", startedAt: sampleLease, dueAt: noon });
    expect(await indexKeysOf("req.sparse")).toEqual([expect.stringMatching(/^started [0-3]$/), noon]);
  });

  test("have a submission that has ended until its event is published, and then the table forgets it in its time", async () => {
    const submissions = dynamodbSubmissions(dynamoDb.client, table);
    await submissions.accept(waitingSubmission({ submissionId: "req.cancelled" }));
    await submissions.cancel("req.cancelled", sampleLease, telling);
    await submissions.accept(startingSubmission({ submissionId: "req.refused" }));
    await submissions.recordRefusal(
      { submissionId: "req.refused" },
      { code: "ERR_EMR_REFUSED", message: "", faults: [] },
      telling,
    );
    await submissions.accept(startingSubmission({ submissionId: "req.ended" }));
    await submissions.recordEnd(
      "req.ended",
      { jobRun: sampleJobRun({ jobRunId: "ended" }), completedAt: noon, reason: "SUCCEEDED" },
      telling,
    );
    const due = [expect.stringMatching(/^ended [0-3]$/), telling.dueAt];
    for (const id of ["req.cancelled", "req.refused", "req.ended"]) expect(await indexKeysOf(id), id).toEqual(due);
    const publication = { kind: "ending", event: telling.event, publishedAt: noon } as const;
    for (const id of ["req.cancelled", "req.refused", "req.ended"]) {
      await submissions.recordPublished(id, publication, { expiresAt: 1_800_000_000 });
    }
    for (const id of ["req.cancelled", "req.refused", "req.ended"]) expect(await indexKeysOf(id), id).toEqual([]);
    expect(await itemOf("req.ended")).toMatchObject({ expiresAt: { N: "1800000000" } });
  });

  test("that lag are not believed, and do not hide what comes after", async () => {
    const submissions = dynamodbSubmissions(dynamoDb.client, table);
    const tenantId = "lagging";
    const put = async (submissionId: string, state: "waiting" | "cancelled") => {
      const Item = { ...submissionItem(waitingSubmission({ submissionId, tenantId })), state: { S: state } };
      await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    };
    for (const id of ["req.lag1", "req.lag2", "req.lag3"]) await put(id, "cancelled");
    await put("req.lag4", "waiting");
    const found = await submissions.waiting(tenantId, 1);
    expect(found.map(({ submissionId }) => submissionId)).toEqual(["req.lag4"]);
  });

  test("hand out what comes after records that nobody can read, and tell of those", async () => {
    const unreadable: string[] = [];
    const submissions = dynamodbSubmissions(dynamoDb.client, table, ({ submissionId }) =>
      unreadable.push(submissionId),
    );
    const put = async (submissionId: string, state: string, leaseUntil: string) => {
      const submission = startingSubmission({ submissionId, tenantId: "unread", leaseUntil });
      const Item = { ...submissionItem(submission), state: { S: state } };
      await dynamoDb.client.send(new PutItemCommand({ TableName: table, Item }));
    };
    const ids = Array.from({ length: 9 }, (_, index) => `req.unread${index}`);
    for (const id of ids) await put(id, "from-the-future", "2020-01-01T00:00:00.000Z");
    await put("req.readable", "starting", "2020-01-02T00:00:00.000Z");
    const due = await submissions.due("starting", "2020-01-03T00:00:00.000Z", 1);
    expect(due.map(({ submissionId }) => submissionId)).toEqual(["req.readable"]);
    expect(unreadable.sort()).toEqual(ids);
    // Whoever asks for one by its id must not take it for absent.
    expect((await submissions.getAll([ids[0]!])).get(ids[0]!)).toBe("unreadable");
  });

  test("are read to their end, a hundred submissions at a time", async () => {
    const submissions = dynamodbSubmissions(dynamoDb.client, table);
    const ids = Array.from({ length: 130 }, (_, index) => `req.many${String(index).padStart(3, "0")}`);
    await Promise.all(
      ids.map((submissionId) => submissions.accept(waitingSubmission({ submissionId, tenantId: "many" }))),
    );
    const found = await submissions.waiting("many", 1000);
    expect(found.map(({ submissionId }) => submissionId)).toEqual(ids);
    expect(await Promise.all([found[0]!, found[129]!].map((one) => submissions.ahead(one)))).toEqual([0, 129]);
  });

  test("a batch that DynamoDB answers in parts is asked for until it is whole", async () => {
    const [first, second] = ["req.part1", "req.part2"].map((submissionId) =>
      submissionItem(waitingSubmission({ submissionId, tenantId: "parts" })),
    );
    const keysOf = ({ pk, sk }: Record<string, unknown> = {}) => ({ pk, sk });
    let batches = 0;
    fake.answer(({ headers }) => {
      const operation = String(headers["x-amz-target"]).split(".")[1];
      if (operation === "Query") return { body: { Items: [first, second].map(keysOf), Count: 2 } };
      batches += 1;
      return batches === 1
        ? { body: { Responses: { sluice: [second] }, UnprocessedKeys: { sluice: { Keys: [keysOf(first)] } } } }
        : { body: { Responses: { sluice: [first] }, UnprocessedKeys: {} } };
    });
    fake.requests.length = 0;
    const submissions = dynamodbSubmissions(new DynamoDBClient(localConfig(fake.endpoint)), "sluice");
    const found = await submissions.waiting("parts", 10);
    expect(found.map(({ submissionId }) => submissionId)).toEqual(["req.part1", "req.part2"]);
    expect(fake.requests[2]?.body).toEqual({
      RequestItems: { sluice: { Keys: [keysOf(first)], ConsistentRead: true } },
    });
    fake.answer(({ headers }) =>
      String(headers["x-amz-target"]).endsWith("Query")
        ? { body: { Items: [keysOf(first)], Count: 1 } }
        : { body: { Responses: {}, UnprocessedKeys: { sluice: { Keys: [keysOf(first)] } } } },
    );
    await expect(submissions.waiting("parts", 10)).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
  });
});

const calls: [string, (submissions: Submissions) => Promise<unknown>][] = [
  ["get()", (submissions) => submissions.get("req.1")],
  ["accept()", (submissions) => submissions.accept(startingSubmission())],
  [
    "recordStart()",
    (submissions) => submissions.recordStart(startingSubmission(), { jobRunId: "run", startedAt: "now", dueAt: "now" }),
  ],
  [
    "recordRefusal()",
    (submissions) =>
      submissions.recordRefusal(
        { submissionId: "req.1" },
        { code: "ERR_EMR_REFUSED", message: "", faults: [] },
        telling,
      ),
  ],
  [
    "recordEnd()",
    (submissions) =>
      submissions.recordEnd("req.1", { jobRun: sampleJobRun(), completedAt: noon, reason: "SUCCEEDED" }, telling),
  ],
  ["postpone()", (submissions) => submissions.postpone(startingSubmission(), "later")],
  ["recordNews()", (submissions) => submissions.recordNews(startingSubmission(), sampleJobRun(), "later")],
  ["requestCancel()", (submissions) => submissions.requestCancel("req.1", "now")],
  ["recordGone()", (submissions) => submissions.recordGone(startingSubmission(), "now", telling)],
  ["recordCost()", (submissions) => submissions.recordCost(startingSubmission(), sampleJobRun(), telling)],
  ["recordDone()", (submissions) => submissions.recordDone(startingSubmission(), 1)],
  ["countDue()", (submissions) => submissions.countDue("started")],
  ["claim()", (submissions) => submissions.claim(startingSubmission(), "later")],
  ["giveBack()", (submissions) => submissions.giveBack(startingSubmission(), "account-rate")],
  ["cancel()", (submissions) => submissions.cancel("req.1", "now", telling)],
  ["waiting()", (submissions) => submissions.waiting("acme", 1)],
  ["ahead()", (submissions) => submissions.ahead(waitingSubmission())],
  ["due()", (submissions) => submissions.due("ended", "now", 1)],
  [
    "recordPublished()",
    (submissions) => submissions.recordPublished("req.1", { kind: "ending", event: telling.event, publishedAt: noon }),
  ],
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
