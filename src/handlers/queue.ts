import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { DoorServices } from "./door.ts";
import { loggedErrors } from "./logged-errors.ts";
import { intakeOfRecord } from "./message-delivery.ts";
import { sqsRecordsOf } from "./partial-batch.ts";
import { settleMessages } from "./settle-messages.ts";

/**
 * The queue door: each message is one job request or an envelope of several. A message is acknowledged when everything
 * in it was started or refused; it is delivered again when anything in it must wait. Its keys make that safe.
 */
export const queueHandler = (parts: DoorServices) =>
  middy<SQSEvent, SQSBatchResponse>()
    .use(loggedErrors("queue", parts))
    .handler(async (event) => {
      const context = { services: parts.services, ...parts.config };
      return await settleMessages(
        parts,
        "queue",
        sqsRecordsOf(event),
        async (record) => await intakeOfRecord(context, record),
      );
    });
