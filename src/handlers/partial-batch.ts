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

/**
 * Settles every record on its own and answers with the ids of those that must come again. `settle` throws to have its
 * record delivered again; in a FIFO group the records behind it come again with it, untouched.
 */
export const settleBatch = async (
  records: readonly SQSRecord[],
  settle: (record: SQSRecord) => Promise<void>,
  failed: (record: SQSRecord, error: unknown) => void,
): Promise<SQSBatchResponse> => {
  const lanes = lanesOf(records);
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
      for (const [index, record] of lane.entries()) {
        try {
          await settle(record);
        } catch (error) {
          failed(record, error);
          failures.push(...lane.slice(index).map(({ messageId }) => messageId));
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

/** The records of an SQS event. Anything else throws: an empty answer would say that all went well. */
export const sqsRecordsOf = (event: unknown): readonly SQSRecord[] => {
  const records: unknown =
    typeof event === "object" && event !== null && "Records" in event ? event.Records : undefined;
  if (Array.isArray(records) && records.every(isSqsRecord)) return records;
  throw new Error("Cannot read the event: it is not a batch of SQS messages");
};
