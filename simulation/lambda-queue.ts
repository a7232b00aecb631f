import type { SQSBatchResponse } from "aws-lambda";
import type { LogRecord } from "#handlers/door.ts";
import type { Ending } from "./instances.ts";
import type { Invocation, Lambda } from "./lambda.ts";
import { createQueue, type Message, type SimulatedQueue } from "./queue.ts";
import type { World } from "./world.ts";
import { accountId } from "./world-tenants.ts";

/** What is sent to a queue. */
export interface Sent {
  readonly text: string;
  readonly senderId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

interface Options<Body extends Sent> {
  readonly name: string;
  readonly timeoutMs: number;
  readonly handler: Invocation<SQSBatchResponse>["handler"];
  readonly maxReceives: number;
  readonly batchSize: number;
  readonly maxConcurrency: number;
  readonly logged?: (message: Message<Body> | undefined, text: string, record: LogRecord) => void;
  readonly dead: (message: Message<Body>) => void;
}

/** Longer than the function that takes messages may run. */
const visibilityMs = 90_000;

const recordOf = (name: string, { messageId, receives, body }: Message<Sent>) => ({
  messageId,
  receiptHandle: messageId,
  body: body.text,
  attributes: { ApproximateReceiveCount: String(receives), SenderId: body.senderId },
  messageAttributes: Object.fromEntries(
    Object.entries(body.attributes).map(([key, stringValue]) => [key, { stringValue, dataType: "String" }]),
  ),
  eventSource: "aws:sqs",
  eventSourceARN: `arn:aws:sqs:us-east-1:${accountId}:${name}`,
  awsRegion: "us-east-1",
});

const failedOf = (ending: Ending<SQSBatchResponse>): ReadonlySet<string> | "all" =>
  ending.verdict === "returned"
    ? new Set(ending.value.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier))
    : "all";

/** A queue that feeds a function in batches: what the function answers for is deleted, the rest comes again. */
export const createLambdaQueue = <Body extends Sent>(
  { scheduler, random, profile, stormy, tell }: World,
  lambda: Lambda,
  options: Options<Body>,
): SimulatedQueue<Body> => {
  const settle = (batch: readonly Message<Body>[], ending: Ending<SQSBatchResponse>): void => {
    const failed = failedOf(ending);
    for (const message of batch) {
      if (failed !== "all" && !failed.has(message.messageId)) queue.delete(message);
      else if (ending.verdict === "died") message.failures.push("the instance died");
      else if (ending.verdict === "threw") message.failures.push(String(ending.error));
    }
  };
  const queue: SimulatedQueue<Body> = createQueue<Body>({
    ...{ scheduler, random, visibilityMs },
    ...options,
    twice: () => (stormy() ? profile.deliveredTwice : 0),
    work: (batch, done) => {
      const byId = (messageId: unknown) => batch.find((message) => message.messageId === messageId);
      tell(options.name, `hands out ${batch.map(({ messageId }) => messageId).join(", ")}`);
      lambda.invoke<SQSBatchResponse>({
        ...options,
        event: { Records: batch.map((message) => recordOf(options.name, message)) },
        later: (receiptHandle, seconds) => {
          const message = byId(receiptHandle);
          if (message !== undefined) queue.later(message, seconds * 1000);
        },
        logged: (text, record) => {
          const message = byId(record["messageId"]);
          if (text === "returned to the queue") message?.failures.push(String(record["code"] ?? record["error"]));
          options.logged?.(message, text, record);
        },
        ended: (ending) => {
          settle(batch, ending);
          done();
        },
      });
    },
  });
  return queue;
};
