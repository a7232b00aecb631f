import type { SQSRecord } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import { type Parsed, parseJobRequestText } from "#domain/request/job-request.ts";
import { taskTokenOf } from "#domain/request/notify.ts";
import type { RequestKey } from "#domain/request/request-key.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { type ObjectRef, proveTenant, subjectOf } from "#domain/tenant/prove-tenant.ts";
import type { Envelope } from "#domain/tenant/tenant.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import {
  type Arrival,
  busEventOf,
  type Intake,
  ignored,
  intakeOfEvent,
  isFields,
  objectDelivery,
  objectVersion,
} from "./event-delivery.ts";
import { originOf, principalOf } from "./message-origin.ts";
import { type OutsideRequestId, outsideRequestId, withFault } from "./request-id.ts";

/** A message on its way through its envelopes. */
interface Message {
  readonly body: string;
  /** Envelopes that the queue is configured for: any other could be forged by whoever may send to it. */
  readonly allowed: readonly Envelope[];
  readonly outside: OutsideRequestId;
  readonly fallback: RequestKey;
  /** Proofs of who sent it: the queue's own tenant, the sender's principal. */
  readonly senders: readonly Proof[];
}

export const senderProof = (senderId: string): Proof => `caller#sender:${principalOf(senderId)}`;

type Kind = Envelope | "job request" | "test";

const kindOf = (document: unknown): Kind => {
  if (!isFields(document)) return "job request";
  if (document["Event"] === "s3:TestEvent" && document["Service"] === "Amazon S3") return "test";
  const { Records: records } = document;
  if (Array.isArray(records) && isFields(records[0]) && records[0]["eventSource"] === "aws:s3") return "s3";
  if (document["Type"] === "Notification" && typeof document["TopicArn"] === "string") return "sns";
  return busEventOf(document) === undefined ? "job request" : "eventbridge";
};

const parsedJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    // Not JSON: parseJobRequestText says so with its place, as a fault of a job request.
    return undefined;
  }
};

/** The delivery of a job request that lies in the message itself, or of what stands in its place. */
const requestDelivery = async (
  arrival: Arrival,
  message: Message,
  { parsed, document }: { readonly parsed: Parsed<JobRequest>; readonly document?: unknown },
): Promise<Delivery> => {
  const { setup, proof } = await proveTenant(arrival.services.tenants, message.senders);
  const { outside, fallback, body } = message;
  return {
    setup,
    door: arrival.door,
    caller: subjectOf(proof),
    parsed: withFault(parsed, outside),
    text: body,
    taskToken: taskTokenOf(document),
    requestId: outside.requestId,
    fallback,
  };
};

const one = (delivery: Delivery): Intake => ({ verdict: "deliveries", deliveries: [delivery] });

const decodedKey = (key: string): string => {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    throw new Error("Cannot read the S3 notification: the object key is not form-encoded");
  }
};

const isCreation = ({ eventSource, eventName }: Readonly<Record<string, unknown>>): boolean =>
  eventSource === "aws:s3" && typeof eventName === "string" && /^(s3:)?ObjectCreated:/.test(eventName);

/** The object of one record of an S3 notification. Keys are form-encoded here; those of EventBridge events are not. */
const objectOfRecord = (record: unknown): ObjectRef | undefined => {
  if (!isFields(record) || !isCreation(record)) return undefined;
  const s3 = isFields(record["s3"]) ? record["s3"] : {};
  const bucket = isFields(s3["bucket"]) ? s3["bucket"]["name"] : undefined;
  const object = isFields(s3["object"]) ? s3["object"] : {};
  const version = objectVersion(object["versionId"], object["sequencer"]);
  if (typeof bucket !== "string" || typeof object["key"] !== "string" || version === undefined) {
    throw new Error("Cannot read the S3 notification: bucket name, key and version id or sequencer are wanted");
  }
  return { bucket, key: decodedKey(object["key"]), version };
};

/** What to throw for the records that could not be read: the one error, or all of them under a message that counts. */
const failureOf = (errors: readonly unknown[], records: number): unknown => {
  const [first] = errors;
  if (errors.length === 1) return first;
  const reason = first instanceof Error ? first.message : "unknown reasons";
  return new AggregateError(
    errors,
    `Cannot take ${errors.length} of ${records} records of the S3 notification: ${reason}`,
  );
};

/** Every object of a notification on its own: one that nobody can read, or tell the tenant of, holds up no other. */
const fromS3 = async (arrival: Arrival, records: unknown): Promise<Intake> => {
  const deliveries: Delivery[] = [];
  const errors: unknown[] = [];
  const listed: unknown[] = Array.isArray(records) ? records : [];
  for (const record of listed) {
    try {
      const object = objectOfRecord(record);
      const delivery = object === undefined ? undefined : await objectDelivery(arrival, object);
      if (delivery !== undefined) deliveries.push(delivery);
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 0 && deliveries.length === 0) return ignored("no tenant has a trigger for these objects");
  if (errors.length === 0) return { verdict: "deliveries", deliveries };
  const failure = failureOf(errors, listed.length);
  if (deliveries.length === 0) throw failure;
  return { verdict: "deliveries", deliveries, failure };
};

const requestIdAttribute = ["messageAttributes", "requestId"];

const fromSns = async (
  arrival: Arrival,
  message: Message,
  envelope: Readonly<Record<string, unknown>>,
): Promise<Intake> => {
  const { Message: body, MessageId: id, MessageAttributes: attributes } = envelope;
  if (typeof body !== "string" || typeof id !== "string")
    throw new Error("Cannot read the SNS notification: Message and MessageId are wanted");
  const attribute =
    isFields(attributes) && isFields(attributes["requestId"]) ? attributes["requestId"]["Value"] : undefined;
  const outside = outsideRequestId(requestIdAttribute, typeof attribute === "string" ? attribute : undefined);
  const allowed = message.allowed.filter((kind) => kind !== "sns");
  return await intakeOfMessage(arrival, { ...message, body, allowed, outside, fallback: { kind: "enclosed", id } });
};

/** An envelope on a queue that is not configured for it: refused in the sender's name, if the sender is known. */
const forgeable = async (arrival: Arrival, message: Message, kind: Envelope): Promise<Intake> => {
  const configured = message.allowed.join(", ") || "job requests only";
  const text = `Cannot take the message: its body is an envelope of kind "${kind}", and the queue is configured for ${configured}`;
  const fault = { pointer: "", message: `must not be an envelope of kind "${kind}" on this queue (${configured})` };
  const error = new ServiceError("ERR_ENVELOPE_NOT_ALLOWED", text, { faults: [fault] });
  return one(await requestDelivery(arrival, message, { parsed: { verdict: "refused", error } }));
};

const intakeOfMessage = async (arrival: Arrival, message: Message): Promise<Intake> => {
  const document = parsedJson(message.body);
  const kind = kindOf(document);
  if (kind === "test") return ignored("S3 test event");
  if (kind === "job request") {
    const bytes = Buffer.byteLength(message.body);
    return one(await requestDelivery(arrival, message, { parsed: parseJobRequestText(message.body, bytes), document }));
  }
  if (!message.allowed.includes(kind)) return await forgeable(arrival, message, kind);
  const envelope = isFields(document) ? document : {};
  if (kind === "s3") return await fromS3(arrival, envelope["Records"]);
  if (kind === "sns") return await fromSns(arrival, message, envelope);
  const event = busEventOf(document);
  if (event === undefined) throw new Error("Cannot read the EventBridge event, this is a bug");
  return await intakeOfEvent(arrival, event);
};

export interface QueueContext {
  readonly services: Arrival["services"];
  readonly accountId: string;
  /** Kinds of envelopes that the configuration allows on queues which are not one tenant's own. */
  readonly envelopeQueues: Readonly<Record<string, readonly Envelope[]>>;
  /** Principals that put messages back, and are believed in what these were before. */
  readonly operatorSenders?: readonly string[] | undefined;
}

/** What an SQS message asks for. The tenant comes from the queue or from the sender, never from the body. */
export const intakeOfRecord = async (context: QueueContext, record: SQSRecord): Promise<Intake> => {
  const { services, accountId, envelopeQueues, operatorSenders = [] } = context;
  const arn = record.eventSourceARN;
  const [owner] = await services.tenants.provedBy(`queue#${arn}`);
  const own: Proof[] = owner === undefined ? [] : [`queue#${arn}`];
  const allowed = owner?.tenant.queues.find((queue) => queue.arn === arn)?.envelopes ?? envelopeQueues[arn] ?? [];
  const { messageId, senderId } = originOf(record, operatorSenders);
  const senders = [...own, senderProof(senderId)];
  return await intakeOfMessage(
    { services, door: "queue", accountId, proofs: senders },
    {
      body: record.body,
      allowed,
      outside: outsideRequestId(requestIdAttribute, record.messageAttributes?.["requestId"]?.stringValue),
      fallback: { kind: "delivery", id: messageId },
      senders,
    },
  );
};
