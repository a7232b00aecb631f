import { sha256Hex } from "#domain/events/sha256-hex.ts";
import { planSubmission } from "#domain/plan/plan.ts";
import type { Services } from "#domain/ports.ts";
import { submissionIdOf } from "#domain/request/request-key.ts";
import { defaultPriority } from "#domain/turns/fair-turns.ts";
import { canonicalJson, type Delivery, fieldDigestsOf, fingerprintText, keyOf } from "./delivery.ts";
import { refusalOf } from "./outcome.ts";
import type { RefusedSubmission, StartingSubmission } from "./submission.ts";

/**
 * A delivery as it would be stored: refused, or planned with everything but whether it starts or waits; or what kept us
 * from finding out.
 */
export type Proposal =
  | { readonly verdict: "failed"; readonly delivery: Delivery; readonly error: unknown }
  | { readonly verdict: "refused"; readonly delivery: Delivery; readonly refused: RefusedSubmission }
  | { readonly verdict: "planned"; readonly delivery: Delivery; readonly planned: PlannedSubmission };

export type PlannedSubmission = Omit<StartingSubmission, "state" | "leaseUntil">;

/** What a delivery is by its own words and its tenant's files alone. */
export type PlainProposal = Exclude<Proposal, { readonly verdict: "failed" }>;

export const proposalOf = (services: Pick<Services, "digest" | "now">, delivery: Delivery): PlainProposal => {
  const { key, requestId, parsed } = keyOf(delivery);
  const { tenantId } = delivery.setup.tenant;
  const submissionId = submissionIdOf(tenantId, key, services.digest);
  const fieldDigests = fieldDigestsOf(delivery, services.digest);
  const { jobTemplate, parameters } = parsed.verdict === "parsed" ? parsed.value : {};
  const base = {
    submissionId,
    tenantId,
    door: delivery.door,
    caller: delivery.caller,
    ...(requestId !== undefined && { requestId }),
    ...(jobTemplate !== undefined && { jobTemplate }),
    fingerprint: services.digest(fingerprintText(delivery)),
    ...(fieldDigests !== undefined && { fieldDigests }),
    acceptedAt: services.now(),
    ...(delivery.taskToken !== undefined && { taskToken: delivery.taskToken }),
    ...(parameters !== undefined && { parametersSha256: sha256Hex(canonicalJson(parameters), services.digest) }),
  };
  const plan =
    parsed.verdict === "refused"
      ? parsed
      : planSubmission({ setup: delivery.setup, request: parsed.value, submissionId, door: delivery.door });
  if (plan.verdict === "refused") {
    return { verdict: "refused", delivery, refused: { ...base, state: "refused", refusal: refusalOf(plan.error) } };
  }
  const priority = (parsed.verdict === "parsed" ? parsed.value.priority : undefined) ?? defaultPriority;
  return {
    verdict: "planned",
    delivery,
    planned: {
      ...base,
      input: JSON.stringify(plan.input),
      changes: plan.changes,
      priority,
      ...(delivery.setup.tenant.events.started && { tellStart: true }),
      executionPolicySha256: sha256Hex(plan.input.executionIamPolicy.policy, services.digest),
      proofId: plan.proofId,
    },
  };
};
