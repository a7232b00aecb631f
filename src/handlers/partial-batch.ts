import type { SQSBatchResponse, SQSRecord } from "aws-lambda";

/** Whether a record's queue keeps order. A standard queue may carry MessageGroupId too (fair queues): the name decides. */
export const isFifo = ({ eventSourceARN }: SQSRecord): boolean => eventSourceARN.endsWith(".fifo");

/** Records worked on at once: StartJobRun is paced anyway, and ten keep the connections few. */
const concurrency = 10;

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

/**
 * Settles every record on its own and answers with the ids of those that must come again. `settle` throws to have its
 * record delivered again; in a FIFO group the records behind it come again with it.
 */
export const settleBatch = async (
  records: readonly SQSRecord[],
  settle: (record: SQSRecord) => Promise<void>,
  failed: (failure: Failure) => Promise<void> | void,
): Promise<SQSBatchResponse> => {
  const lanes = lanesOf(records);
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const [index, record] of lane.entries()) {
        try {
          await settle(record);
        } catch (error) {
          const behind = lane.slice(index + 1);
          failures.push(...[record, ...behind].map(({ messageId }) => messageId));
          await failed({ record, behind, error });
          break;
        }
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, lanes.length) }, work));
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
