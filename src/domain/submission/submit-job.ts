import { ServiceError } from "#domain/errors.ts";
import { planSubmission } from "#domain/plan/plan.ts";
import type { Services } from "#domain/ports.ts";
import { submissionIdOf } from "#domain/request/request-key.ts";
import { type Delivery, fingerprintText, keyOf } from "./delivery.ts";
import { publishEnding, publishEvent } from "./publish-ending.ts";
import { frozenInput, type NewSubmission, type Refusal, type Submission } from "./submission.ts";

/** What became of a delivery. `repeat`: the submission is an earlier delivery's. */
export type Outcome =
  | { readonly verdict: "started"; readonly submission: Submission; readonly repeat: boolean }
  | {
      readonly verdict: "refused";
      readonly submission?: Submission;
      readonly error: ServiceError;
      readonly repeat: boolean;
    };

const refusalOf = ({ code, message, faults }: ServiceError): Refusal => ({ code, message, faults });

const errorOf = ({ code, message, faults }: Refusal): ServiceError => new ServiceError(code, message, { faults });

/** The base of a submission: everything but what came of its plan. */
const baseOf = (services: Services, delivery: Delivery) => {
  const { key, requestId, parsed } = keyOf(delivery);
  const { tenantId } = delivery.setup.tenant;
  return {
    parsed,
    base: {
      submissionId: submissionIdOf(tenantId, key, services.digest),
      tenantId,
      door: delivery.door,
      caller: delivery.caller,
      ...(requestId !== undefined && { requestId }),
      ...(parsed.verdict === "parsed" &&
        parsed.value.jobTemplate !== undefined && { jobTemplate: parsed.value.jobTemplate }),
      fingerprint: services.digest(fingerprintText(delivery)),
      acceptedAt: services.now(),
    },
  };
};

/**
 * Takes one delivery all the way: plan, accept, start. It may be called again with the same delivery at any time, also
 * after a crash half-way: the first submission of the key is found, and started with the input that was frozen then.
 * Throws what passes (busy, down); a refusal is an outcome.
 */
export const submitJob = async (services: Services, delivery: Delivery): Promise<Outcome> => {
  const { base, parsed } = baseOf(services, delivery);
  const plan =
    parsed.verdict === "refused"
      ? parsed
      : planSubmission({
          setup: delivery.setup,
          request: parsed.value,
          submissionId: base.submissionId,
          door: base.door,
        });
  if (plan.verdict === "refused")
    return await refuse(services, delivery, { ...base, state: "refused", refusal: refusalOf(plan.error) });
  const input = JSON.stringify(plan.input);
  return await settle(services, { ...base, state: "starting", input, changes: plan.changes });
};

/**
 * Refuses a delivery. An HTTP caller reads the refusal in the answer and nothing is stored, so a corrected request may
 * use the same key; at the other doors the refusal is stored and published, because nobody waits for an answer.
 * An earlier submission of the same key stands whatever the tenant's rules say by now.
 */
const refuse = async (
  services: Services,
  delivery: Delivery,
  refused: NewSubmission & { state: "refused" },
): Promise<Outcome> => {
  if (delivery.door !== "http") return await settle(services, refused);
  const first = await services.submissions.get(refused.submissionId);
  if (first === undefined || first.tenantId !== refused.tenantId || first.fingerprint !== refused.fingerprint) {
    return { verdict: "refused", error: errorOf(refused.refusal), repeat: false };
  }
  return await resume(services, first, true);
};

const settle = async (services: Services, proposed: NewSubmission): Promise<Outcome> => {
  const { verdict, submission } = await services.submissions.accept(proposed);
  return verdict === "conflict"
    ? await refuseConflict(services, proposed)
    : await resume(services, submission, verdict === "repeat");
};

/**
 * Another job request holds the key. Its record stands, so this refusal is not stored: an HTTP caller gets the error,
 * and at the other doors it is published, each time under the same id, before the message is acknowledged.
 */
const refuseConflict = async (services: Services, proposed: NewSubmission): Promise<Outcome> => {
  const { submissionId, tenantId, requestId } = proposed;
  const key = requestId === undefined ? `submission "${submissionId}"` : `request id "${requestId}"`;
  const message = `Cannot submit the job request for tenant "${tenantId}": ${key} was used for another job request: send this one under a new request id`;
  const error = new ServiceError("ERR_SUBMISSION_CONFLICT", message, {
    faults: [{ pointer: "/requestId", message: "was used for another job request" }],
  });
  if (proposed.door !== "http") {
    await publishEvent(services, { ...proposed, state: "refused", refusal: refusalOf(error) });
  }
  return { verdict: "refused", error, repeat: false };
};

/** Takes a stored submission on from wherever it stands. */
const resume = async (services: Services, submission: Submission, repeat: boolean): Promise<Outcome> => {
  if (submission.refusal !== undefined) {
    await publishEnding(services, submission);
    return { verdict: "refused", submission, error: errorOf(submission.refusal), repeat };
  }
  if (submission.state !== "starting") return { verdict: "started", submission, repeat };
  try {
    const { jobRunId } = await services.jobRuns.start(frozenInput(submission));
    const started = await services.submissions.recordStart(submission.submissionId, {
      jobRunId,
      startedAt: services.now(),
    });
    return { verdict: "started", submission: started, repeat };
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== "ERR_EMR_REFUSED") throw error;
    const refused = await services.submissions.recordRefusal(submission.submissionId, refusalOf(error));
    // Another delivery started it meanwhile: its job run is what became of the submission.
    if (refused.refusal === undefined) return { verdict: "started", submission: refused, repeat };
    await publishEnding(services, refused);
    return { verdict: "refused", submission: refused, error, repeat };
  }
};
