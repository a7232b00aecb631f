import { createHash } from "node:crypto";
import type { SQSRecord } from "aws-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openQuarantine } from "#adapters/aws/sqs-quarantine.ts";
import { quarantineAttributes } from "#handlers/quarantine-attributes.ts";
import { localConfig } from "#test/helpers/dynamodb.ts";
import { type FakeAws, startFakeAws } from "#test/helpers/fake-aws.ts";

let sqs: FakeAws;

beforeAll(async () => {
  sqs = await startFakeAws();
});
beforeEach(() => {
  sqs.requests.length = 0;
  sqs.answer(({ body }) => {
    const { MessageBody } = body as { MessageBody: string };
    return { body: { MessageId: "kept", MD5OfMessageBody: createHash("md5").update(MessageBody).digest("hex") } };
  });
});
afterAll(async () => {
  await sqs.end();
});

const queueUrl = "https://sqs.us-east-1.amazonaws.com/123456789012/sluice-quarantine";
const operator = "AROAOPERATOR";

const attribute = (stringValue: string): SQSRecord["messageAttributes"][string] => ({
  stringValue,
  stringListValues: [],
  binaryListValues: [],
  dataType: "String",
});

const recordWith = (messageAttributes: SQSRecord["messageAttributes"], senderId = "AIDASTRANGER"): SQSRecord => ({
  messageId: "m-1",
  receiptHandle: "AQEB",
  body: '{"jobTemplate":"nightly"}',
  attributes: {
    ApproximateReceiveCount: "1",
    SentTimestamp: "1795348800000",
    SenderId: senderId,
    ApproximateFirstReceiveTimestamp: "1795348800001",
  },
  messageAttributes,
  md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
  eventSource: "aws:sqs",
  eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:sluice-submissions",
  awsRegion: "us-east-1",
});

const keep = async (record: SQSRecord, reason = "ERR_TENANT_UNKNOWN: no tenant lists it") => {
  const config = { ...localConfig(sqs.endpoint), useQueueUrlAsEndpoint: false };
  await openQuarantine(config, queueUrl)(record, quarantineAttributes(record, reason, [operator]));
  const { headers, body } = sqs.requests[0]!;
  const { MessageAttributes: attributes, ...rest } = body as {
    MessageAttributes: Readonly<Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>>;
  };
  return { headers, attributes, rest };
};

test("openQuarantine() sends the body, the attributes, what the message was, and why it is there", async () => {
  const bytes = Buffer.from([0, 255]).toString("base64");
  const binary = { dataType: "Binary" as const, binaryValue: bytes, stringListValues: [], binaryListValues: [] };
  const { headers, attributes, rest } = await keep(recordWith({ requestId: attribute("r-1"), bytes: binary }));
  expect(headers).toMatchObject({ "x-amz-target": "AmazonSQS.SendMessage" });
  expect(rest).toEqual({ QueueUrl: queueUrl, MessageBody: '{"jobTemplate":"nightly"}' });
  expect(attributes).toEqual({
    requestId: { DataType: "String", StringValue: "r-1" },
    bytes: { DataType: "Binary", BinaryValue: bytes },
    "sluice-message-id": { DataType: "String", StringValue: "m-1" },
    "sluice-sender-id": { DataType: "String", StringValue: "AIDASTRANGER" },
    "sluice-reason": { DataType: "String", StringValue: "ERR_TENANT_UNKNOWN: no tenant lists it" },
    "sluice-queue-arn": { DataType: "String", StringValue: "arn:aws:sqs:us-east-1:123456789012:sluice-submissions" },
  });
});

test("openQuarantine() sends no more attributes than SQS takes, and the request id before any other", async () => {
  const names = Array.from({ length: 9 }, (_, index) => `own-${index}`);
  const own = Object.fromEntries([...names, "requestId"].map((name) => [name, attribute(name)]));
  const { attributes } = await keep(recordWith(own));
  const added = ["sluice-message-id", "sluice-sender-id", "sluice-reason", "sluice-queue-arn"];
  expect(Object.keys(attributes).toSorted()).toEqual([...names.slice(0, 5), "requestId", ...added].toSorted());
});

test.each([
  ["nobody but an operator", "AIDASTRANGER", "m-1", "AIDASTRANGER"],
  ["an operator", `${operator}:session`, "first", "AIDAVICTIM"],
])("openQuarantine() believes %s in what the message was before", async (_name, sender, messageId, senderId) => {
  const claims = {
    "sluice-message-id": attribute("first"),
    "sluice-sender-id": attribute("AIDAVICTIM"),
    "sluice-reason": attribute("none at all"),
  };
  const { attributes } = await keep(recordWith(claims, sender));
  expect(attributes).toMatchObject({
    "sluice-message-id": { StringValue: messageId },
    "sluice-sender-id": { StringValue: senderId },
    "sluice-reason": { StringValue: "ERR_TENANT_UNKNOWN: no tenant lists it" },
  });
});

test("openQuarantine() cuts the reason, and leaves nothing in it that SQS refuses", async () => {
  const { attributes } = await keep(recordWith({}), `\u0000\uFFFF\uD800\n${"\u{1F600}".repeat(300)}`);
  expect(attributes["sluice-reason"]?.StringValue).toBe(`\uFFFD\uFFFD\uFFFD\n${"\u{1F600}".repeat(246)}`);
});

test("openQuarantine() throws what AWS says: the message has to come again", async () => {
  sqs.answer(() => ({ error: "QueueDoesNotExist", status: 400 }));
  await expect(keep(recordWith({}))).rejects.toMatchObject({ name: "QueueDoesNotExist" });
});
