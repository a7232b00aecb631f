import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateTableCommand, DynamoDBClient, ResourceInUseException } from "@aws-sdk/client-dynamodb";
import { SQSClient } from "@aws-sdk/client-sqs";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { ledgerTable } from "#adapters/aws/ledger-table.ts";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import {
  createEmrServerless,
  type EmrServerless,
  type EmrServerlessOptions,
} from "#local/emr-serverless/emr-serverless.ts";
import type { JobRunner } from "#local/emr-serverless/job-runner.ts";
import { allowOnlyLoopback } from "#local/loopback.ts";
import type { ObjectCalls } from "#local/s3/object-calls.ts";
import { type Aws, startAws } from "#local/start-aws.ts";
import { type Developers, tenantDevelopers } from "./developers.ts";
import { withEnvironment } from "./environment.ts";
import { type EventSource, startEventSource } from "./event-source.ts";
import { every } from "./every.ts";
import { type Functions, loadFunctions } from "./functions.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import type { Invoke } from "./lambda.ts";
import { applicationsOf, bucketsOf, completionQueuesOf, queuesOf, scriptsOf } from "./local-tenants.ts";
import { addRules } from "./rules.ts";

export interface LocalOptions {
  /** The folder with tenants/, policies/, templates/, examples/jobs/ and dist/functions/. */
  readonly directory: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly awsPort: number;
  /** Where everything is kept, S3's files below `s3`; without it everything goes with the process. */
  readonly dataDirectory?: string;
  readonly emr?: Omit<EmrServerlessOptions, "emit" | "runner" | "applications" | "journal">;
  /** How long a message that was given back stays unseen, unless its function says how long; 10 s when absent. */
  readonly visibilitySeconds?: number;
  /** How often the schedules of `dispatch` and `reconcile` fire; every 5 s when absent. */
  readonly scheduleMs?: number;
  /** The least level of the functions' logs; INFO when absent. */
  readonly logLevel?: string;
  /** Runs the jobs; simulated when absent. */
  readonly runner?: (objects: ObjectCalls) => JobRunner;
}

export interface Local {
  readonly apiUrl: string;
  readonly awsUrl: string;
  readonly aws: Aws;
  readonly emr: EmrServerless;
  readonly setups: readonly TenantSetup[];
  /** The functions as AWS would call them, to deliver something once more. */
  readonly functions: Functions;
  end(): Promise<void>;
}

const table = "sluice";
const bus = "sluice";
const submissionsQueue = "sluice-submissions";
const eventsQueue = "sluice-events";
const jobRunsQueue = "sluice-job-run-changes";
const wakeQueue = "sluice-wake";
const quarantineQueue = "sluice-quarantine";

/** A minute in serverless.yml, and 30 s until a job run without news is asked for; a person waits less patiently. */
const defaultScheduleMs = 5_000;
const lookSeconds = 1;
const credentials = { accessKeyId: "sluice", secretAccessKey: "local" };

/** A queue with its dead-letter queue, as serverless.yml has them, but for a visibility that suits a person who waits. */
const createQueue = async (aws: Aws, name: string, visibilitySeconds: number, maxReceiveCount: number) => {
  const dead = await aws.queues.createQueue(`${name}-dlq`);
  const queue = await aws.queues.createQueue(name, {
    VisibilityTimeout: String(visibilitySeconds),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
  });
  return { ...queue, dead };
};

/** The rate of StartJobRun that the embedded EMR Serverless was given, as Sluice has to know it. Lifted, it is as good as any. */
const ratesOf = (rates: EmrServerlessOptions["rates"]): string => {
  const rate = rates === null ? null : rates?.["StartJobRun"];
  if (rate === undefined) return "";
  const { perSecond, burst } = rate ?? { perSecond: 10_000, burst: 10_000 };
  return `StartJobRun=${perSecond}/${burst}`;
};

const readSetups = async (directory: string): Promise<TenantSetup[]> => {
  const read = await readTenantFiles(directory);
  if (read.verdict === "read") return read.setups;
  throw new Error(`Cannot read the tenants:\n${read.faults.map((fault) => `  ${fileFaultLine(fault)}`).join("\n")}`);
};

const createLedger = async (client: DynamoDBClient, setups: readonly TenantSetup[]): Promise<void> => {
  await client.send(new CreateTableCommand(ledgerTable(table))).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await applyTenants(client, table, setups, { at: new Date().toISOString(), by: "npm start", command: "apply" });
};

/** Puts the scripts of examples/jobs where the job templates look for them. */
const seedScripts = async (aws: Aws, directory: string, setups: readonly TenantSetup[]): Promise<void> => {
  for (const { file, bucket, key } of scriptsOf(setups)) {
    const script = await readFile(join(directory, "examples", "jobs", file)).catch(() => undefined);
    if (script !== undefined) await aws.objects.putObject(bucket, key, script);
  }
};

/** Undoes what was started, last first; goes on where one of them fails. */
const endAll = async (ends: readonly (() => Promise<void> | void)[]): Promise<void> => {
  const failures: unknown[] = [];
  for (const end of [...ends].reverse()) {
    try {
      await end();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, "Cannot end the local runtime cleanly");
};

/**
 * The whole of Sluice in this process: the embedded AWS, the built functions behind the local API, and what AWS does
 * between them. Nothing in it ever connects to a host that is not this one.
 */
export const startLocal = async (options: LocalOptions): Promise<Local> => {
  const ends: (() => Promise<void> | void)[] = [];
  try {
    return await startParts(options, ends);
  } catch (error) {
    await endAll(ends);
    throw error;
  }
};

const startParts = async (options: LocalOptions, ends: (() => Promise<void> | void)[]): Promise<Local> => {
  const { directory, visibilitySeconds = 10 } = options;
  const setups = await readSetups(directory);
  ends.push(allowOnlyLoopback());

  const started: { emr?: EmrServerless; developers?: Developers } = {};
  const aws = await startAws({
    port: options.awsPort,
    portFlag: "--aws-port",
    ...(options.dataDirectory !== undefined && { dataDirectory: options.dataDirectory }),
    senderId: async (accessKeyId) => (await started.developers?.senderId(accessKeyId)) ?? accessKeyId,
    emrServerless: ({ emit, objects, journal }) => {
      started.emr = createEmrServerless({
        ...options.emr,
        applications: applicationsOf(setups),
        journal,
        emit: (event) => emit({ source: "aws.emr-serverless", ...event }),
        ...(options.runner !== undefined && { runner: options.runner(objects) }),
      });
      return started.emr;
    },
  });
  ends.push(() => aws.end());
  const dynamodb = new DynamoDBClient({ endpoint: aws.url, region: aws.region, credentials });
  ends.push(() => dynamodb.destroy());
  const developers = tenantDevelopers(dynamodb, table);
  started.developers = developers;
  if (started.emr === undefined) throw new Error("The embedded EMR Serverless was not made, this is a bug");

  for (const bucket of bucketsOf(setups)) await aws.objects.createBucket(bucket);
  for (const name of completionQueuesOf(setups)) {
    await aws.queues.createQueue(name, name.endsWith(".fifo") ? { FifoQueue: "true" } : {});
  }
  const submissions = await createQueue(aws, submissionsQueue, visibilitySeconds, 100);
  const events = await createQueue(aws, eventsQueue, visibilitySeconds, 100);
  const jobRuns = await createQueue(aws, jobRunsQueue, 2, 20);
  const wake = await createQueue(aws, wakeQueue, 30, 3);
  const quarantine = await aws.queues.createQueue(quarantineQueue);
  const own = [];
  for (const name of queuesOf(setups)) own.push(await createQueue(aws, name, visibilitySeconds, 100));
  await createLedger(dynamodb, setups);
  await seedScripts(aws, directory, setups);

  ends.push(
    withEnvironment({
      AWS_ENDPOINT_URL: aws.url,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      SLUICE_TABLE: table,
      SLUICE_EVENT_BUS: bus,
      SLUICE_QUEUE_URL: submissions.url,
      SLUICE_EVENTS_QUEUE_ARN: events.arn,
      SLUICE_OPERATOR_SENDERS: "operator",
      SLUICE_WAKE_QUEUE_URL: wake.url,
      SLUICE_RATES: ratesOf(options.emr?.rates),
      SLUICE_LOOK_SECONDS: String(lookSeconds),
      SLUICE_METRICS: "off",
      AWS_LAMBDA_LOG_LEVEL: options.logLevel ?? "INFO",
    }),
  );
  const functions = await loadFunctions(directory, aws.region, {
    queue: { SLUICE_QUARANTINE_QUEUE_URL: quarantine.url },
    events: { SLUICE_QUARANTINE_QUEUE_URL: events.dead.url },
  });
  addRules(aws, { bus, eventsQueue: events.arn, jobRunsQueue: jobRuns.arn });

  const client = new SQSClient({ endpoint: aws.url, region: aws.region, credentials });
  ends.push(() => client.destroy());
  const map = (queue: { url: string; arn: string }, invoke: Invoke): void => {
    const source: EventSource = startEventSource(client, queue, invoke);
    ends.push(() => source.end());
  };
  for (const queue of [submissions, ...own]) map(queue, functions.queue);
  map(events, functions.events);
  map(jobRuns, functions.jobRunChanged);
  map(wake, functions.dispatch);
  for (const scheduled of [functions.dispatch, functions.reconcile]) {
    const schedule = every(
      options.scheduleMs ?? defaultScheduleMs,
      async () => await scheduled({ source: "aws.scheduler" }),
    );
    ends.push(() => schedule.end());
  }

  const gateway: Gateway = await startGateway(functions.http, developers, options.port);
  ends.push(() => gateway.end());
  return {
    apiUrl: gateway.url,
    awsUrl: aws.url,
    aws,
    emr: started.emr,
    setups,
    functions,
    end: () => endAll(ends.splice(0)),
  };
};
