import { createHash, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EMRServerlessClient } from "@aws-sdk/client-emr-serverless";
import { awsEvents } from "#adapters/aws/aws-events.ts";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { dynamodbSubmissions } from "#adapters/aws/dynamodb-submissions.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { dynamodbUsage } from "#adapters/aws/dynamodb-usage.ts";
import { emrJobRuns } from "#adapters/aws/emr-job-runs.ts";
import { once } from "#adapters/aws/once.ts";
import type { Services } from "#domain/ports.ts";
import { awsRates } from "#domain/turns/token-bucket.ts";
import type { DoorServices, Log, Quarantine, Redelivery } from "#handlers/door.ts";
import { errorRecord } from "#handlers/error-record.ts";
import { quarantineAttributes } from "#handlers/quarantine-attributes.ts";
import { callLimits, clientConfig, lean } from "./client-config.ts";
import { type FunctionConfig, readConfig } from "./config.ts";
import { invocationIds } from "./invocation.ts";
import { jsonLog } from "./json-log.ts";

const now = (): string => new Date().toISOString();

export interface Wiring {
  readonly config: Pick<
    FunctionConfig,
    "table" | "eventBus" | "wakeQueueUrl" | "rates" | "prices" | "retentionDays" | "lookSeconds" | "sqsEndpoint"
  >;
  readonly log: Log;
  /** What each AWS client is made with. */
  readonly client: ReturnType<typeof clientConfig> & {
    readonly endpoint?: string;
    readonly region?: string;
    readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
}

/** What the domain needs, of AWS. What is only needed to publish is loaded when something is published. */
export const awsServices = ({ config, log, client }: Wiring): Services => {
  const dynamodb = lean(new DynamoDBClient(client));
  const sqsEndpoint = config.sqsEndpoint === undefined ? {} : { endpoint: config.sqsEndpoint };
  let reader: EMRServerlessClient | undefined;
  return {
    tenants: dynamodbTenants(dynamodb, config.table, {
      now: Date.now,
      onUnreadable: ({ tenantId, version, error }) => {
        log.error("tenant unreadable", { tenantId, version, ...errorRecord(error) });
        log.metrics({ TenantsUnreadable: 1 });
      },
    }),
    submissions: dynamodbSubmissions(dynamodb, config.table, ({ submissionId, error }) => {
      log.error("submission unreadable", { submissionId, ...errorRecord(error) });
      log.metrics({ SubmissionsUnreadable: 1 });
    }),
    starts: dynamodbStarts(dynamodb, config.table, { now, rates: config.rates }),
    jobRuns: emrJobRuns(lean(new EMRServerlessClient({ ...client, maxAttempts: 1 })), () => {
      // The doors hardly ever read a job run, and a cold start should not pay for it.
      reader ??= lean(new EMRServerlessClient(client));
      return reader;
    }),
    events: awsEvents({
      busName: config.eventBus,
      eventBridge: async () => (await import("#adapters/aws/event-bridge.ts")).openEventBridge(client),
      sqs: async () => (await import("#adapters/aws/sqs.ts")).openSqs({ ...client, ...sqsEndpoint }, Date.now),
      stepFunctions: async () => (await import("#adapters/aws/step-functions.ts")).openStepFunctions(client, Date.now),
      onUndelivered: ({ queueUrl, ...ids }) =>
        queueUrl === undefined
          ? log.error("task not told", ids)
          : log.error("not sent to the tenant's queue", { ...ids, queueUrl }),
      onTaskOver: (undelivered) => log.info("task is over", { ...undelivered }),
    }),
    prices: config.prices,
    usage: dynamodbUsage(dynamodb, config.table, { now: Date.now }),
    wake: awsWake({ config, log, client }),
    now,
    later: (milliseconds) => new Date(Date.now() + milliseconds).toISOString(),
    pauseUntil: async (time) => await pause(Math.max(0, Date.parse(time) - Date.now())),
    newId: randomUUID,
    digest: (text) => createHash("sha256").update(text, "utf8").digest("base64url"),
    crowded: new Set(),
    retentionMs: config.retentionDays * 86_400_000,
    lookMs: config.lookSeconds * 1000,
    looksPerSecond: (config.rates.GetJobRun ?? awsRates.GetJobRun).perSecond,
  };
};

/** A wake that is lost delays a turn until the dispatcher's schedule, so it fails nothing; it is told, because it should not be. */
const awsWake = ({ config, log, client }: Wiring): (() => Promise<void>) => {
  const { wakeQueueUrl } = config;
  if (wakeQueueUrl === undefined) return async () => undefined;
  const load = once(async () => (await import("#adapters/aws/sqs-wake.ts")).openWake(client, wakeQueueUrl));
  return async () => {
    try {
      await (await load())();
    } catch (error) {
      log.warn("dispatcher not woken", errorRecord(error));
    }
  };
};

/**
 * What is done for a message when the time for it is up is tried once: three tries may take longer than an invocation has
 * left, and where it fails the message comes again anyway.
 */
const triedOnce = (client: Wiring["client"]) => ({ ...client, maxAttempts: 1 });

/** Loaded when the first message is to come again. */
export const awsRedelivery = (client: Wiring["client"]): Redelivery => {
  const load = once(async () => (await import("#adapters/aws/sqs-redelivery.ts")).openRedelivery(triedOnce(client)));
  return {
    later: async (receiptHandle, queueArn, seconds) => await (await load())(receiptHandle, queueArn, seconds),
    jitter: Math.random,
  };
};

/** Loaded when the first message is to be kept; nothing where there is no queue for it. */
export const awsQuarantine = ({
  config,
  client,
}: {
  readonly config: Pick<FunctionConfig, "quarantineQueueUrl" | "operatorSenders">;
  readonly client: Wiring["client"];
}): Quarantine | undefined => {
  const { quarantineQueueUrl: queueUrl, operatorSenders = [] } = config;
  if (queueUrl === undefined) return undefined;
  const load = once(async () => {
    const { openQuarantine } = await import("#adapters/aws/sqs-quarantine.ts");
    return openQuarantine(triedOnce(client), queueUrl);
  });
  return async (record, reason) => {
    const keep = await load();
    await keep(record, quarantineAttributes(record, reason, operatorSenders));
  };
};

/** Everything that a function is made of, built once at its cold start. */
export const doorServices = (functionName: string): DoorServices => {
  const config = readConfig(process.env);
  const client = clientConfig(callLimits);
  const log = jsonLog({
    functionName,
    now,
    write: (line) => process.stdout.write(line),
    ids: invocationIds,
    level: process.env["AWS_LAMBDA_LOG_LEVEL"],
    metrics: process.env["SLUICE_METRICS"] !== "off",
  });
  return {
    config,
    log,
    services: awsServices({ config, log, client }),
    redelivery: awsRedelivery(client),
    quarantine: awsQuarantine({ config, client }),
  };
};
