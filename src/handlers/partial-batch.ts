import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

/** Whether a record's queue keeps order. A standard queue may carry MessageGroupId too (fair queues): the name decides. */
export const isFifo = ({ eventSourceARN }: SQSRecord): boolean => eventSourceARN.endsWith(".fifo");

/** Records that are settled together: StartJobRun is paced anyway, and ten keep the connections few. */
const together = 10;

/**
 * Records in lanes that are worked through one after the other: a message group of a FIFO queue is one lane, so that
 * nothing overtakes a failed message of its group; a standard queue's records are a lane each.
 */
const lanesOf = (records: readonly SQSRecord[]): SQSRecord[][] => {
  const lanes = new Map<string, SQSRecord[]>();
  for (const record of records) {
    const lane = isFifo(record) ? `group ${record.attributes.MessageGroupId}` : `message ${record.messageId}`;
    lanes.set(lane, [...(lanes.get(lane) ?? []), record]);
  }
  return [...lanes.values()];
};

/** A record that failed, and those behind it in its FIFO group, which come again with it, untouched. */
export interface Failure {
  readonly record: SQSRecord;
  readonly behind: readonly SQSRecord[];
  readonly error: unknown;
}

/** What became of one record: nothing is left to do, or it has to come again. */
export type Settled = { readonly verdict: "settled" } | { readonly verdict: "failed"; readonly error: unknown };

/**
 * Settles the first records of up to ten lanes together, then the next ones, and answers with the ids of those that must
 * come again. In a FIFO group the records behind a failed one come again with it, untouched.
 */
export const settleBatch = async (
  records: readonly SQSRecord[],
  settle: (heads: readonly SQSRecord[]) => Promise<readonly Settled[]>,
  failed: (failure: Failure) => Promise<void> | void,
): Promise<SQSBatchResponse> => {
  const lanes = lanesOf(records);
  const failures: string[] = [];
  while (lanes.length > 0) {
    const round = lanes.splice(0, together).map(([record, ...behind]) => ({ record, behind }));
    const heads = round.flatMap(({ record }) => (record === undefined ? [] : [record]));
    const settled = await settle(heads);
    const failing: (Promise<void> | void)[] = [];
    for (const [index, { record, behind }] of round.entries()) {
      const result = settled[index];
      if (record === undefined || result === undefined) throw new Error("A record was not settled, this is a bug");
      if (result.verdict === "settled") {
        if (behind.length > 0) lanes.push(behind);
        continue;
      }
      failures.push(...[record, ...behind].map(({ messageId }) => messageId));
      failing.push(failed({ record, behind, error: result.error }));
    }
    await Promise.all(failing);
  }
  return { batchItemFailures: failures.map((itemIdentifier) => ({ itemIdentifier })) };
};

const isSqsRecord = (record: unknown): record is SQSRecord =>
  typeof record === "object" &&
  record !== null &&
  "eventSource" in record &&
  record.eventSource === "aws:sqs" &&
  ["messageId", "body", "eventSourceARN"].every((name) => typeof Reflect.get(record, name) === "string");

/** Whether an event is a batch of SQS messages. */
export const isSqsBatch = (event: unknown): event is { readonly Records: readonly SQSRecord[] } => {
  const records: unknown =
    typeof event === "object" && event !== null && "Records" in event ? event.Records : undefined;
  return Array.isArray(records) && records.every(isSqsRecord);
};

/** The records of an SQS event. Anything else throws: an empty answer would say that all went well. */
export const sqsRecordsOf = (event: unknown): readonly SQSRecord[] => {
  if (isSqsBatch(event)) return event.Records;
  throw new Error("Cannot read the event: it is not a batch of SQS messages");
};
