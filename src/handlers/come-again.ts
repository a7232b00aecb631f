import type { SQSRecord } from "aws-lambda";
import { isPassing, ServiceError } from "#domain/errors.ts";
import type { DoorServices, Redelivery } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import type { Failure } from "./partial-batch.ts";

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
export const comeAgain = async (
  { log, redelivery }: Pick<DoorServices, "log" | "redelivery">,
  door: string,
  failure: Failure,
): Promise<void> => {
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
