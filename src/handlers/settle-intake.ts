import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import { submitJobs } from "#domain/submission/submit-job.ts";
import { type DoorServices, type Known, type LogRecord, outcomeRecord } from "./door.ts";
import type { Intake } from "./event-delivery.ts";

type Parts = Pick<DoorServices, "services" | "log">;

/** What an intake asks to be submitted. One that asks for nothing is logged with its reason. */
export const deliveriesOf = ({ log }: Parts, intake: Intake, ids: LogRecord): readonly Delivery[] => {
  if (intake.verdict === "deliveries") return intake.deliveries;
  log.info("ignored", { ...ids, reason: intake.reason });
  return [];
};

interface Submitted {
  readonly intake: Intake;
  readonly deliveries: readonly Delivery[];
  readonly outcomes: readonly Outcome[];
}

/** Logs what became of an intake's deliveries, and throws what has to come again; the keys make that safe for the rest. */
export const settleOutcomes = ({ log }: Parts, submitted: Submitted, ids: LogRecord, known: Known): void => {
  const failures: unknown[] = [];
  for (const [index, delivery] of submitted.deliveries.entries()) {
    const outcome = submitted.outcomes[index];
    if (outcome === undefined) throw new Error("A delivery has no outcome, this is a bug");
    if (outcome.verdict === "failed") {
      known.tenantId = delivery.setup.tenant.tenantId;
      known.caller = delivery.caller;
      failures.push(outcome.error);
    } else log.info("submission", { ...ids, ...outcomeRecord(delivery, outcome) });
  }
  if (failures.length > 0) throw failures[0];
  if ("failure" in submitted.intake && submitted.intake.failure !== undefined) throw submitted.intake.failure;
};

/** Submits everything that one intake asks for, and logs what became of it. Throws what has to come again. */
export const settleIntake = async (parts: Parts, intake: Intake, ids: LogRecord, known: Known): Promise<void> => {
  const deliveries = deliveriesOf(parts, intake, ids);
  const outcomes = await submitJobs(parts.services, deliveries);
  settleOutcomes(parts, { intake, deliveries, outcomes }, ids, known);
};
