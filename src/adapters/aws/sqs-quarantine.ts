import { type MessageAttributeValue, SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import type { SQSMessageAttribute, SQSRecord } from "aws-lambda";

/** Sends a message again, with more attributes of a text each: these stand in place of its own of the same name. */
export type Keep = (record: SQSRecord, added: Readonly<Record<string, string>>) => Promise<void>;

/** Amazon SQS Developer Guide, "Amazon SQS message metadata". */
const mostAttributes = 10;

const sentAgain = ({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue => ({
  DataType: dataType,
  ...(stringValue !== undefined && { StringValue: stringValue }),
  ...(binaryValue !== undefined && { BinaryValue: Buffer.from(binaryValue, "base64") }),
});

/** As many of a message's own as there is room for. `requestId` comes first: it says what would be a repeat. */
const attributesOf = ({ messageAttributes }: SQSRecord, added: Readonly<Record<string, string>>) => {
  const texts = Object.entries(added).map(([name, text]) => [name, { DataType: "String", StringValue: text }] as const);
  const own = Object.entries(messageAttributes ?? {})
    .filter(([name]) => !Object.hasOwn(added, name))
    .toSorted(([one], [other]) => Number(other === "requestId") - Number(one === "requestId"))
    .slice(0, mostAttributes - texts.length)
    .map(([name, attribute]) => [name, sentAgain(attribute)] as const);
  return Object.fromEntries<MessageAttributeValue>([...own, ...texts]);
};

/** The quarantine queue is a standard queue: it takes messages of any queue, and keeps no order. */
export const openQuarantine = (config: SQSClientConfig, queueUrl: string): Keep => {
  const client = new SQSClient(config);
  return async (record, added) => {
    const command = new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: record.body,
      MessageAttributes: attributesOf(record, added),
    });
    await client.send(command);
  };
};
