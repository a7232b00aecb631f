import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import { submitJobs } from "#domain/submission/submit-job.ts";
import { comeAgain } from "./come-again.ts";
import { servicesInTime } from "./deadline.ts";
import type { DoorServices, Known } from "./door.ts";
import { errorRecord } from "./error-record.ts";
import type { Intake } from "./event-delivery.ts";
import { type Settled, settleBatch } from "./partial-batch.ts";
import { deliveriesOf, settleOutcomes } from "./settle-intake.ts";
import { isUnreadable } from "./unreadable.ts";

type IntakeOf = (record: SQSRecord, services: Services) => Promise<Intake>;

interface Batch {
  /** With services that begin nothing more after the deadline. */
  readonly parts: DoorServices;
  readonly door: "queue" | "events";
  readonly intakeOf: IntakeOf;
  readonly deadline: string;
}

/** A message before it is submitted: what it asks for, or why it cannot be read. */
interface Taken {
  readonly record: SQSRecord;
  readonly intake?: Intake;
  readonly deliveries: readonly Delivery[];
  readonly error?: unknown;
}

const take = async ({ parts, door, intakeOf }: Batch, record: SQSRecord): Promise<Taken> => {
  try {
    const intake = await intakeOf(record, parts.services);
    return { record, intake, deliveries: deliveriesOf(parts, intake, { door, messageId: record.messageId }) };
  } catch (error) {
    return { record, deliveries: [], error };
  }
};

/**
 * Whether a message lies in quarantine now. Its tenant cannot be proven, so it may be laid at no tenant's door, and to
 * have it come again proves nothing: so it is with what nobody can read, where no tenant is known to have sent it. Where
 * it cannot be kept it has to come again all the same.
 */
const isQuarantined = async ({ parts, door }: Batch, record: SQSRecord, error: unknown): Promise<boolean> => {
  const { log, quarantine } = parts;
  if (quarantine === undefined || !(error instanceof ServiceError)) return false;
  if (error.code !== "ERR_TENANT_UNKNOWN" && !isUnreadable(error)) return false;
  const ids = { door, messageId: record.messageId };
  try {
    await quarantine(record, `${error.code}: ${error.message}`);
  } catch (failure) {
    log.warn("not quarantined", { ...ids, ...errorRecord(failure) });
    return false;
  }
  log.warn("quarantined", { ...ids, queueArn: record.eventSourceARN, code: error.code });
  return true;
};

/** What became of one message; what returns to the queue is logged with all that is known of it. */
const settledOf = async (batch: Batch, taken: Taken, outcomes: readonly Outcome[]): Promise<Settled> => {
  const { parts, door } = batch;
  const { record, intake, deliveries } = taken;
  const ids = { door, messageId: record.messageId };
  const known: Known = {};
  try {
    if (intake === undefined) throw taken.error;
    settleOutcomes(parts, { intake, deliveries, outcomes }, ids, known);
    return { verdict: "settled" };
  } catch (error) {
    if (await isQuarantined(batch, record, error)) return { verdict: "settled" };
    const level = error instanceof ServiceError ? "warn" : "error";
    const receiveCount = Number(record.attributes.ApproximateReceiveCount);
    parts.log[level]("returned to the queue", { ...ids, receiveCount, ...known, ...errorRecord(error) });
    return { verdict: "failed", error };
  }
};

/** Settles messages together: their slots and their tokens are taken in one update each. */
const settleTogether = async (batch: Batch, records: readonly SQSRecord[]): Promise<readonly Settled[]> => {
  const taken = await Promise.all(records.map(async (record) => await take(batch, record)));
  const outcomes = await submitJobs(
    batch.parts.services,
    taken.flatMap(({ deliveries }) => deliveries),
    batch.deadline,
  );
  let next = 0;
  const settling = taken.map(async (one) => {
    const own = outcomes.slice(next, next + one.deliveries.length);
    next += own.length;
    return await settledOf(batch, one, own);
  });
  return await Promise.all(settling);
};

/** Settles a batch of messages of a door, and answers with the ids of those that come again. */
export const settleMessages = async (
  parts: DoorServices,
  door: "queue" | "events",
  records: readonly SQSRecord[],
  intakeOf: IntakeOf,
  lambda: Pick<Context, "getRemainingTimeInMillis">,
): Promise<SQSBatchResponse> => {
  const { services, deadline } = servicesInTime(parts.services, lambda);
  const batch = { parts: { ...parts, services }, door, intakeOf, deadline };
  return await settleBatch(
    records,
    async (heads) => await settleTogether(batch, heads),
    async (failure) => await comeAgain(parts, door, failure),
  );
};
