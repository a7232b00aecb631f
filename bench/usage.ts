import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { performance } from "node:perf_hooks";
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  QueryCommand,
  type QueryCommandOutput,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { dynamodbUsage } from "#adapters/aws/dynamodb-usage.ts";
import { ledgerTable } from "#adapters/aws/ledger-table.ts";
import { accountSk, entryKey, usagePk } from "#adapters/aws/usage-items.ts";
import { endOfHour, hourOf, hoursOfMonth, type Period } from "#domain/usage/account.ts";
import { sumsOfEntries } from "#domain/usage/sum.ts";
import type { Usage } from "#domain/usage/usage.ts";
import type { UsageEntry } from "#domain/usage/usage-entry.ts";
import { usageOf } from "#domain/usage/usage-of.ts";
import { median } from "./median.ts";
import { region, tableName } from "./turns-setup.ts";
import { type UsageFigure, usageReport } from "./usage-report.ts";

export interface UsageScale {
  /** Job runs of one tenant that ended in the month. */
  readonly submissions: number;
  readonly rounds: number;
  /** Rounds of what reads every entry. */
  readonly slowRounds: number;
}

export const usageScales: Readonly<Record<"quick" | "full", UsageScale>> = {
  quick: { submissions: 2000, rounds: 5, slowRounds: 2 },
  full: { submissions: 100_000, rounds: 31, slowRounds: 3 },
};

const tenantId = "busy";
const month = "2026-11";
const days = { from: `${month}-01`, to: `${month}-30` };
const hours: readonly Period[] = Array.from({ length: 30 * 24 }, (_, at) => {
  const two = (number: number): string => String(number).padStart(2, "0");
  return `${month}-${two(Math.floor(at / 24) + 1)}T${two(at % 24)}`;
});
const templates = 20;

/** Items that are written at once (Amazon DynamoDB API Reference, "BatchWriteItem"). */
const batchSize = 25;

/** What a client sends and gets, counted. */
const counted = (client: DynamoDBClient) => {
  const count = { requests: 0, items: 0 };
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Items } = result.output as { readonly Items?: readonly unknown[] };
      count.requests += 1;
      count.items += Items?.length ?? 0;
      return result;
    },
    { step: "initialize" },
  );
  return count;
};

const startTable = async () => {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  const client = new DynamoDBClient({ endpoint: `http://127.0.0.1:${port}`, region, credentials });
  await client.send(new CreateTableCommand(ledgerTable(tableName)));
  return {
    client,
    async end() {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

const entryOf = (at: number): UsageEntry => ({
  tenantId,
  submissionId: `req.${String(at).padStart(43, "0")}`,
  completedAt: `${hours[at % hours.length]}:30:00.000Z`,
  outcome: at % 17 === 0 ? "FAILED" : "SUCCESS",
  jobTemplate: `template-${Math.floor(at / hours.length) % templates}`,
  hours: { vCPUHour: 1.234, memoryGBHour: 4.936, storageGBHour: 0.021 },
  cost: { amount: "0.093464", currency: "USD" },
  final: true,
});

/** Writes the entries of so many job runs, spread over the hours of the month, as putEntry would one by one. */
const fill = async (client: DynamoDBClient, usage: Usage, submissions: number): Promise<void> => {
  for (let from = 0; from < submissions; from += batchSize) {
    const batch = Array.from({ length: Math.min(batchSize, submissions - from) }, (_, at) => entryOf(from + at));
    const puts = batch.map((entry) => ({
      PutRequest: {
        Item: {
          ...entryKey(tenantId, hourOf(entry.completedAt), entry.submissionId),
          entry: { S: JSON.stringify(entry) },
          isFinal: { BOOL: true },
        },
      },
    }));
    await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
  }
  for (const hour of hours) await usage.touch(tenantId, hour, endOfHour(hour));
};

/** Sums every hour but the last, as the sweep does when it is over. */
const sumHours = async (usage: Usage): Promise<void> => {
  const { first, last } = hoursOfMonth(month);
  for (const account of (await usage.hours(tenantId, first, last)).slice(0, -1)) {
    await usage.keepSums(account, sumsOfEntries(await usage.entries(tenantId, account.period, account.period)));
  }
};

/** Pages of items that are read and not looked at: the least that reading them takes. */
const bareQuery = async (client: DynamoDBClient, first: string, last: string): Promise<void> => {
  let from: QueryCommandOutput["LastEvaluatedKey"];
  do {
    const command: QueryCommand = new QueryCommand({
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: "pk = :pk AND sk BETWEEN :first AND :last",
      ExpressionAttributeValues: { ":pk": { S: usagePk(tenantId) }, ":first": { S: first }, ":last": { S: last } },
      ExclusiveStartKey: from,
    });
    const page: QueryCommandOutput = await client.send(command);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
};

/** Fills a month, and reads its usage before and after its hours are summed, each beside a bare query in turns. */
export const measureUsage = async ({ submissions, rounds, slowRounds }: UsageScale): Promise<string> => {
  const { client, end } = await startTable();
  const count = counted(client);
  const usage = dynamodbUsage(client, tableName, { now: Date.now });
  const time = async (call: () => Promise<unknown>) => {
    Object.assign(count, { requests: 0, items: 0 });
    const start = performance.now();
    await call();
    return { ms: performance.now() - start, ...count };
  };
  const beside = async (name: string, times: number, bare: () => Promise<unknown>): Promise<UsageFigure[]> => {
    const read = async () => {
      const { total } = await usageOf({ usage }, tenantId, days);
      if (total.jobRuns !== submissions) throw new Error(`The usage tells ${total.jobRuns} of ${submissions} job runs`);
    };
    const pairs = [];
    for (let round = 0; round < times + 1; round += 1) pairs.push({ bare: await time(bare), read: await time(read) });
    // The first round warms up.
    const measured = pairs.slice(1);
    const figure = (what: string, of: "bare" | "read"): UsageFigure => ({
      name: what,
      requests: measured[0]?.[of].requests ?? 0,
      items: measured[0]?.[of].items ?? 0,
      ms: median(measured.map((pair) => pair[of].ms)),
      ratio: median(measured.map((pair) => pair[of].ms / pair.bare.ms)),
    });
    return [figure(`${name}: a bare query of its items`, "bare"), figure(`${name}: GET /v1/usage`, "read")];
  };
  try {
    const started = performance.now();
    await fill(client, usage, submissions);
    const fillSeconds = (performance.now() - started) / 1000;
    const entries = async () => await bareQuery(client, "entry#", "entry#~");
    const unsummed = await beside("nothing summed", slowRounds, entries);
    await sumHours(usage);
    const { first, last } = hoursOfMonth(month);
    const accounts = async () => await bareQuery(client, accountSk(first), accountSk(last));
    const summed = await beside("hours summed", rounds, accounts);
    return usageReport({ submissions, rounds, slowRounds, templates, fillSeconds, figures: [...summed, ...unsummed] });
  } finally {
    await end();
  }
};
