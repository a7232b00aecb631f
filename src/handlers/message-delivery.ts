import type { SQSRecord } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import type { JobRequest } from "#domain/request/job-request.ts";
import { type Parsed, parseJobRequestText } from "#domain/request/job-request.ts";
import { taskTokenOf } from "#domain/request/notify.ts";
import type { RequestKey } from "#domain/request/request-key.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { proveTenant, subjectOf } from "#domain/tenant/prove-tenant.ts";
import type { Envelope } from "#domain/tenant/tenant.ts";
import type { Proof } from "#domain/tenant/tenant-setup.ts";
import { type Arrival, busEventOf, type Intake, ignored, intakeOfEvent, isFields } from "./event-delivery.ts";
import { originOf, principalOf } from "./message-origin.ts";
import { type OutsideRequestId, outsideRequestId, withFault } from "./request-id.ts";
import { intakeOfNotification } from "./s3-notification.ts";
import { isUnreadable, unreadable, wantedAt } from "./unreadable.ts";

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

const requestIdAttribute = ["messageAttributes", "requestId"];

const fromSns = async (
  arrival: Arrival,
  message: Message,
  envelope: Readonly<Record<string, unknown>>,
): Promise<Intake> => {
  const { Message: body, MessageId: id, MessageAttributes: attributes } = envelope;
  const faults = [
    ...(typeof body === "string" ? [] : [wantedAt(["Message"], "text")]),
    ...(typeof id === "string" ? [] : [wantedAt(["MessageId"], "the id that SNS gave it")]),
  ];
  if (typeof body !== "string" || typeof id !== "string") throw unreadable("SNS notification", faults);
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
  if (kind === "s3") return await intakeOfNotification(arrival, envelope["Records"]);
  if (kind === "sns") return await fromSns(arrival, message, envelope);
  const event = busEventOf(document);
  if (event === undefined) throw new Error("Cannot read the EventBridge event, this is a bug");
  return await intakeOfEvent(arrival, event);
};

/** A delivery that refuses the message in the name of who sent it, where that is a tenant. */
const refusedInName = async (
  arrival: Arrival,
  message: Message,
  error: ServiceError,
): Promise<Delivery | undefined> => {
  try {
    return await requestDelivery(arrival, message, { parsed: { verdict: "refused", error } });
  } catch (failure) {
    if (failure instanceof ServiceError && failure.code === "ERR_TENANT_UNKNOWN") return undefined;
    throw failure;
  }
};

/** What stands in the message. What cannot be read now cannot be read later: a tenant that sent it is told. */
const intakeOrRefusal = async (arrival: Arrival, message: Message): Promise<Intake> => {
  const intake = await intakeOfMessage(arrival, message).catch((failure: unknown): Intake => {
    return { verdict: "deliveries", deliveries: [], failure };
  });
  if (intake.verdict === "ignored" || !isUnreadable(intake.failure)) return intake;
  const refused = await refusedInName(arrival, message, intake.failure);
  return refused === undefined ? intake : { verdict: "deliveries", deliveries: [...intake.deliveries, refused] };
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
  return await intakeOrRefusal(
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
