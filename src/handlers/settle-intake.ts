import { submitJob } from "#domain/submission/submit-job.ts";
import { type DoorServices, type Known, type LogRecord, outcomeRecord } from "./door.ts";
import type { Intake } from "./event-delivery.ts";

/**
 * Submits everything that an intake asks for, and logs what became of it. Throws what has to come again; its keys make
 * that safe for what was submitted before it.
 */
export const settleIntake = async (
  { services, log }: Pick<DoorServices, "services" | "log">,
  intake: Intake,
  ids: LogRecord,
  known: Known,
): Promise<void> => {
  if (intake.verdict === "ignored") {
    log.info("ignored", { ...ids, reason: intake.reason });
    return;
  }
  for (const delivery of intake.deliveries) {
    known.tenantId = delivery.setup.tenant.tenantId;
    known.caller = delivery.caller;
    const outcome = await submitJob(services, delivery);
    log.info("submission", { ...ids, ...outcomeRecord(delivery, outcome) });
  }
  if (!("failure" in intake) || intake.failure === undefined) return;
  // It is of what stands beside these deliveries: theirs is not its tenant.
  delete known.tenantId;
  delete known.caller;
  throw intake.failure;
};
