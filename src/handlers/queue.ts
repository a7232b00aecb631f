import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { DoorServices } from "./door.ts";
import { loggedErrors } from "./logged-errors.ts";
import { intakeOfRecord } from "./message-delivery.ts";
import { sqsRecordsOf } from "./partial-batch.ts";
import { settleMessages } from "./settle-messages.ts";

/**
 * The queue door: each message is one job request or an envelope of several. A message is acknowledged when everything
 * in it was accepted, to start or to wait, or refused; it is delivered again when the ledger did not take something in
 * it, or its tenant's line is full. Its keys make that safe. One whose tenant cannot be proven goes into quarantine.
 */
export const queueHandler = (parts: DoorServices) =>
  middy<SQSEvent, SQSBatchResponse>()
    .use(loggedErrors("queue", parts))
    .handler(
      async (event, lambda) =>
        await settleMessages(
          parts,
          "queue",
          sqsRecordsOf(event),
          async (record, services) => await intakeOfRecord({ services, ...parts.config }, record),
          lambda,
        ),
    );
