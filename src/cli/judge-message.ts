import type { SQSRecord } from "aws-lambda";
import { isPassing, ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { judgeTaken } from "#domain/submission/acceptance.ts";
import { conflictError } from "#domain/submission/conflict.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { type PlainProposal, proposalOf } from "#domain/submission/proposal.ts";
import type { NewSubmission } from "#domain/submission/submission.ts";
import { budgetRefusal } from "#domain/usage/check-budget.ts";
import { intakeOfRecord, type QueueContext } from "#handlers/message-delivery.ts";
import { principalOf } from "#handlers/message-origin.ts";
import { quarantineMarks } from "#handlers/quarantine-attributes.ts";

/** What a message would fail of if it came again now: `passing` where nothing speaks against it. */
export const faultKinds = ["passing", "unproven", "refused", "bug"] as const;
export type FaultKind = (typeof faultKinds)[number];

export type Judgment =
  | { readonly kind: "passing"; readonly says: string }
  | { readonly kind: Exclude<FaultKind, "passing">; readonly reason: string };

export interface JudgeContext extends QueueContext {
  readonly planning: Pick<Services, "digest" | "now" | "submissions" | "usage">;
}

const proposedBy = (proposal: PlainProposal): NewSubmission =>
  proposal.verdict === "refused" ? proposal.refused : { ...proposal.planned, state: "starting", leaseUntil: "" };

/** Why a delivery would be refused, as the door finds it out: what holds its key, then its own words, then the budget. */
const refusalNow = async (
  planning: JudgeContext["planning"],
  delivery: Delivery,
): Promise<{ readonly message: string } | undefined> => {
  const proposal = proposalOf(planning, delivery);
  const proposed = proposedBy(proposal);
  const stored = await planning.submissions.get(proposed.submissionId);
  const taken = stored === undefined ? undefined : judgeTaken(stored, proposed);
  if (taken?.verdict === "conflict") return conflictError(taken.submission, proposed);
  // An earlier submission stands, whatever the rules say by now; of a refused one the refusal stands.
  if (taken?.verdict === "repeat") return taken.submission.refusal;
  if (proposal.verdict === "refused") return proposal.refused.refusal;
  return await budgetRefusal(planning, delivery.setup.tenant);
};

/** An answer of AWS's that is no success says nothing about the message. */
const isOfAws = (error: unknown): boolean => typeof error === "object" && error !== null && "$metadata" in error;

const judgmentOf = (error: unknown): Judgment => {
  if (!(error instanceof Error) || isOfAws(error)) throw error;
  if (!(error instanceof ServiceError)) return { kind: "bug", reason: error.message };
  if (isPassing(error)) throw error;
  return { kind: error.code === "ERR_TENANT_UNKNOWN" ? "unproven" : "refused", reason: error.message };
};

const left = (reason: string): Judgment => ({ kind: "unproven", reason });

/** The queue that a message came from, where that can be believed: the function `queue` says it, or SQS does. */
const sourceOf = ({ attributes, messageAttributes }: SQSRecord): string | undefined =>
  messageAttributes[quarantineMarks.reason] === undefined
    ? attributes.DeadLetterQueueSourceArn
    : messageAttributes[quarantineMarks.queueArn]?.stringValue;

/**
 * Why a message cannot go to a queue, where it cannot. Who sent a message of the quarantine is said by its attributes, which
 * are believed from the function `queue` only where the shell lists its role. And where a queue itself proves what lies in
 * it, a tenant's own as well as one for envelopes, only what came from there goes back.
 */
const strayed = async (
  { services, envelopeQueues, operatorSenders = [] }: QueueContext,
  record: SQSRecord,
): Promise<Judgment | undefined> => {
  const { eventSourceARN: target, attributes, messageAttributes } = record;
  const sender = principalOf(attributes.SenderId);
  if (messageAttributes[quarantineMarks.reason] !== undefined && !operatorSenders.includes(sender)) {
    return left(
      `it was in quarantine, and its sender ${sender} is not in SLUICE_OPERATOR_SENDERS: whose it was is not known`,
    );
  }
  const from = sourceOf(record);
  if (from === target) return undefined;
  const [owner] = await services.tenants.provedBy(`queue#${target}`);
  const { [target]: envelopes = [] } = envelopeQueues;
  const proves =
    owner === undefined
      ? envelopes.map((kind) => `envelopes of kind "${kind}"`)
      : [`tenant "${owner.tenant.tenantId}"`];
  if (proves.length === 0) return undefined;
  return left(
    `${target} would prove ${proves.join(", ")}, and it is not known to come from there: move it to ${from ?? "the queue that it came from"}`,
  );
};

/**
 * What would become of a message in its queue now, as the queue door takes it and as the tenants, their budgets
 * and the ledger are now. Nothing is stored. Throws where AWS does not tell.
 */
export const judgeMessage = async ({ planning, ...context }: JudgeContext, record: SQSRecord): Promise<Judgment> => {
  try {
    const astray = await strayed(context, record);
    if (astray !== undefined) return astray;
    const intake = await intakeOfRecord(context, record);
    if (intake.verdict === "ignored") return { kind: "passing", says: `starts nothing: ${intake.reason}` };
    if (intake.failure !== undefined) return judgmentOf(intake.failure);
    const refusals = await Promise.all(intake.deliveries.map(async (delivery) => await refusalNow(planning, delivery)));
    const [first] = refusals;
    // One that can start is worth the way: what is refused beside it is recorded, and holds nothing up.
    if (first !== undefined && refusals.every((refusal) => refusal !== undefined)) {
      return { kind: "refused", reason: first.message };
    }
    const tenants = new Set(intake.deliveries.map(({ setup }) => setup.tenant.tenantId));
    return { kind: "passing", says: `for tenant ${[...tenants].join(", ")}` };
  } catch (error) {
    return judgmentOf(error);
  }
};
