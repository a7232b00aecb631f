import { jsonError } from "#local/aws-errors.ts";
import type { AwsRequest, AwsResponse } from "#local/aws-service.ts";

interface MessageInput {
  readonly MessageBody?: unknown;
  readonly MessageAttributes?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface SqsInput extends MessageInput {
  readonly QueueUrl?: unknown;
  readonly Entries?: readonly MessageInput[];
  readonly AttributeNames?: readonly string[];
  readonly MessageSystemAttributeNames?: readonly string[];
}

/** Of a message and of a batch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxBytes = 1_048_576;

/** What local-aws-sqs does not do to a request: sizes in bytes (it counts characters) and MessageSystemAttributeNames. */
export function prepareRequest(
  request: AwsRequest,
  maxMessageSize: (queueName: string) => number | undefined,
): AwsRequest | AwsResponse {
  const action = request.headers["x-amz-target"]?.split(".")[1];
  if (action === undefined) return request;
  const input = parse(request.body);
  if (!input)
    return jsonError("com.amazon.coral.service#SerializationException", "The request body is not a JSON object.");
  const queueName =
    String(input.QueueUrl ?? "")
      .split("/")
      .at(-1) ?? "";
  const fault = sizeFault(action, input, maxMessageSize(queueName) ?? maxBytes);
  if (fault) return fault;
  if (action !== "ReceiveMessage" || !input.MessageSystemAttributeNames) return request;
  const names = new Set([...(input.AttributeNames ?? []), ...input.MessageSystemAttributeNames]);
  return { ...request, body: Buffer.from(JSON.stringify({ ...input, AttributeNames: [...names] })) };
}

function parse(body: Buffer): SqsInput | undefined {
  try {
    const input: unknown = JSON.parse(body.toString() || "{}");
    return typeof input === "object" && input !== null && !Array.isArray(input) ? input : undefined;
  } catch {
    return undefined;
  }
}

function sizeFault(action: string, input: SqsInput, maxMessageSize: number): AwsResponse | undefined {
  if (action === "SendMessage" && sizeOf(input) > maxMessageSize) {
    const message = `One or more parameters are invalid. Reason: Message must be shorter than ${maxMessageSize} bytes.`;
    return jsonError("com.amazonaws.sqs#InvalidParameterValueException", message);
  }
  if (action === "SendMessageBatch" && Array.isArray(input.Entries)) {
    const size = input.Entries.reduce((sum, entry) => sum + sizeOf(entry), 0);
    const message = `Batch requests cannot be longer than ${maxBytes} bytes. You have sent ${size} bytes.`;
    if (size > maxBytes) return jsonError("com.amazonaws.sqs#BatchRequestTooLong", message);
  }
  return undefined;
}

/** A message is its body and the name, type and value of each attribute. */
function sizeOf({ MessageBody: body, MessageAttributes: attributes }: MessageInput): number {
  let size = Buffer.byteLength(String(body ?? ""));
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes ?? {})) {
    size +=
      Buffer.byteLength(name) +
      Buffer.byteLength(String(DataType ?? "")) +
      Buffer.byteLength(String(StringValue ?? ""));
    size += Buffer.byteLength(String(BinaryValue ?? ""), "base64");
  }
  return size;
}
