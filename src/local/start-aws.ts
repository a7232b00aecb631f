import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsService } from "./aws-service.ts";
import { createDynamoDb } from "./dynamodb/dynamodb.ts";
import { type Endpoint, type EndpointOptions, startEndpoint } from "./endpoint.ts";
import type { EmitEvent } from "./events/event.ts";
import { createEvents, type Events, type EventsOptions } from "./events/events.ts";
import { openDataDirectory } from "./kept/data-directory.ts";
import { type Journal, noJournal, type OpenJournal } from "./kept/journal.ts";
import { createObjectCalls, type ObjectCalls } from "./s3/object-calls.ts";
import { createS3 } from "./s3/s3.ts";
import { type Schedule, scheduleByTimer } from "./schedule.ts";
import { createQueueCalls, type QueueCalls } from "./sqs/queue-calls.ts";
import { createSqs, type SqsOptions } from "./sqs/sqs.ts";
import { createStepFunctions, type StepFunctions } from "./step-functions/step-functions.ts";

/** What the embedded EMR Serverless is given. */
interface EmrServerlessParts {
  readonly emit: EmitEvent;
  readonly objects: ObjectCalls;
  /** Where it keeps its state. */
  readonly journal: Journal;
}

export interface AwsOptions extends Pick<EndpointOptions, "portFlag" | "onError" | "maxBodyBytes"> {
  /** 0 takes any free port. */
  readonly port: number;
  /**
   * Where everything is kept, for this process alone, so that the next one goes on with it even if this one is killed.
   * Without one everything goes with the process.
   */
  readonly dataDirectory?: string;
  /** Where the objects of S3 are plain files: `s3` of the data directory, or a temporary one that is removed at the end. */
  readonly directory?: string;
  /** Outside of `directory`, on the same file system; `<directory>.metadata` unless told. */
  readonly metadataDirectory?: string;
  readonly region?: string;
  readonly now?: () => number;
  readonly newId?: () => string;
  readonly schedule?: Schedule;
  readonly retryDelaysMs?: EventsOptions["retryDelaysMs"];
  readonly onUndelivered?: EventsOptions["onUndelivered"];
  readonly senderId?: SqsOptions["senderId"];
  readonly emrServerless?: AwsService | ((parts: EmrServerlessParts) => AwsService);
}

export interface Aws {
  /** For `AWS_ENDPOINT_URL` and `--endpoint-url`. */
  readonly url: string;
  readonly port: number;
  readonly region: string;
  readonly events: Events;
  readonly queues: QueueCalls;
  readonly objects: ObjectCalls;
  /** Starts the tasks whose tokens it is then told of. */
  readonly stepFunctions: StepFunctions;
  end(): Promise<void>;
}

const reportUndelivered: EventsOptions["onUndelivered"] = ({ event, rule, error }) =>
  console.error(`Cannot deliver event ${event.id} (${event["detail-type"]}) of rule ${rule}:`, error);

type Ends = (() => Promise<void> | undefined | void)[];

/**
 * The embedded AWS: S3, SQS, EventBridge, DynamoDB, the task tokens of Step Functions, and what is given as EMR Serverless,
 * behind one endpoint on loopback.
 */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const ends: Ends = [];
  const end = async (): Promise<void> => {
    for (const part of ends.splice(0).reverse()) await part();
  };
  try {
    const { journal, services, sqs, emr, ...parts } = await startServices(options, ends);
    const started: { endpoint?: Endpoint } = {};
    // Last first: what holds requests open or makes new ones, then the endpoint, then what it all stands on.
    ends.push(() => started.endpoint?.end());
    ends.push(() => parts.events.end());
    ends.push(() => emr?.end?.());
    ends.push(() => sqs.end());
    journal?.start();
    started.endpoint = await startEndpoint({ ...options, services });
    const { url, port } = started.endpoint;
    sqs.listensOn(port);
    parts.events.resume();
    let stopping: Promise<void> | undefined;
    return { ...parts, url, port, end: () => (stopping ??= end()) };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startServices(options: AwsOptions, ends: Ends) {
  const { now = Date.now, newId = randomUUID, region = "us-east-1", schedule = scheduleByTimer } = options;
  const kept = openJournal(options, ends);
  const journal = kept ?? noJournal;
  const folders = await openFolders(options, ends);
  const sqs = createSqs({ now, region, schedule, journal, ...(options.senderId && { senderId: options.senderId }) });
  await sqs.restore();
  const queues = createQueueCalls(sqs, region);
  const events = createEvents({
    now,
    newId,
    region,
    schedule,
    journal,
    onUndelivered: options.onUndelivered ?? reportUndelivered,
    ...(options.retryDelaysMs && { retryDelaysMs: options.retryDelaysMs }),
    sendToQueue: async ({ queueArn, ...message }) => {
      await queues.sendMessage({ queue: queueArn, principal: "events.amazonaws.com", ...message });
    },
  });
  const s3 = await createS3({ ...folders, now, newId, emit: events.emit });
  const objects = createObjectCalls(s3, folders.directory, region);
  const dynamodb = await createDynamoDb({
    journal,
    ...(folders.dynamodb !== undefined && { directory: folders.dynamodb }),
  });
  ends.push(() => dynamodb.end?.());
  const stepFunctions = createStepFunctions({ now, newId, journal });
  const given = options.emrServerless;
  const emr = typeof given === "function" ? given({ emit: events.emit, objects, journal }) : given;
  // By the names that requests are signed for.
  const services = { s3, sqs, events, dynamodb, states: stepFunctions, ...(emr && { "emr-serverless": emr }) };
  return { journal: kept, services, sqs, events, queues, objects, stepFunctions, emr, region };
}

function openJournal({ dataDirectory }: AwsOptions, ends: Ends): OpenJournal | undefined {
  if (dataDirectory === undefined) return undefined;
  const data = openDataDirectory(dataDirectory);
  ends.push(data.end);
  return data.journal;
}

interface Folders {
  readonly directory: string;
  readonly metadataDirectory: string;
  readonly dynamodb: string | undefined;
}

async function openFolders(options: AwsOptions, ends: Ends): Promise<Folders> {
  const { dataDirectory, metadataDirectory } = options;
  const dynamodb = dataDirectory === undefined ? undefined : join(dataDirectory, "dynamodb");
  const directory = options.directory ?? (dataDirectory === undefined ? undefined : join(dataDirectory, "s3"));
  if (directory !== undefined) {
    return { directory, metadataDirectory: metadataDirectory ?? `${directory}.metadata`, dynamodb };
  }
  const parent = await mkdtemp(join(tmpdir(), "sluice-s3-"));
  ends.push(() => rm(parent, { recursive: true, force: true }));
  return {
    directory: join(parent, "objects"),
    metadataDirectory: metadataDirectory ?? join(parent, "metadata"),
    dynamodb,
  };
}
