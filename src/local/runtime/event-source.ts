import { setTimeout as pause } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { SQSBatchResponse, SQSMessageAttributes, SQSRecord } from "aws-lambda";
import type { Invoke } from "./lambda.ts";

export interface EventSource {
  /** Stops polling and waits for the batches under way. */
  end(): Promise<void>;
}

interface MappedQueue {
  readonly url: string;
  readonly arn: string;
}

/** Batches worked on at once, as the mapping's MaximumConcurrency in serverless.yml has it for its least. */
const pollers = 2;

const attributesOf = (attributes: Readonly<Record<string, MessageAttributeValue>> | undefined): SQSMessageAttributes =>
  Object.fromEntries(
    Object.entries(attributes ?? {}).map(([name, { StringValue, BinaryValue, DataType = "String" }]) => [
      name,
      {
        dataType: DataType as SQSMessageAttributes[string]["dataType"],
        stringListValues: [],
        binaryListValues: [],
        ...(StringValue !== undefined && { stringValue: StringValue }),
        ...(BinaryValue !== undefined && { binaryValue: Buffer.from(BinaryValue).toString("base64") }),
      },
    ]),
  );

/** A message as Lambda hands it to a function. */
const recordOf = (message: Message, { arn }: MappedQueue): SQSRecord => ({
  messageId: message.MessageId ?? "",
  receiptHandle: message.ReceiptHandle ?? "",
  body: message.Body ?? "",
  attributes: { ...(message.Attributes as unknown as SQSRecord["attributes"]) },
  messageAttributes: attributesOf(message.MessageAttributes),
  md5OfBody: message.MD5OfBody ?? "",
  eventSource: "aws:sqs",
  eventSourceARN: arn,
  awsRegion: arn.split(":")[3] ?? "",
});

/** The messages that the answer does not keep: all but the failed ones; a thrown error or a foreign id keeps all. */
const settled = (batch: readonly Message[], answer: SQSBatchResponse | null): readonly Message[] => {
  const failed = new Set((answer?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(batch.map(({ MessageId }) => MessageId));
  return [...failed].every((id) => known.has(id)) ? batch.filter(({ MessageId }) => !failed.has(MessageId ?? "")) : [];
};

/**
 * Lambda's event source mapping for one queue: long polls, batches of up to ten, ReportBatchItemFailures. What failed
 * becomes visible again by the queue's own timeout, and ends in its dead-letter queue by its redrive policy.
 */
export const startEventSource = (client: SQSClient, queue: MappedQueue, invoke: Invoke): EventSource => {
  const stop = new AbortController();

  const takeBatch = async (): Promise<void> => {
    const receive = new ReceiveMessageCommand({
      QueueUrl: queue.url,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
      MessageAttributeNames: ["All"],
      MessageSystemAttributeNames: ["All"],
    });
    const { Messages: batch = [] } = await client.send(receive, { abortSignal: stop.signal });
    if (batch.length === 0) return;
    const answer = await invoke({ Records: batch.map((message) => recordOf(message, queue)) });
    const done = settled(batch, answer as SQSBatchResponse | null);
    if (done.length === 0) return;
    const Entries = done.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: queue.url, Entries }));
  };

  const poll = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        await takeBatch();
      } catch (error) {
        if (stop.signal.aborted) return;
        console.error(`Batch of ${queue.arn} failed, its messages come again:`, error);
        // A queue or function that keeps failing must not spin the process.
        await pause(500, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
  };

  const polling = Array.from({ length: pollers }, poll);
  return {
    end: async () => {
      stop.abort();
      await Promise.all(polling);
    },
  };
};
