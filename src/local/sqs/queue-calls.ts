import { type AwsService, localAccountId } from "#local/aws-service.ts";

interface SentMessage {
  /** The ARN or the URL of the queue. */
  readonly queue: string;
  readonly body: string;
  readonly messageGroupId?: string;
  /** Becomes the `SenderId` of the message. */
  readonly principal?: string;
}

export interface QueueCalls {
  /** A queue that is there already gets these attributes. */
  createQueue(name: string, attributes?: Readonly<Record<string, string>>): Promise<{ url: string; arn: string }>;
  sendMessage(message: SentMessage): Promise<{ messageId: string }>;
}

interface SqsCall {
  readonly region: string;
  readonly action: string;
  readonly input: object;
  readonly principal?: string;
}

interface FailedCall extends Error {
  readonly type: string;
}

/** One call through the service, so with its checks and errors. */
export async function callSqs(sqs: Pick<AwsService, "handle">, call: SqsCall): Promise<Record<string, unknown>> {
  const { region, action, input, principal = localAccountId } = call;
  const { status, body } = await sqs.handle({
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${action}` },
    body: Buffer.from(JSON.stringify(input)),
    principal,
    region,
  });
  const answer = JSON.parse(String(body) || "{}");
  if (status === 200) return answer;
  const error = new Error(`${action} failed: ${answer.message ?? answer.Message ?? String(body)}`);
  throw Object.assign(error, { type: String(answer.__type) }) satisfies FailedCall;
}

const queueExists = (error: unknown): boolean =>
  error instanceof Error && "type" in error && String(error.type).endsWith("QueueNameExists");

/** The calls to SQS that this process makes itself. */
export function createQueueCalls(sqs: AwsService, region: string): QueueCalls {
  return {
    createQueue: async (name, attributes = {}) => {
      const arn = `arn:aws:sqs:${region}:${localAccountId}:${name}`;
      const call = (action: string, input: object) => callSqs(sqs, { region, action, input });
      const made = await call("CreateQueue", { QueueName: name, Attributes: attributes }).catch(
        async (error: unknown) => {
          if (!queueExists(error)) throw error;
          await call("SetQueueAttributes", { QueueUrl: name, Attributes: attributes });
          return call("GetQueueUrl", { QueueName: name });
        },
      );
      return { url: String(made["QueueUrl"]), arn };
    },
    sendMessage: async ({ queue, body, messageGroupId, principal }) => {
      // The service finds a queue by the last part of its URL.
      const input = { QueueUrl: queue.split(/[:/]/).at(-1), MessageBody: body, MessageGroupId: messageGroupId };
      const call = { region, action: "SendMessage", input, ...(principal !== undefined && { principal }) };
      const { MessageId: messageId } = await callSqs(sqs, call);
      return { messageId: String(messageId) };
    },
  };
}
