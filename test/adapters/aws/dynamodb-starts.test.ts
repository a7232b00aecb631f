import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import type { Starts } from "#domain/turns/starts.ts";
import { startsContract } from "#test/contracts/starts.ts";
import { countRequests, localConfig, startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { type FakeAws, startFakeAws } from "#test/helpers/fake-aws.ts";
import { sampleClock } from "#test/helpers/services.ts";
import { startingSubmission } from "#test/helpers/submission.ts";

let dynamoDb: TestDynamoDb;
let fake: FakeAws;

beforeAll(async () => {
  [dynamoDb, fake] = await Promise.all([startDynamoDb(), startFakeAws()]);
});
afterAll(async () => {
  await Promise.all([dynamoDb.end(), fake.end()]);
});

startsContract("dynamodbStarts", async (now) => {
  const table = await dynamoDb.newTable();
  const another = () => dynamodbStarts(dynamoDb.client, table, { now });
  return { starts: another(), another };
});

describe("dynamodbStarts: requests", () => {
  const clock = sampleClock();
  let client: DynamoDBClient;
  let table: string;
  let requests: string[];
  let starts: Starts;
  const fresh = (): Starts => dynamodbStarts(client, table, { now: clock.now });

  beforeEach(async () => {
    table = await dynamoDb.newTable();
    client = new DynamoDBClient(localConfig(dynamoDb.endpoint));
    requests = countRequests(client);
    starts = fresh();
  });

  /** The requests that a call takes. */
  const cost = async (call: () => Promise<unknown>): Promise<string> => {
    requests.length = 0;
    await call();
    return requests.join(" ");
  };

  const startAll = async (submissionIds: readonly string[]): Promise<void> => {
    const submissions = dynamodbSubmissions(client, table);
    const { entered } = await starts.enter("acme", submissionIds, 25);
    expect(entered).toEqual(submissionIds);
    expect((await starts.takeTokens("StartJobRun", submissionIds.length, "door")).taken).toBe(submissionIds.length);
    for (const submissionId of submissionIds) {
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
      const [startedAt, dueAt] = [clock.now(), clock.now()];
      await submissions.recordStart(seen, { jobRunId: `run-${submissionId}`, startedAt, dueAt });
    }
  };

  test("a submission that starts at once takes 4, one of a batch of ten 2.2", async () => {
    expect(await cost(() => startAll(["req.alone"]))).toBe("UpdateItem UpdateItem PutItem UpdateItem");
    await cost(() => startAll(Array.from({ length: 10 }, (_, index) => `req.${index}`)));
    expect(requests).toHaveLength(22);
  });

  test("each method takes one in the usual case", async () => {
    const calls: [string, () => Promise<unknown>][] = [
      ["enter", () => starts.enter("acme", ["a", "b", "c"], 25)],
      ["enter beside others", () => starts.enter("acme", ["d"], 25)],
      ["leave", () => starts.leave("acme", ["a", "d"])],
      ["queueUp", () => starts.queueUp("acme", 5, 100)],
      ["queueBehind", () => starts.queueBehind("acme", 1, 100)],
      ["takeTurn", () => starts.takeTurn("acme", "e", 25)],
      ["giveBack", () => starts.giveBack("acme", "e")],
      ["leaveLine", () => starts.leaveLine("acme", 1)],
      ["correctWaiting", () => starts.correctWaiting("acme", 5, 3)],
      ["suspect", () => starts.suspect("acme", ["b"], clock.now())],
      ["suspend", () => starts.suspend("acme", "Closed")],
      ["resume", () => starts.suspend("acme", undefined)],
      ["takeTokens", () => starts.takeTokens("StartJobRun", 2, "door")],
      ["takeTokens of the rest", () => starts.takeTokens("StartJobRun", 2, "door")],
      ["holdTokens", () => starts.holdTokens(clock.later(5000))],
      ["emptyBucket", () => starts.emptyBucket("StartJobRun")],
      ["lead", () => starts.lead("one", clock.later(1000))],
      ["keepTurns", () => starts.keepTurns("one", { clock: 1, used: {} }, clock.later(1000))],
    ];
    for (const [name, call] of calls) expect(await cost(call), name).toBe("UpdateItem");
    const reads: [string, () => Promise<unknown>, string][] = [
      ["line", () => starts.line("acme"), "GetItem"],
      ["waitingTenants", () => starts.waitingTenants(), "Query"],
      ["activeTenants", () => starts.activeTenants(undefined), "Query"],
    ];
    for (const [name, call, wanted] of reads) expect(await cost(call), name).toBe(wanted);
  });

  test("who gets nothing is told why by one read", async () => {
    await starts.enter("acme", ["a", "b"], 2);
    expect(await cost(() => starts.enter("acme", ["c"], 2))).toBe("UpdateItem GetItem");
    expect(await cost(() => starts.enter("acme", ["a", "c"], 2))).toBe("UpdateItem GetItem");
    expect(await cost(() => starts.enter("acme", ["c", "d"], 3))).toBe("UpdateItem GetItem UpdateItem");
    expect(await cost(() => starts.queueBehind("acme", 1, 9))).toBe("UpdateItem GetItem");
    await starts.takeTokens("StartJobRun", 25, "door");
    expect(await cost(() => starts.takeTokens("StartJobRun", 1, "door"))).toBe("GetItem");
    expect(await cost(() => fresh().takeTokens("StartJobRun", 1, "door"))).toBe("UpdateItem UpdateItem GetItem");
  });

  test("a door knows for how long the tokens are held", async () => {
    await fresh().holdTokens(clock.later(5000));
    expect((await starts.takeTokens("StartJobRun", 1, "door")).taken).toBe(0);
    expect(await cost(() => starts.takeTokens("StartJobRun", 1, "door"))).toBe("GetItem");
    expect(await cost(() => starts.holdTokens(clock.later(4000)))).toBe("");
  });

  test("what empties a line takes one more, to leave the index", async () => {
    await starts.enter("acme", ["a"], 5);
    expect(await cost(() => starts.leave("acme", ["a"]))).toBe("UpdateItem UpdateItem");
    expect(await cost(() => starts.leave("acme", ["a"]))).toBe("UpdateItem");
    await starts.queueUp("acme", 1, 5);
    expect(await cost(() => starts.takeTurn("acme", "a", 5))).toBe("UpdateItem UpdateItem");
  });

  test("a line that a crash left in the indexes is as empty as it is, and leaves them with the next that frees a slot", async () => {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          pk: { S: "line#acme" },
          sk: { S: "line" },
          waiting: { N: "0" },
          waitingAs: { S: "waiting" },
          activeAs: { S: "active" },
        },
      }),
    );
    expect(await starts.waitingTenants()).toEqual(["acme"]);
    expect(await starts.activeTenants(undefined)).toEqual(["acme"]);
    expect(await starts.line("acme")).toEqual({ active: [], waiting: 0 });
    await starts.enter("acme", ["a"], 5);
    await starts.leave("acme", ["a"]);
    expect(await starts.waitingTenants()).toEqual([]);
    expect(await starts.activeTenants(undefined)).toEqual([]);
  });

  test("a full page of active tenants goes on after its last", async () => {
    const names = Array.from({ length: 103 }, (_, index) => `tenant-${String(index).padStart(3, "0")}`);
    await Promise.all(names.map((tenantId) => starts.enter(tenantId, ["a"], 5)));
    const first = await starts.activeTenants(undefined);
    expect(first).toEqual(names.slice(0, 100));
    expect(await starts.activeTenants(first.at(-1))).toEqual(names.slice(100));
  });

  test("a quota of one's own goes for the API that it is given for, also where intervals are no whole number", async () => {
    const own = dynamodbStarts(client, table, { now: clock.now, rates: { StartJobRun: { perSecond: 3, burst: 7 } } });
    let taken = 0;
    for (let call = 0; call < 9; call += 1) taken += (await own.takeTokens("StartJobRun", 1, "door")).taken;
    expect(taken).toBe(5);
    clock.pass(1000);
    expect((await own.takeTokens("StartJobRun", 9, "door")).taken).toBe(3);
    expect((await own.takeTokens("GetJobRun", 99, "door")).taken).toBe(40);
  });

  test("a bucket that was deleted is full again", async () => {
    await starts.takeTokens("StartJobRun", 25, "door");
    const Key = { pk: { S: "rate#StartJobRun" }, sk: { S: "rate" } };
    await client.send(new UpdateItemCommand({ TableName: table, Key, UpdateExpression: "REMOVE fullAt" }));
    expect((await starts.takeTokens("StartJobRun", 99, "door")).taken).toBe(24);
  });
});

const calls: [string, (starts: Starts) => Promise<unknown>][] = [
  ["enter()", (starts) => starts.enter("acme", ["a"], 1)],
  ["takeTurn()", (starts) => starts.takeTurn("acme", "a", 1)],
  ["leave()", (starts) => starts.leave("acme", ["a"])],
  ["line()", (starts) => starts.line("acme")],
  ["waitingTenants()", (starts) => starts.waitingTenants()],
  ["takeTokens()", (starts) => starts.takeTokens("StartJobRun", 1, "door")],
  ["lead()", (starts) => starts.lead("one", "later")],
];

test.each(calls)("dynamodbStarts: %s says that the ledger does not answer", async (_name, call) => {
  fake.answer(() => ({ error: "InternalServerError", status: 500 }));
  const starts = dynamodbStarts(new DynamoDBClient(localConfig(fake.endpoint)), "sluice", sampleClock());
  await expect(call(starts)).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", kind: "down", retryAfterSeconds: 1 });
});

test("dynamodbStarts: a line that always changes before its update lets nobody in", async () => {
  fake.answer(({ headers }) =>
    String(headers["x-amz-target"]).endsWith("GetItem") ? { body: {} } : { error: "ConditionalCheckFailedException" },
  );
  const starts = dynamodbStarts(new DynamoDBClient(localConfig(fake.endpoint)), "sluice", sampleClock());
  expect(await starts.enter("acme", ["a"], 5)).toEqual({ entered: [], waitingFor: "tenant-slots" });
  expect(await starts.takeTurn("acme", "a", 5)).toBe("full");
  expect((await starts.takeTokens("StartJobRun", 1, "door")).taken).toBe(0);
});
