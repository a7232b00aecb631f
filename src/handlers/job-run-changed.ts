import middy from "@middy/core";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { hasEnded } from "#domain/submission/job-run.ts";
import { comeAgain } from "./come-again.ts";
import type { DoorServices } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import { type BusEvent, busEventOf, isFields } from "./event-delivery.ts";
import { loggedErrors } from "./logged-errors.ts";
import { type Settled, settleBatch, sqsRecordsOf } from "./partial-batch.ts";
import { queuedEvent } from "./queued-event.ts";

type Parts = Pick<DoorServices, "services" | "log" | "redelivery">;

const door = "job-run-changed";

const changedJobRun = ({ source, detail }: BusEvent): { applicationId: string; jobRunId: string; state: string } => {
  if (source === "aws.emr-serverless" && isFields(detail)) {
    const { applicationId, jobRunId, state } = detail;
    if (typeof applicationId === "string" && typeof jobRunId === "string" && typeof state === "string") {
      return { applicationId, jobRunId, state };
    }
  }
  throw new Error("Cannot read the event: a job run state change of EMR Serverless is wanted");
};

const settleEvent = async ({ services, log }: Parts, event: BusEvent): Promise<void> => {
  if (event.detailType !== "EMR Serverless Job Run State Change" && event.source === "aws.emr-serverless") {
    log.info("ignored", { eventId: event.id, reason: `"${event.detailType}" changes no submission` });
    return;
  }
  const { state, ...jobRun } = changedJobRun(event);
  if (!hasEnded(state)) {
    log.info("ignored", { eventId: event.id, jobRunId: jobRun.jobRunId, state, reason: "the job run goes on" });
    return;
  }
  const completion = await completeJobRun(services, jobRun);
  const submission = completion.verdict === "foreign" ? undefined : completion.submission;
  log.info("completion", {
    verdict: completion.verdict,
    jobRunId: jobRun.jobRunId,
    state,
    tenantId: submission?.tenantId,
    submissionId: submission?.submissionId,
  });
};

const settleRecord = async (parts: Parts, { body }: SQSRecord): Promise<Settled> => {
  try {
    await settleEvent(parts, queuedEvent(body));
    return { verdict: "settled" };
  } catch (error) {
    return { verdict: "failed", error };
  }
};

/**
 * Completes submissions from EMR Serverless's state-change events: a batch from the queue that the rule feeds, where
 * what cannot be settled yet comes again, or one event straight from EventBridge, where it throws.
 */
export const jobRunChangedHandler = (parts: Parts) =>
  middy<unknown, SQSBatchResponse | undefined>()
    .use(loggedErrors(door, parts))
    .handler(async (value) => {
      const event = busEventOf(value);
      if (event !== undefined) {
        await settleEvent(parts, event);
        return undefined;
      }
      return await settleBatch(
        sqsRecordsOf(value),
        async (records) => await Promise.all(records.map(async (record) => await settleRecord(parts, record))),
        async (failure) => {
          const { record, error } = failure;
          const level = error instanceof ServiceError ? "warn" : "error";
          parts.log[level]("returned to the queue", { door, messageId: record.messageId, ...errorRecord(error) });
          await comeAgain(parts, door, failure);
        },
      );
    });
