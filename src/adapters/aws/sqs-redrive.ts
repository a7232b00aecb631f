import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SendMessageCommandInput,
  type SQSClient,
} from "@aws-sdk/client-sqs";

/** A dead-letter queue, and the queue that its messages go back to. */
export interface RedriveQueues {
  readonly targetArn: string;
  /** Takes at most so many, and hides them; nothing where nothing is to be seen. */
  receive(most: number): Promise<readonly Message[]>;
  /** The id that the queue gave the message. */
  send(message: Omit<SendMessageCommandInput, "QueueUrl">): Promise<string>;
  remove(receiptHandle: string): Promise<void>;
  /** Shows a message again that was received, in so many seconds. */
  release(receiptHandle: string, seconds: number): Promise<void>;
}

/** Long enough for ten messages at the lowest rate, and short enough for whoever ended the command by force. */
const hiddenSeconds = 900;

/** Above 0 SQS asks all its servers (Amazon SQS Developer Guide, "Amazon SQS short and long polling"). */
const waitSeconds = 2;

export const openRedriveQueues = async (client: SQSClient, from: string, to: string): Promise<RedriveQueues> => {
  const asked = new GetQueueAttributesCommand({ QueueUrl: to, AttributeNames: ["QueueArn"] });
  const { Attributes: attributes } = await client.send(asked);
  const targetArn = attributes?.QueueArn;
  if (targetArn === undefined) throw new Error(`Cannot tell the ARN of queue ${to}`);
  return {
    targetArn,
    receive: async (most) => {
      const receive = new ReceiveMessageCommand({
        QueueUrl: from,
        MaxNumberOfMessages: most,
        VisibilityTimeout: hiddenSeconds,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      });
      const { Messages: messages = [] } = await client.send(receive);
      return messages;
    },
    send: async (message) => {
      const { MessageId: id = "" } = await client.send(new SendMessageCommand({ ...message, QueueUrl: to }));
      return id;
    },
    remove: async (receiptHandle) => {
      await client.send(new DeleteMessageCommand({ QueueUrl: from, ReceiptHandle: receiptHandle }));
    },
    release: async (ReceiptHandle, VisibilityTimeout) => {
      const command = new ChangeMessageVisibilityCommand({ QueueUrl: from, ReceiptHandle, VisibilityTimeout });
      // What cannot be shown now shows itself after `hiddenSeconds`.
      await client.send(command).catch(() => undefined);
    },
  };
};
