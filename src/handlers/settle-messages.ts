import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { isPassing, ServiceError } from "#domain/errors.ts";
import type { DoorServices, Known, Redelivery } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import type { Intake } from "./event-delivery.ts";
import { type Failure, settleBatch } from "./partial-batch.ts";
import { settleIntake } from "./settle-intake.ts";

const leastSeconds = 5;
const mostSeconds = 900;

/** Seconds until a message comes again: twice as long each time, and the upper half of that at random. */
const secondsUntil = ({ record, error }: Failure, { jitter }: Redelivery): number => {
  const received = Number(record.attributes.ApproximateReceiveCount) || 1;
  const most = Math.min(mostSeconds, leastSeconds * 2 ** received);
  const wanted = error instanceof ServiceError ? (error.retryAfterSeconds ?? 0) : 0;
  return Math.round(Math.min(mostSeconds, Math.max(wanted, (most / 2) * (1 + jitter()))));
};

/**
 * Has what passes by itself come again soon, and ever later. A queue's own visibility timeout must be 6 times as long as
 * its function may take, which is no time to wait for a throttled call. Whatever stands behind it in its FIFO group has
 * to be let go with it. Where that fails, the queue's own time counts.
 */
const comeAgain = async ({ log, redelivery }: DoorServices, door: string, failure: Failure): Promise<void> => {
  if (!isPassing(failure.error)) return;
  const seconds = secondsUntil(failure, redelivery);
  const release = async ({ messageId, receiptHandle, eventSourceARN }: SQSRecord): Promise<void> => {
    try {
      await redelivery.later(receiptHandle, eventSourceARN, seconds);
    } catch (error) {
      log.warn("left to the queue's own visibility timeout", { door, messageId, ...errorRecord(error) });
    }
  };
  await Promise.all([failure.record, ...failure.behind].map(release));
};

/** Settles a batch of messages of a door, and answers with the ids of those that come again. */
export const settleMessages = async (
  parts: DoorServices,
  door: "queue" | "events",
  records: readonly SQSRecord[],
  intakeOf: (record: SQSRecord) => Promise<Intake>,
): Promise<SQSBatchResponse> => {
  const settle = async (record: SQSRecord): Promise<void> => {
    const { messageId } = record;
    const known: Known = {};
    try {
      await settleIntake(parts, await intakeOf(record), { door, messageId }, known);
    } catch (error) {
      const level = error instanceof ServiceError ? "warn" : "error";
      const receiveCount = Number(record.attributes.ApproximateReceiveCount);
      parts.log[level]("returned to the queue", { door, messageId, receiveCount, ...known, ...errorRecord(error) });
      throw error;
    }
  };
  return await settleBatch(records, settle, async (failure) => await comeAgain(parts, door, failure));
};
