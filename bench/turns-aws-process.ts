import { CreateTableCommand, DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { ledgerTable } from "#adapters/aws/ledger-table.ts";
import { lineKey } from "#adapters/aws/line-item.ts";
import { rateKey } from "#adapters/aws/rate-item.ts";
import { createEmrServerless } from "#local/emr-serverless/emr-serverless.ts";
import { allowOnlyLoopback } from "#local/loopback.ts";
import { applicationsOf } from "#local/runtime/local-tenants.ts";
import { startAws } from "#local/start-aws.ts";
import type { AwsAnswer, AwsOrder, Filling } from "./turns-processes.ts";
import { benchTenants, jobRequest, queueNameOf, tableName } from "./turns-setup.ts";

/** The embedded AWS in a process of its own, with the rates lifted and job runs simulated. It ends with the bench. */
allowOnlyLoopback();
const setups = await benchTenants();
let started = 0;
const aws = await startAws({
  port: 0,
  emrServerless: createEmrServerless({
    rates: null,
    applications: applicationsOf(setups),
    // Nobody listens: completions are no part of what is measured.
    emit: ({ detail }) => {
      if (detail["state"] === "SUBMITTED") started += 1;
    },
  }),
});
const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
const dynamodb = new DynamoDBClient({ endpoint: aws.url, region: aws.region, credentials });
await dynamodb.send(new CreateTableCommand(ledgerTable(tableName)));
await dynamodb.send(
  new CreateTableCommand({
    TableName: "usual",
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  }),
);
await applyTenants(dynamodb, tableName, setups);
const wakeQueue = await aws.queues.createQueue("sluice-wake");

/** Nobody active, nobody waiting, a full bucket; then what the order wants: all slots taken, or the bucket held. */
const reset = async (tenantId: string, line: "free" | "slots" | "held"): Promise<void> => {
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: lineKey(tenantId) }));
  await dynamodb.send(new DeleteItemCommand({ TableName: tableName, Key: rateKey("StartJobRun") }));
  if (line === "slots") {
    const Item = { ...lineKey(tenantId), active: { SS: ["somebody"] }, activeAs: { S: "active" } };
    await dynamodb.send(new PutItemCommand({ TableName: tableName, Item }));
  }
  if (line === "held") {
    const heldUntil = new Date(Date.now() + 3_600_000).toISOString();
    const Item = { ...rateKey("StartJobRun"), heldUntil: { S: heldUntil } };
    await dynamodb.send(new PutItemCommand({ TableName: tableName, Item }));
  }
};

const fill = async (tenantId: string, { round, messages }: Filling): Promise<void> => {
  const { arn } = await aws.queues.createQueue(queueNameOf(tenantId, round));
  const body = JSON.stringify(jobRequest);
  for (let index = 0; index < messages; index += 1) await aws.queues.sendMessage({ queue: arn, body });
};

const obey = async ({ tenantId = "", ...order }: AwsOrder): Promise<AwsAnswer> => {
  if (order.line !== undefined) await reset(tenantId, order.line);
  if (order.fill !== undefined) await fill(tenantId, order.fill);
  const { user, system } = process.cpuUsage();
  return { url: aws.url, wakeQueueUrl: wakeQueue.url, started, cpuMs: (user + system) / 1000 };
};

process.on("message", (order: AwsOrder) => {
  obey(order).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
