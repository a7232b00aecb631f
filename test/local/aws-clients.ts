import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SFNClient } from "@aws-sdk/client-sfn";
import { CreateQueueCommand, type QueueAttributeName, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { onTestFinished } from "vitest";
import { type Aws, type AwsOptions, startAws } from "#local/start-aws.ts";

const startOfTime = Date.parse("2026-11-22T10:00:00Z");

/** A clock that stands still until it is told, and what was scheduled on it. */
export function createClock() {
  const waiting = new Set<{ at: number; run: () => void }>();
  const clock = {
    time: startOfTime,
    now: () => clock.time,
    schedule: (delayMs: number, run: () => void) => {
      const entry = { at: clock.time + delayMs, run };
      waiting.add(entry);
      return () => waiting.delete(entry);
    },
    /** When the things that wait are due, as milliseconds from the start. */
    due: () => [...waiting].map(({ at }) => at - startOfTime),
    pass: (ms: number) => {
      clock.time += ms;
      for (const entry of [...waiting]) {
        if (entry.at > clock.time) continue;
        waiting.delete(entry);
        entry.run();
      }
    },
  };
  return clock;
}

export const credentials = { accessKeyId: "acme", secretAccessKey: "local" };
export const clientConfig = (url: string) => ({ endpoint: url, region: "us-east-1", credentials, maxAttempts: 1 });

/** The embedded AWS of one test, and the real clients of it. */
export async function useAws(options: Partial<AwsOptions> = {}) {
  const aws = await startAws({ port: 0, ...options });
  const config = clientConfig(aws.url);
  const clients = {
    s3: new S3Client(config),
    sqs: new SQSClient(config),
    events: new EventBridgeClient(config),
    dynamodb: new DynamoDBClient(config),
    stepFunctions: new SFNClient(config),
  };
  onTestFinished(async () => {
    for (const client of Object.values(clients)) client.destroy();
    await aws.end();
  });
  return { aws, ...clients };
}

export async function createQueue(
  sqs: SQSClient,
  name: string,
  attributes: Partial<Record<QueueAttributeName, string>> = {},
) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  return QueueUrl ?? "";
}

export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:111122223333:${name}`;

export async function receive(
  sqs: SQSClient,
  url: string,
  options: { wait?: number; max?: number; visibility?: number } = {},
) {
  const { wait = 0, max = 10, visibility } = options;
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      WaitTimeSeconds: wait,
      MaxNumberOfMessages: max,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
      ...(visibility !== undefined && { VisibilityTimeout: visibility }),
    }),
  );
  return Messages;
}

/** Everything of one bus that comes from now on. */
export function recordEvents(aws: Aws, bus = "default") {
  const events: unknown[] = [];
  const pattern = { source: [{ prefix: "" }] };
  aws.events.addRule({ name: "record", bus, pattern, target: async (event) => void events.push(event) });
  return events;
}
