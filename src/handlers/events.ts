import middy from "@middy/core";
import { submitJob } from "#domain/submission/submit-job.ts";
import { type DoorServices, outcomeRecord } from "./door.ts";
import { busEventOf, intakeOfEvent } from "./event-delivery.ts";
import { loggedErrors } from "./logged-errors.ts";

/**
 * The events door: one EventBridge event an invocation, from the bus or straight from EventBridge Scheduler. It answers
 * nothing, because nobody reads the answer; what must come again throws.
 */
export const eventsHandler = ({ services, config, log }: DoorServices) =>
  middy<unknown, void>()
    .use(loggedErrors("events", { log }))
    .handler(async (value) => {
      const event = busEventOf(value);
      if (event === undefined) {
        throw new Error(
          "Cannot read the event: an EventBridge event with id, source, detail-type and detail is wanted",
        );
      }
      const intake = await intakeOfEvent({ services, door: "events", accountId: config.accountId, proofs: [] }, event);
      if (intake.verdict === "ignored") {
        log.info("ignored", { door: "events", eventId: event.id, reason: intake.reason });
        return;
      }
      for (const delivery of intake.deliveries) {
        const outcome = await submitJob(services, delivery);
        log.info("submission", { door: "events", eventId: event.id, ...outcomeRecord(delivery, outcome) });
      }
    });
