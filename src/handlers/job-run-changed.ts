import middy from "@middy/core";
import type { SQSBatchResponse, SQSRecord } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { hasEnded, isKnownState } from "#domain/submission/job-run.ts";
import { learnOfJobRun } from "#domain/submission/learn-of-job-run.ts";
import { comeAgain } from "./come-again.ts";
import { servicesInTime } from "./deadline.ts";
import type { DoorServices } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import { type BusEvent, busEventOf } from "./event-delivery.ts";
import { type JobRunEvent, jobRunEventOf } from "./job-run-event.ts";
import { loggedErrors } from "./logged-errors.ts";
import { type Settled, settleBatch, sqsRecordsOf } from "./partial-batch.ts";
import { queuedEvent } from "./queued-event.ts";

type Parts = Pick<DoorServices, "services" | "log" | "redelivery">;

const door = "job-run-changed";

/**
 * How often an event of a job run that no submission has is seen before the job run is asked whether it is ours. It may be
 * faster than our own record of the start, and whoever else runs jobs in these applications would cost a GetJobRun each.
 */
const waits = 2;

/** `isLast`: the job run was waited for. */
const settleEvent = async (parts: Parts, event: BusEvent, isLast: boolean): Promise<void> => {
  const { log } = parts;
  if (event.detailType !== "EMR Serverless Job Run State Change" && event.source === "aws.emr-serverless") {
    log.info("ignored", { eventId: event.id, reason: `"${event.detailType}" changes no submission` });
    return;
  }
  const change = jobRunEventOf(event);
  await (hasEnded(change.state) ? settleEnd : settleNews)(parts, change, isLast);
};

const settleEnd = async ({ services, log }: Parts, change: JobRunEvent, isLast: boolean): Promise<void> => {
  const completion = await completeJobRun(services, change, { byTag: isLast });
  const submission = completion.verdict === "foreign" ? undefined : completion.submission;
  if (completion.verdict === "foreign") log.metrics({ JobRunsOfOthers: 1 });
  log.info("completion", {
    verdict: completion.verdict,
    jobRunId: change.jobRunId,
    state: change.state,
    tenantId: submission?.tenantId,
    submissionId: submission?.submissionId,
  });
};

/** A state that is no end only says how far the job run is: where nobody knows it after a while, nothing is lost. */
const settleNews = async (
  { services, log }: Parts,
  { jobRunId, state, ...change }: JobRunEvent,
  isLast: boolean,
): Promise<void> => {
  if (!isKnownState(state)) {
    log.warn("unknown state", { jobRunId, state });
    log.metrics({ UnknownStates: 1 });
  }
  const submission = await learnOfJobRun(services, { applicationId: change.applicationId, jobRunId }, change.jobRun);
  if (submission === undefined && !isLast) {
    const message = `Cannot record job run "${jobRunId}": no submission has it yet: try again later`;
    throw new ServiceError("ERR_JOB_RUN_UNKNOWN", message, { retryAfterSeconds: 5 });
  }
  log.info(submission === undefined ? "ignored" : "job run", {
    jobRunId,
    state,
    tenantId: submission?.tenantId,
    submissionId: submission?.submissionId,
    ...(submission === undefined && { reason: "no submission has the job run" }),
  });
};

const settleRecord = async (parts: Parts, { body, attributes }: SQSRecord): Promise<Settled> => {
  try {
    await settleEvent(parts, queuedEvent(body), Number(attributes.ApproximateReceiveCount) > waits);
    return { verdict: "settled" };
  } catch (error) {
    return { verdict: "failed", error };
  }
};

/**
 * Follows job runs by EMR Serverless's state-change events, and completes submissions: a batch from the queue that the
 * rule feeds, where what cannot be settled yet comes again, or one event straight from EventBridge, where it throws.
 */
export const jobRunChangedHandler = (parts: Parts) =>
  middy<unknown, SQSBatchResponse | undefined>()
    .use(loggedErrors(door, parts))
    .handler(async (value, lambda) => {
      const inTime = { ...parts, services: servicesInTime(parts.services, lambda).services };
      const event = busEventOf(value);
      if (event !== undefined) {
        await settleEvent(inTime, event, true);
        return undefined;
      }
      return await settleBatch(
        sqsRecordsOf(value),
        async (records) => await Promise.all(records.map(async (record) => await settleRecord(inTime, record))),
        async (failure) => {
          const { record, error } = failure;
          const level = error instanceof ServiceError ? "warn" : "error";
          parts.log[level]("returned to the queue", { door, messageId: record.messageId, ...errorRecord(error) });
          await comeAgain(parts, door, failure);
        },
      );
    });
