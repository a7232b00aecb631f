import type { Message, MessageAttributeValue } from "@aws-sdk/client-sqs";
import type { SQSMessageAttributes, SQSRecord } from "aws-lambda";

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

/** A received message as Lambda hands it to a function. */
export const recordOf = (message: Message, queueArn: string): SQSRecord => ({
  messageId: message.MessageId ?? "",
  receiptHandle: message.ReceiptHandle ?? "",
  body: message.Body ?? "",
  attributes: { ...(message.Attributes as unknown as SQSRecord["attributes"]) },
  messageAttributes: attributesOf(message.MessageAttributes),
  md5OfBody: message.MD5OfBody ?? "",
  eventSource: "aws:sqs",
  eventSourceARN: queueArn,
  awsRegion: queueArn.split(":")[3] ?? "",
});
