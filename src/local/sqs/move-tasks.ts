import { randomUUID } from "node:crypto";
import type { MessageStore } from "./messages.ts";
import type { QueueSurroundings } from "./queue-overrides.ts";

interface MoveRequest {
  readonly SourceArn: string;
  readonly DestinationArn?: string;
}

interface MoveTask extends MoveRequest {
  readonly Status: "COMPLETED" | "FAILED";
  readonly StartedTimestamp: number;
  readonly ApproximateNumberOfMessagesMoved: number;
  readonly ApproximateNumberOfMessagesToMove: number;
  readonly FailureReason?: string;
}

/**
 * Redrives of a dead-letter queue, done at once. A redriven message is a new one, with a new id and a new enqueue time:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
 */
export function createMoveTasks(
  around: QueueSurroundings & { readonly store: MessageStore; readonly queueName: string },
) {
  const tasks: MoveTask[] = [];

  function move(request: MoveRequest): MoveTask {
    const messages = around.store.takeVisible();
    let moved = 0;
    for (const message of messages) {
      const { DeadLetterQueueSourceArn: source, ...attributes } = message.record.attributes;
      const target = around.storeOf(request.DestinationArn ?? source ?? "");
      if (!target) {
        around.store.restore(message);
        continue;
      }
      const fresh = {
        ApproximateReceiveCount: "0",
        ApproximateFirstReceiveTimestamp: "",
        SentTimestamp: String(around.now()),
      };
      target.add({ ...message.record, MessageId: randomUUID(), attributes: { ...attributes, ...fresh } }, 0);
      moved += 1;
    }
    around.waiters.wakeAll();
    const failed = moved < messages.length;
    return {
      ...request,
      Status: failed ? "FAILED" : "COMPLETED",
      StartedTimestamp: around.now(),
      ApproximateNumberOfMessagesMoved: moved,
      ApproximateNumberOfMessagesToMove: messages.length,
      ...(failed && { FailureReason: "CouldNotDetermineMessageSource" }),
    };
  }

  return {
    start: (request: MoveRequest): string => {
      tasks.unshift(move(request));
      return Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn: request.SourceArn })).toString("base64");
    },
    list: (max: number): MoveTask[] => tasks.slice(0, max),
  };
}
