import { unconfirmedOf } from "#domain/submission/outcome.ts";
import { leaseMs, startSubmission } from "#domain/submission/start-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { afterTurn } from "./fair-turns.ts";
import { readPage } from "./read-line.ts";
import type { Round } from "./round.ts";
import { slotOf } from "./slot.ts";

/** Submissions that are read after a pause, which brings one token: the one that goes, and whether another waits. They may be large. */
const pageAfterPause = 2;

/** One turn of one tenant, with a token in hand, which goes back where StartJobRun is not called. */
export const giveTurn = async (round: Round, tenantId: string): Promise<void> => {
  const { services, ready, tried, failures } = round;
  const known = ready.get(tenantId);
  // Since the page was read, one of higher priority may have come.
  if (known !== undefined && known.look < round.look) await readPage(round, known.tenant, pageAfterPause);
  const waiting = ready.get(tenantId);
  const submission = waiting?.submissions.shift();
  if (waiting === undefined || submission === undefined) {
    ready.delete(tenantId);
    await services.starts.returnTokens("StartJobRun", 1);
    return;
  }
  tried.add(submission.submissionId);
  // One submission's fault must not take the others' turns.
  const failed = (error: unknown): void => void failures.push({ submissionId: submission.submissionId, error });
  try {
    const claimed = await claimTurn(round, waiting.tenant, submission);
    if (claimed === undefined) await services.starts.returnTokens("StartJobRun", 1);
    else startUnderWay(round, claimed, failed);
  } catch (error) {
    failed(error);
  }
  if (waiting.submissions.length === 0 && ready.has(tenantId)) await readPage(round, waiting.tenant);
};

/** The submission, claimed and with a slot of its tenant, its turn counted; nothing where it cannot start now. */
const claimTurn = async (
  round: Round,
  { tenantId, limits }: Tenant,
  submission: Submission,
): Promise<Submission | undefined> => {
  const { services, ready } = round;
  const claimed = await services.submissions.claim(submission, services.later(leaseMs));
  // It was cancelled, or another dispatcher has it.
  if (claimed === undefined) return undefined;
  const slot = await services.starts.takeTurn(tenantId, slotOf(claimed), limits.maxActive);
  if (slot !== "taken") {
    ready.delete(tenantId);
    await services.submissions.giveBack(claimed, slot === "full" ? "tenant-slots" : "tenant-suspended");
    return undefined;
  }
  round.turns = afterTurn(round.turns, tenantId, limits.weight);
  return claimed;
};

/** Starts a submission without waiting for it: the next turn need not wait until StartJobRun has answered. */
const startUnderWay = (round: Round, claimed: Submission, failed: (error: unknown) => void): void => {
  const { services, underWay, started, unconfirmed } = round;
  const start = async (): Promise<void> => {
    const outcome = await startSubmission(services, claimed);
    if (outcome.verdict === "started") started.push(outcome.submission);
    unconfirmed.push(...unconfirmedOf(outcome));
  };
  const starting = start()
    .catch(failed)
    .finally(() => underWay.delete(starting));
  underWay.add(starting);
};
