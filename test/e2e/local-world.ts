import { EMRServerlessClient, ListJobRunsCommand } from "@aws-sdk/client-emr-serverless";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { localAccountId } from "#local/aws-service.ts";
import type { AwsEvent } from "#local/events/event.ts";
import { type Local, type LocalOptions, startLocal } from "#local/runtime/start.ts";

/** The whole of Sluice on free ports, the SDK clients of a principal, and every event that Sluice published. */
export interface World {
  readonly local: Local;
  as(principal: string): { sqs: SQSClient; s3: S3Client; emr: EMRServerlessClient; events: EventBridgeClient };
  request(
    method: string,
    path: string,
    tenant: string | undefined,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>;
  /** Resolves with the first event of ours that fits, whether it came before or comes later. */
  published(fits: (event: AwsEvent) => boolean): Promise<AwsEvent>;
  readonly all: readonly AwsEvent[];
  queueUrl(name: string): string;
  /** The job runs whose name ends with a submission id. */
  jobRunsOf(applicationId: string, submissionId: string): Promise<string[]>;
  receive(queue: string): Promise<string[]>;
  /** Messages of a queue, those that a receive hides among them. */
  waitingIn(queue: string): Promise<number>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export const startWorld = async (options: Partial<LocalOptions> = {}): Promise<World> => {
  const local = await startLocal({ directory: process.cwd(), port: 0, awsPort: 0, logLevel: "FATAL", ...options });
  const all: AwsEvent[] = [];
  const waiting = new Set<() => void>();
  local.aws.events.addRule({
    name: "test-published",
    bus: "sluice",
    pattern: { source: ["sluice"] },
    target: async (event) => {
      all.push(event);
      for (const look of waiting) look();
    },
  });
  const as = (principal: string) => {
    const credentials = { accessKeyId: principal, secretAccessKey: "local" };
    const config = { endpoint: local.awsUrl, region: local.aws.region, credentials };
    return {
      sqs: new SQSClient(config),
      s3: new S3Client({ ...config, forcePathStyle: true }),
      emr: new EMRServerlessClient(config),
      events: new EventBridgeClient(config),
    };
  };
  const queueUrl = (name: string): string => `${local.awsUrl}/${localAccountId}/${name}`;
  return {
    local,
    all,
    as,
    queueUrl,
    request: async (method, path, tenant, body, headers = {}) => {
      const response = await fetch(`${local.apiUrl}${path}`, {
        method,
        headers: {
          ...(tenant !== undefined && { authorization: `Bearer dev:${tenant}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const answer: Record<string, unknown> = JSON.parse(await response.text());
      return { status: response.status, headers: response.headers, body: answer };
    },
    published: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = all.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
    jobRunsOf: async (applicationId, submissionId) => {
      const { jobRuns = [] } = await as("operator").emr.send(new ListJobRunsCommand({ applicationId }));
      return jobRuns.filter(({ name }) => name?.endsWith(`.${submissionId}`)).map(({ id }) => id ?? "");
    },
    receive: async (queue) => {
      const receive = new ReceiveMessageCommand({
        QueueUrl: queueUrl(queue),
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 5,
      });
      const { Messages: messages = [] } = await as("operator").sqs.send(receive);
      return messages.map(({ Body: text = "" }) => text);
    },
    waitingIn: async (queue) => {
      const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
      const asked = { QueueUrl: queueUrl(queue), AttributeNames: [...AttributeNames] };
      const { Attributes: counts = {} } = await as("operator").sqs.send(new GetQueueAttributesCommand(asked));
      return AttributeNames.reduce((sum, name) => sum + Number(counts[name]), 0);
    },
  };
};

export const dataOf = ({ detail }: AwsEvent): Record<string, unknown> => detail["data"] as Record<string, unknown>;

/** The end of a submission. */
export const endOf =
  (submissionId: unknown) =>
  ({ detail }: AwsEvent): boolean =>
    detail["subject"] === submissionId;
