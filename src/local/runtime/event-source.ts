import { setTimeout as pause } from "node:timers/promises";
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { SQSBatchResponse } from "aws-lambda";
import { recordOf } from "#adapters/aws/sqs-record.ts";
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
    const answer = await invoke({ Records: batch.map((message) => recordOf(message, queue.arn)) });
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
