import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { SQSEvent } from "aws-lambda";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import type { RateOptions } from "#adapters/aws/dynamodb-tokens.ts";
import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { queueHandler } from "#handlers/queue.ts";
import type { AwsProcess } from "./turns-doors.ts";
import { contextOf, digest, doorConfig, queueNameOf, recordOf, region, tableName } from "./turns-setup.ts";

/** DynamoDB requests of one batch, by operation. */
export interface Requests {
  readonly name: string;
  readonly batch: number;
  readonly requests: number;
  readonly operations: Readonly<Record<string, number>>;
  /** Job runs that the batch started. */
  readonly started: number;
}

const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };

const now = (): string => new Date().toISOString();

/** A queue function as it is after its cold start, over a client that counts what it sends. */
export const openDoor = (url: string, table = tableName, rates: RateOptions["rates"] = {}) => {
  const client = new DynamoDBClient({ endpoint: url, region, credentials });
  const operations: Record<string, number> = {};
  client.middlewareStack.add(
    (next, { commandName = "unknown" }) =>
      async (args) => {
        const operation = commandName.replace(/Command$/, "");
        operations[operation] = (operations[operation] ?? 0) + 1;
        return await next(args);
      },
    { step: "finalizeRequest", priority: "low", name: "count" },
  );
  const jobRuns = memoryJobRuns({ now });
  const handler = queueHandler({
    services: {
      tenants: dynamodbTenants(client, table, { now: Date.now }),
      submissions: dynamodbSubmissions(client, table),
      starts: dynamodbStarts(client, table, { now, rates }),
      jobRuns,
      events: memoryEvents(),
      prices: listPrices,
      usage: memoryUsage(),
      wake: async () => undefined,
      now,
      later: (milliseconds) => new Date(Date.now() + milliseconds).toISOString(),
      pauseUntil: async () => undefined,
      newId: () => crypto.randomUUID(),
      digest,
      crowded: new Set(),
      retentionMs: 90 * 86_400_000,
      lookMs: 30_000,
      looksPerSecond: 10,
    },
    config: doorConfig,
    log: { metrics: () => undefined, info: () => undefined, warn: console.warn, error: console.error },
    redelivery: { later: async () => undefined, jitter: Math.random },
  });
  let ids = 0;
  const call = async (tenantId: string, messages: number): Promise<void> => {
    const Records = Array.from({ length: messages }, () =>
      recordOf(`${crypto.randomUUID()}-${ids++}`, queueNameOf(tenantId)),
    );
    const event: SQSEvent = { Records };
    const { batchItemFailures } = await handler(event, contextOf("bench", Date.now));
    if (batchItemFailures.length > 0) throw new Error("Cannot count requests: messages were given back");
  };
  /** Opens the connection and has the SDK load what it loads at its first call. */
  const warmUp = async (): Promise<void> => {
    await client.send(new GetItemCommand({ TableName: table, Key: { pk: { S: "-" }, sk: { S: "-" } } }));
    for (const operation of Object.keys(operations)) delete operations[operation];
  };
  return { call, warmUp, operations, jobRuns, end: () => client.destroy() };
};

interface Case {
  readonly name: string;
  readonly tenantId: string;
  readonly line: "free" | "slots" | "held";
  /** Messages that came before, so that the function knows the tenant; none for one that just began. */
  readonly before: number;
  readonly batch: number;
}

const cases: readonly Case[] = [1, 10].flatMap((batch) => [
  { name: "started at once", tenantId: "starts", line: "free", before: 1, batch },
  { name: "started at once, tenant not in memory yet", tenantId: "starts", line: "free", before: 0, batch },
  { name: "waits: slots taken, first of its line", tenantId: "waits", line: "slots", before: 0, batch },
  { name: "waits: slots taken, others wait", tenantId: "waits", line: "slots", before: 1, batch },
  { name: "waits: bucket held, first of its line", tenantId: "held", line: "held", before: 0, batch },
  { name: "waits: bucket held, others wait", tenantId: "held", line: "held", before: 1, batch },
]);

const countCase = async (aws: AwsProcess, { name, tenantId, line, before, batch }: Case): Promise<Requests> => {
  const { url } = await aws.ask({ tenantId, line });
  const door = openDoor(url);
  try {
    if (before > 0) await door.call(tenantId, before);
    const startedBefore = door.jobRuns.started.length;
    for (const operation of Object.keys(door.operations)) delete door.operations[operation];
    await door.call(tenantId, batch);
    const requests = Object.values(door.operations).reduce((sum, count) => sum + count, 0);
    const started = door.jobRuns.started.length - startedBefore;
    return { name, batch, requests, operations: { ...door.operations }, started };
  } finally {
    door.end();
  }
};

/** DynamoDB requests of the queue door, as its real client sends them to dynalite. */
export const countRequests = async (aws: AwsProcess): Promise<Requests[]> => {
  const counted: Requests[] = [];
  for (const each of cases) counted.push(await countCase(aws, each));
  return counted;
};
