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
  createQueue(name: string, attributes?: Readonly<Record<string, string>>): Promise<{ url: string; arn: string }>;
  sendMessage(message: SentMessage): Promise<{ messageId: string }>;
}

/** The calls to SQS that this process makes itself: through the service, so with its checks and errors. */
export function createQueueCalls(sqs: AwsService, region: string): QueueCalls {
  async function call(action: string, input: object, principal: string): Promise<Record<string, unknown>> {
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
    if (status !== 200) throw new Error(`${action} failed: ${answer.message ?? answer.Message ?? String(body)}`);
    return answer;
  }

  return {
    createQueue: async (name, attributes = {}) => {
      const { QueueUrl: url } = await call("CreateQueue", { QueueName: name, Attributes: attributes }, localAccountId);
      return { url: String(url), arn: `arn:aws:sqs:${region}:${localAccountId}:${name}` };
    },
    sendMessage: async ({ queue, body, messageGroupId, principal = localAccountId }) => {
      // The service finds a queue by the last part of its URL.
      const input = { QueueUrl: queue.split(/[:/]/).at(-1), MessageBody: body, MessageGroupId: messageGroupId };
      const { MessageId: messageId } = await call("SendMessage", input, principal);
      return { messageId: String(messageId) };
    },
  };
}
