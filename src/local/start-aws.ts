import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AwsService } from "./aws-service.ts";
import { createDynamoDb } from "./dynamodb/dynamodb.ts";
import { type EndpointOptions, startEndpoint } from "./endpoint.ts";
import type { EmitEvent } from "./events/event.ts";
import { createEvents, type Events, type EventsOptions } from "./events/events.ts";
import { createObjectCalls, type ObjectCalls } from "./s3/object-calls.ts";
import { createS3 } from "./s3/s3.ts";
import { type Schedule, scheduleByTimer } from "./schedule.ts";
import { createQueueCalls, type QueueCalls } from "./sqs/queue-calls.ts";
import { createSqs } from "./sqs/sqs.ts";

/** What the embedded EMR Serverless is given. */
interface EmrServerlessParts {
  readonly emit: EmitEvent;
  readonly objects: ObjectCalls;
}

export interface AwsOptions extends Pick<EndpointOptions, "portFlag" | "onError" | "maxBodyBytes"> {
  /** 0 takes any free port. */
  readonly port: number;
  /** Where the objects of S3 are plain files. Without one it is a temporary directory, removed at the end. */
  readonly directory?: string;
  /** Outside of `directory`, on the same file system; `<directory>.metadata` unless told. */
  readonly metadataDirectory?: string;
  readonly region?: string;
  readonly now?: () => number;
  readonly newId?: () => string;
  readonly schedule?: Schedule;
  readonly retryDelaysMs?: EventsOptions["retryDelaysMs"];
  readonly onUndelivered?: EventsOptions["onUndelivered"];
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
  end(): Promise<void>;
}

const reportUndelivered: EventsOptions["onUndelivered"] = ({ event, rule, error }) =>
  console.error(`Cannot deliver event ${event.id} (${event["detail-type"]}) of rule ${rule}:`, error);

/** The embedded AWS: S3, SQS, EventBridge, DynamoDB and what is given as EMR Serverless, behind one endpoint on loopback. */
export async function startAws(options: AwsOptions): Promise<Aws> {
  const { now = Date.now, newId = randomUUID, region = "us-east-1", schedule = scheduleByTimer } = options;
  const folders = await openFolders(options);
  const sqs = createSqs({ now, region, schedule });
  const queues = createQueueCalls(sqs, region);
  const events = createEvents({
    now,
    newId,
    region,
    schedule,
    onUndelivered: options.onUndelivered ?? reportUndelivered,
    ...(options.retryDelaysMs && { retryDelaysMs: options.retryDelaysMs }),
    sendToQueue: async ({ queueArn, ...message }) => {
      await queues.sendMessage({ queue: queueArn, principal: "events.amazonaws.com", ...message });
    },
  });
  const s3 = await createS3({ ...folders, now, newId, emit: events.emit });
  const objects = createObjectCalls(s3, folders.directory, region);
  const given = options.emrServerless;
  const emr = typeof given === "function" ? given({ emit: events.emit, objects }) : given;
  const services = { s3, sqs, events, dynamodb: createDynamoDb(), ...(emr && { "emr-serverless": emr }) };

  const endpoint = await startEndpoint({ ...options, services }).catch(async (error: unknown) => {
    await emr?.end?.();
    await folders.end();
    throw error;
  });
  sqs.listensOn(endpoint.port);

  /** First what holds requests open or makes new ones, then the endpoint, then what they stand on. */
  async function stop(): Promise<void> {
    await sqs.end();
    await emr?.end?.();
    await events.end();
    await endpoint.end();
    await folders.end();
  }
  let stopping: Promise<void> | undefined;
  return { url: endpoint.url, port: endpoint.port, region, events, queues, objects, end: () => (stopping ??= stop()) };
}

async function openFolders({ directory, metadataDirectory }: AwsOptions) {
  if (directory !== undefined) {
    return { directory, metadataDirectory: metadataDirectory ?? `${directory}.metadata`, end: async () => undefined };
  }
  const parent = await mkdtemp(join(tmpdir(), "sluice-s3-"));
  return {
    directory: join(parent, "objects"),
    metadataDirectory: metadataDirectory ?? join(parent, "metadata"),
    end: () => rm(parent, { recursive: true, force: true }),
  };
}
