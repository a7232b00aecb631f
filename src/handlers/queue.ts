import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { submitJob } from "#domain/submission/submit-job.ts";
import { type DoorServices, errorRecord, outcomeRecord } from "./door.ts";
import { loggedErrors } from "./logged-errors.ts";
import { intakeOfRecord } from "./message-delivery.ts";
import { settleBatch, sqsRecordsOf } from "./partial-batch.ts";

/**
 * The queue door: each message is one job request or an envelope of several. A message is acknowledged when everything
 * in it was started or refused; it is delivered again when anything in it must wait. Its keys make that safe.
 */
export const queueHandler = ({ services, config, log }: DoorServices) =>
  middy<SQSEvent, SQSBatchResponse>()
    .use(loggedErrors("queue", { log }))
    .handler(async (event) =>
      settleBatch(
        sqsRecordsOf(event),
        async (record) => {
          const { messageId } = record;
          const intake = await intakeOfRecord({ services, ...config }, record);
          if (intake.verdict === "ignored") {
            log.info("ignored", { door: "queue", messageId, reason: intake.reason });
            return;
          }
          for (const delivery of intake.deliveries) {
            const outcome = await submitJob(services, delivery);
            log.info("submission", { door: "queue", messageId, ...outcomeRecord(delivery, outcome) });
          }
        },
        (record, error) =>
          log.warn("returned to the queue", { door: "queue", messageId: record.messageId, ...errorRecord(error) }),
      ),
    );
