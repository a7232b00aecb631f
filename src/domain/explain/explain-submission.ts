import type { PolicyBudget } from "#domain/plan/policy-budget.ts";
import type { Services } from "#domain/ports.ts";
import { type Problem, problemOf } from "#domain/problem.ts";
import { judgeTaken } from "#domain/submission/acceptance.ts";
import { lineFull } from "#domain/submission/admit.ts";
import { conflictError } from "#domain/submission/conflict.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { type PlainProposal, proposalOf } from "#domain/submission/proposal.ts";
import { frozenInput, type Submission, type SubmissionState, type WaitingFor } from "#domain/submission/submission.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { type BudgetVerdict, budgetSpent } from "#domain/usage/budget.ts";
import { checkBudget } from "#domain/usage/check-budget.ts";
import { type ExplainedPlan, explanationOf } from "./explanation.ts";
import { type Outlook, outlookFor, waitingForOf } from "./outlook.ts";
import { type ProofVerdict, proofVerdict } from "./proof-verdict.ts";

/**
 * What would become of a job request that is submitted now. `starts`: at once; `waits`: for its turn; `repeat`: its request
 * id belongs to a submission of the same job request, which would be the answer; `refused`: with the whole problem;
 * `planned`: nothing speaks against it, and nobody looked at the turns.
 */
export interface Explanation extends Partial<ExplainedPlan> {
  readonly verdict: "starts" | "waits" | "repeat" | "refused" | "planned";
  readonly tenantId: string;
  /** Also the client token. Without a request id each submission has a new one. */
  readonly submissionId: string;
  readonly waitingFor?: WaitingFor;
  /** The submission that has the request id. */
  readonly first?: { readonly submissionId: string; readonly state: SubmissionState };
  readonly problem?: Problem;
  readonly verdicts: Verdicts;
}

/** Each thing that a submission needs, and how it stands. */
export interface Verdicts extends Partial<Outlook> {
  /** Where the tenant has one. */
  readonly budget?: BudgetVerdict;
  /** Of the execution policy, whatever becomes of the rest of the job request. */
  readonly proof: ProofVerdict;
  readonly policySize?: PolicySize;
}

/** `exceeds`: with its managed policies, which the check of a tenant's files refuses. */
type PolicySize = Pick<PolicyBudget, "characters" | "managedCharacters" | "limit"> & {
  readonly verdict: "fits" | "exceeds";
};

type Planning = Pick<Services, "prices" | "digest" | "now">;

/** What an explanation is made with. */
export interface Place {
  /** Where the job would run. */
  readonly region: string;
}

const plannedPart = (
  { prices }: Planning,
  { delivery: { parsed, setup }, planned }: Extract<PlainProposal, { verdict: "planned" }>,
  { region }: Place,
): ExplainedPlan | undefined => {
  if (parsed.verdict === "refused") return undefined;
  const input = frozenInput({ ...planned, state: "starting" });
  return explanationOf({ setup, request: parsed.value, input, changes: planned.changes, prices, region });
};

const policySizeOf = ({
  characters,
  managedCharacters,
  limit,
  left,
}: Omit<PolicyBudget, "unknownArns">): PolicySize => {
  return { verdict: left < 0 ? "exceeds" : "fits", characters, managedCharacters, limit };
};

type Outcome = Pick<Explanation, "verdict" | "waitingFor" | "first" | "problem">;

/** Everything of an explanation but what would become of the job request. */
const explained = (services: Planning, proposal: PlainProposal, place: Place): Omit<Explanation, "verdict"> => {
  const { setup } = proposal.delivery;
  const { tenantId } = setup.tenant;
  if (proposal.verdict === "refused") {
    const { submissionId } = proposal.refused;
    return { tenantId, submissionId, verdicts: { proof: proofVerdict(setup, submissionId) } };
  }
  const { submissionId } = proposal.planned;
  const plan = plannedPart(services, proposal, place);
  const policySize = plan === undefined ? undefined : policySizeOf(plan.executionPolicy);
  const proof = proofVerdict(setup, submissionId, plan?.input.applicationId);
  const verdicts = { proof, ...(policySize !== undefined && { policySize }) };
  return { tenantId, submissionId, verdicts, ...plan };
};

/** What a proposal comes to by itself, whatever else runs and waits. */
const byItself = (proposal: PlainProposal): Outcome =>
  proposal.verdict === "refused"
    ? { verdict: "refused", problem: problemOf(proposal.refused.refusal) }
    : { verdict: "planned" };

/** Explains a delivery from its tenant's setup alone: nothing is asked of anybody. */
export const explainPlan = (services: Planning, delivery: Delivery, place: Place): Explanation => {
  const proposal = proposalOf(services, delivery);
  return { ...byItself(proposal), ...explained(services, proposal, place) };
};

/** What the submission that has the same id already makes of this one; nothing where it gives way, or does not count. */
const againstFirst = (first: Submission, proposal: PlainProposal): Outcome | undefined => {
  const proposed =
    proposal.verdict === "planned"
      ? ({ ...proposal.planned, state: "starting", leaseUntil: "" } as const)
      : proposal.refused;
  const { verdict } = judgeTaken(first, proposed);
  const { submissionId, state } = first;
  if (verdict === "repeat") return { verdict: "repeat", first: { submissionId, state } };
  if (verdict !== "conflict" || proposal.verdict === "refused") return undefined;
  return { verdict: "refused", problem: problemOf(conflictError(first, proposed)) };
};

const overBudget = ({ tenantId }: Tenant, budget: BudgetVerdict | undefined): Outcome | undefined =>
  budget?.verdict === "exceeded"
    ? { verdict: "refused", problem: problemOf(budgetSpent(tenantId, budget)) }
    : undefined;

/** What the turns make of a planned submission. */
const inTurn = (outlook: Outlook, tenant: Tenant): Outcome => {
  const waitingFor = waitingForOf(outlook);
  if (waitingFor === undefined) return { verdict: "starts" };
  if (outlook.line.verdict === "free") return { verdict: "waits", waitingFor };
  return { verdict: "refused", waitingFor, problem: problemOf(lineFull(tenant)) };
};

/**
 * Explains a delivery as the door would submit it: the StartJobRun input, each value's source, and what would become of it.
 * It only reads: nothing is stored, started, taken or published.
 */
export const explainSubmission = async (
  services: Planning & Pick<Services, "starts" | "submissions" | "usage">,
  delivery: Delivery,
  place: Place,
): Promise<Explanation> => {
  const proposal = proposalOf(services, delivery);
  const explanation = explained(services, proposal, place);
  const { tenant } = delivery.setup;
  const [outlook, budget, first] = await Promise.all([
    outlookFor(services, tenant),
    checkBudget(services, tenant),
    services.submissions.get(explanation.submissionId),
  ]);
  const verdicts = { ...outlook, ...(budget !== undefined && { budget }), ...explanation.verdicts };
  const told = first === undefined ? undefined : againstFirst(first, proposal);
  const refusal = proposal.verdict === "refused" ? byItself(proposal) : overBudget(tenant, budget);
  const outcome = told?.verdict === "repeat" ? told : (refusal ?? told ?? inTurn(outlook, tenant));
  return { ...outcome, ...explanation, verdicts };
};
