import { createHash } from "node:crypto";
import { SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { ServiceError } from "#domain/errors.ts";
import type { CloudEvent, PublishedEvent } from "#domain/events/published-event.ts";
import { failureOf, nameOf } from "./aws-failure.ts";
import { isKeyGivenUp, isOfKms } from "./key-state.ts";

/** `refused`: the queue will not take it however often it is sent, for AWS's reason of this name. */
export type Sending = { readonly verdict: "sent" } | { readonly verdict: "refused"; readonly reason: string };

export interface Queues {
  /** Throws what may pass by itself. */
  send(event: PublishedEvent, queueUrl: string): Promise<Sending>;
}

/** At most 128 letters, digits and punctuation (Amazon SQS API Reference, SendMessage, MessageDeduplicationId). */
const deduplicationId = /^[!-~]{1,128}$/;

/**
 * A FIFO queue keeps a submission's events in order, and takes an event that is published again for the same. The group is
 * the submission, so that one whose event nobody can handle holds up no other.
 */
const fifoFields = ({ id, subject }: CloudEvent) => ({
  MessageGroupId: subject,
  MessageDeduplicationId: deduplicationId.test(id) ? id : createHash("sha256").update(id).digest("hex"),
});

const attribute = (text: string) => ({ DataType: "String", StringValue: text });

/** What a consumer can filter by without reading the body; `eventType` is the detail-type that the bus has. */
const attributesOf = ({ detailType, detail: { type, subject, data } }: PublishedEvent) => {
  const tenantId = typeof data === "object" && data !== null && "tenantId" in data ? data.tenantId : undefined;
  return {
    type: attribute(type),
    eventType: attribute(detailType),
    submissionId: attribute(subject),
    ...(typeof tenantId === "string" && { tenantId: attribute(tenantId) }),
  };
};

/**
 * The queue is the tenant's: it may be gone, or it or its key may not let us in. Then the tenant or an operator has to
 * act (Amazon SQS API Reference, SendMessage, "Errors"). A key that lets us in may be off for a time.
 */
const isRefusal = (error: unknown): boolean =>
  /^(QueueDoesNotExist|InvalidAddress|AccessDenied|KmsAccessDenied)/.test(nameOf(error));

const isKnown = (error: unknown): boolean => failureOf(error) !== "other" || isOfKms(error);

/**
 * SQS. The SDK sends to the host of the queue's URL, also where AWS_ENDPOINT_URL says another; only an endpoint in
 * `config` overrules it. So without one a tenant's file decides where its events go, and whoever applies it checks the URL.
 */
export const openSqs = (config: SQSClientConfig, now: () => number): Queues => {
  const client = new SQSClient(config);
  return {
    async send(event, queueUrl) {
      const command = new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(event.detail),
        MessageAttributes: attributesOf(event),
        ...(queueUrl.endsWith(".fifo") && fifoFields(event.detail)),
      });
      try {
        await client.send(command);
        return { verdict: "sent" };
      } catch (error) {
        if (isRefusal(error) || isKeyGivenUp(error, event, now())) return { verdict: "refused", reason: nameOf(error) };
        if (!isKnown(error)) throw error;
        const message = `Cannot send event "${event.detail.id}" to queue ${queueUrl}: SQS does not take it (${nameOf(error)}): try again`;
        throw new ServiceError("ERR_EVENTS_DOWN", message, { cause: error });
      }
    },
  };
};
