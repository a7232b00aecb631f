import { refusedEvent } from "#domain/events/ending-event.ts";
import type { Services } from "#domain/ports.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { budgetRefusal } from "#domain/usage/check-budget.ts";
import { acceptanceAfter } from "./acceptance.ts";
import { type Admission, admit } from "./admit.ts";
import { awaitEnd } from "./await-end.ts";
import { conflictError } from "./conflict.ts";
import type { Delivery } from "./delivery.ts";
import { errorOf, type Outcome, refusalOf } from "./outcome.ts";
import { type PlannedSubmission, type Proposal, proposalOf } from "./proposal.ts";
import { publishEvent, publishSoonMs } from "./publish-outbox.ts";
import { settleRefusal } from "./settle-refusal.ts";
import { startAgain } from "./start-again.ts";
import { startSubmission } from "./start-submission.ts";
import type { NewSubmission, RefusedSubmission, Submission } from "./submission.ts";
import { refusedBy, withinBudget } from "./within-budget.ts";

/**
 * Takes deliveries all the way: plan, admit, accept, start. They may be delivered again at any time, also after a crash
 * half-way: the first submission of each key is found, and started with the input that was frozen then. Outcomes are in
 * the order of the deliveries, and none depends on another's failure. What is accepted after the deadline is not started
 * here any more: the submission is stored, and is started when its lease has run out.
 */
export const submitJobs = async (
  services: Services,
  deliveries: readonly Delivery[],
  deadline = endOfTime,
): Promise<readonly Outcome[]> => {
  const proposals = await Promise.all(
    deliveries.map(async (delivery) => await withinBudget(services, proposalOf(services, delivery))),
  );
  const planned = proposals.flatMap((proposal) =>
    proposal.verdict === "planned" ? [{ tenant: proposal.delivery.setup.tenant, planned: [proposal.planned] }] : [],
  );
  const admission = await admitOrFail(services, planned);
  // Beside each other: each spends most of its time waiting for answers.
  const settling = proposals.map(
    async (proposal, at) =>
      await settleOrFail(services, proposal, {
        admission,
        deadline,
        shares: isRepeated(proposals.slice(0, at), proposal),
      }),
  );
  const outcomes = await Promise.all(settling);
  if (outcomes.some(waits)) await services.wake();
  return outcomes;
};

/** Whether an earlier one of the batch is the same submission: both were admitted once. */
const isRepeated = (before: readonly Proposal[], proposal: Proposal): boolean =>
  proposal.verdict === "planned" &&
  before.some(
    (one) =>
      one.verdict === "planned" &&
      one.planned.tenantId === proposal.planned.tenantId &&
      one.planned.submissionId === proposal.planned.submissionId,
  );

const waits = (outcome: Outcome): boolean => outcome.verdict === "accepted" && outcome.submission.state === "waiting";

/** An admission that fails is the failure of those that it was for, and of nobody else. */
const admitOrFail = async (services: Services, planned: Parameters<typeof admit>[1]): Promise<Admission> => {
  if (planned.length === 0) return new Map();
  try {
    return await admit(services, planned);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return new Map(planned.flatMap((group) => group.planned.map(({ submissionId }) => [submissionId, error])));
  }
};

/** A submission that is planned already: a re-run. */
export const submitPlanned = async (
  services: Services,
  { tenant }: TenantSetup,
  planned: PlannedSubmission,
): Promise<Outcome> => {
  const overspent = await budgetRefusal(services, tenant);
  if (overspent !== undefined) return await refuse(services, planned, refusedBy(planned, overspent));
  const outcome = await admitAndSettle(services, tenant, planned);
  if (waits(outcome)) await services.wake();
  return outcome;
};

/** One delivery of its own: its failure is thrown. */
export const submitJob = async (
  services: Services,
  delivery: Delivery,
): Promise<Exclude<Outcome, { verdict: "failed" }>> => {
  const [outcome] = await submitJobs(services, [delivery]);
  if (outcome === undefined) throw new Error("A delivery came to nothing, this is a bug");
  if (outcome.verdict === "failed") throw outcome.error;
  return outcome;
};

/** After every time that an ISO 8601 text of these centuries says. */
const endOfTime = "9999";

const settleOrFail = async (
  services: Services,
  proposal: Proposal,
  admitted: Omit<Admitted, "tenant" | "planned">,
): Promise<Outcome> => {
  if (proposal.verdict === "failed") return proposal;
  try {
    return proposal.verdict === "refused"
      ? await refuse(services, proposal.delivery, proposal.refused)
      : await settle(services, {
          tenant: proposal.delivery.setup.tenant,
          planned: proposal.planned,
          ...admitted,
        });
  } catch (error) {
    return { verdict: "failed", error };
  }
};

interface Admitted {
  readonly tenant: Tenant;
  readonly planned: PlannedSubmission;
  readonly admission: Admission;
  readonly deadline: string;
  /** An earlier one of the batch was admitted with it, and gives back what is not used. */
  readonly shares: boolean;
}

const admitAndSettle = async (
  services: Services,
  tenant: Tenant,
  planned: PlannedSubmission,
  deadline = endOfTime,
): Promise<Outcome> => {
  const admission = await admit(services, [{ tenant, planned: [planned] }]);
  return await settle(services, { tenant, planned, admission, deadline, shares: false });
};

const settle = async (services: Services, admitted: Admitted): Promise<Outcome> => {
  const { tenant, planned, admission, deadline, shares } = admitted;
  const proposed = admission.get(planned.submissionId);
  if (proposed === undefined) throw new Error("A planned submission was not admitted, this is a bug");
  if (proposed instanceof Error) throw proposed;
  const { verdict, submission } = await services.submissions.accept(proposed);
  if (verdict === "accepted" && services.now() >= deadline) return { verdict: "accepted", submission, repeat: false };
  if (verdict === "accepted") {
    return proposed.state === "starting"
      ? await startSubmission(services, submission)
      : await resume(services, submission, false);
  }
  if (!shares) await undoAdmission(services, proposed, submission);
  if (verdict === "gives-way") {
    await settleRefusal(services, submission);
    // It is not used yet, and a bucket may hold no second one.
    if (proposed.state === "starting" && !shares) await services.starts.returnTokens("StartJobRun", 1);
    const next = { ...planned, acceptance: acceptanceAfter(submission) };
    return await admitAndSettle(services, tenant, next, deadline);
  }
  return verdict === "conflict"
    ? await refuseConflict(services, proposed, submission)
    : await repeat(services, submission, proposed.taskToken);
};

/**
 * Gives back what was admitted and not accepted: its place among the waiting, or its slot where the submission that is
 * stored has ended, holds another one or is another tenant's. One that goes on has the very same slot, for it has the same
 * name, whatever it asked for.
 */
const undoAdmission = async (services: Services, proposed: NewSubmission, first: Submission): Promise<void> => {
  const { tenantId, submissionId } = proposed;
  if (proposed.state === "waiting") await services.starts.leaveLine(tenantId, 1);
  if (proposed.state !== "starting") return;
  const stored = await services.submissions.get(submissionId);
  const same = stored?.tenantId === tenantId && slotOf(first) === slotOf(proposed);
  const goesOn = same && ["waiting", "starting", "started"].includes(first.state);
  if (!goesOn) await services.starts.leave(tenantId, [slotOf(proposed)]);
};

/**
 * Refuses a delivery. An HTTP caller reads the refusal in the answer and nothing is stored, so a corrected request may
 * use the same key; at the other doors the refusal is stored and published, because nobody waits for an answer. A task is
 * told where it is published.
 * An earlier submission of the same key stands whatever the tenant's rules say by now.
 */
const refuse = async (
  services: Services,
  delivery: Pick<Delivery, "door">,
  refused: RefusedSubmission,
): Promise<Outcome> => {
  if (delivery.door !== "http") {
    const outbox = { ending: refusedEvent(refused) };
    const told = { ...refused, outbox, dueAt: services.later(publishSoonMs) };
    const { verdict, submission } = await services.submissions.accept(told);
    if (verdict === "gives-way") {
      await settleRefusal(services, submission);
      return await refuse(services, delivery, { ...refused, acceptance: acceptanceAfter(submission) });
    }
    if (verdict === "conflict") return await refuseConflict(services, refused, submission);
    return verdict === "repeat"
      ? await repeat(services, submission, refused.taskToken)
      : await resume(services, submission, false);
  }
  const first = await services.submissions.get(refused.submissionId);
  if (first === undefined || first.tenantId !== refused.tenantId || first.fingerprint !== refused.fingerprint) {
    return { verdict: "refused", error: errorOf(refused.refusal), repeat: false };
  }
  return await repeat(services, first, refused.taskToken);
};

/**
 * Another job request holds the key. Its record stands, so this refusal is not stored: an HTTP caller gets the error,
 * and at the other doors it is published, each time under the same id, before the message is acknowledged.
 */
const refuseConflict = async (services: Services, proposed: NewSubmission, first: Submission): Promise<Outcome> => {
  const error = conflictError(first, proposed);
  if (proposed.door !== "http") {
    // The first one's time: a message that comes again is refused by the very same event.
    const { acceptedAt } = first;
    const event = refusedEvent({ ...proposed, acceptedAt, state: "refused", refusal: refusalOf(error) });
    await publishEvent(services, proposed.tenantId, event, proposed.taskToken);
  }
  return { verdict: "refused", error, repeat: false };
};

const repeat = async (services: Services, first: Submission, taskToken: string | undefined): Promise<Outcome> =>
  await resume(services, await awaitEnd(services, first, taskToken), true);

/** Takes a stored submission on from wherever it stands. One that is being started by somebody else is left to them. */
const resume = async (services: Services, submission: Submission, isRepeat: boolean): Promise<Outcome> => {
  if (submission.refusal !== undefined) {
    await settleRefusal(services, submission);
    return { verdict: "refused", submission, error: errorOf(submission.refusal), repeat: isRepeat };
  }
  if (submission.state === "waiting") return { verdict: "accepted", submission, repeat: isRepeat };
  if (submission.state !== "starting") return { verdict: "started", submission, repeat: isRepeat };
  if ((submission.leaseUntil ?? "") > services.now()) return { verdict: "accepted", submission, repeat: isRepeat };
  const again = await startAgain(services, submission, { by: "door", repeat: isRepeat });
  return again.verdict === "called" ? again.outcome : { verdict: "accepted", submission, repeat: isRepeat };
};
