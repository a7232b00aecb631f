import type { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { budgetRefusal } from "#domain/usage/check-budget.ts";
import { refusalOf } from "./outcome.ts";
import type { PlannedSubmission, Proposal } from "./proposal.ts";
import type { RefusedSubmission } from "./submission.ts";

/** A planned submission as one that is refused. */
export const refusedBy = (
  { input: _input, changes: _changes, priority: _priority, ...accepted }: PlannedSubmission,
  error: ServiceError,
): RefusedSubmission => ({ ...accepted, state: "refused", refusal: refusalOf(error) });

/** What was planned, refused where its tenant has spent its budget. A tenant without one is asked about nowhere. */
export const withinBudget = async (services: Services, proposal: Proposal): Promise<Proposal> => {
  if (proposal.verdict !== "planned" || proposal.delivery.setup.tenant.budget === undefined) return proposal;
  const { delivery, planned } = proposal;
  try {
    const error = await budgetRefusal(services, delivery.setup.tenant);
    return error === undefined ? proposal : { verdict: "refused", delivery, refused: refusedBy(planned, error) };
  } catch (error) {
    return { verdict: "failed", delivery, error };
  }
};
