import middy from "@middy/core";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import type { Services } from "#domain/ports.ts";
import type { DoorConfig, DoorServices } from "./door.ts";
import { type BusEvent, busEventOf, type Intake, intakeOfEvent } from "./event-delivery.ts";
import { loggedErrors } from "./logged-errors.ts";
import { isSqsBatch } from "./partial-batch.ts";
import { queuedEvent } from "./queued-event.ts";
import { settleIntake } from "./settle-intake.ts";
import { settleMessages } from "./settle-messages.ts";

/**
 * The messages of a batch from the queue that the rules feed. An event's account and source prove its tenant, and whoever
 * may send to another queue could write them: so no other queue is believed.
 */
const believedRecords = (records: readonly SQSRecord[], { eventsQueueArn }: DoorConfig): readonly SQSRecord[] => {
  const other = records.find(({ eventSourceARN }) => eventSourceARN !== eventsQueueArn);
  if (other === undefined) return records;
  const wanted =
    eventsQueueArn === undefined ? "no queue of events is configured" : `events are taken from ${eventsQueueArn} only`;
  throw new Error(`Cannot take the messages of queue ${other.eventSourceARN}: ${wanted}`);
};

/**
 * The events door: a batch from the queue that EventBridge's rules feed, where what must wait comes again, or one event
 * straight from EventBridge Scheduler or a rule, where it throws and nothing is answered, because nobody reads it.
 */
export const eventsHandler = (parts: DoorServices) => {
  const intakeOf = async (event: BusEvent, services: Services): Promise<Intake> =>
    await intakeOfEvent({ services, door: "events", accountId: parts.config.accountId, proofs: [] }, event);

  return middy<unknown, SQSBatchResponse | undefined>()
    .use(loggedErrors("events", parts))
    .handler(async (value, lambda) => {
      if (isSqsBatch(value) && value.Records.length > 0) {
        const records = believedRecords(value.Records, parts.config);
        return await settleMessages(
          parts,
          "events",
          records,
          async ({ body }, services) => await intakeOf(queuedEvent(body), services),
          lambda,
        );
      }
      const event = busEventOf(value);
      if (event === undefined) {
        throw new Error(
          "Cannot read the event: an EventBridge event with id, source, detail-type and detail is wanted",
        );
      }
      await settleIntake(parts, await intakeOf(event, parts.services), { door: "events", eventId: event.id }, {});
      return undefined;
    });
};
