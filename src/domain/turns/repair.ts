import type { Services } from "#domain/ports.ts";
import { type Failure, unconfirmedOf } from "#domain/submission/outcome.ts";
import { startAgain } from "#domain/submission/start-again.ts";
import { leaseMs } from "#domain/submission/start-submission.ts";
import type { Submission, SubmissionState } from "#domain/submission/submission.ts";
import { type Accepted, holderOf, slotOf } from "./slot.ts";

/** What is looked after in one call: bounded, so that a call always ends in time. */
const startsAtOnce = 25;
const tenantsAtOnce = 50;
const waitingAtOnce = 100;

/**
 * How long a slot may be without a submission: a door takes the slot first, and has at most its function's timeout to
 * store the submission (60 s in serverless.yml).
 */
const suspicionMs = 120_000;

/** What a repair put right: for its log and its metrics. */
export interface Repaired {
  readonly startedAgain: number;
  readonly slotsFreed: number;
  readonly turnsRestored: number;
  readonly countsCorrected: number;
}

/**
 * What a repair says besides: the page that comes next, the starts that came to an error which nobody foresaw, and those
 * that are not confirmed yet.
 */
export interface Repair extends Repaired, Starts {
  readonly next?: string;
}

interface Starts {
  readonly failures: Failure[];
  readonly unconfirmed: Failure[];
}

/** Starts whose caller died. */
const startExpired = async (services: Services, { failures, unconfirmed }: Starts): Promise<number> => {
  let again = 0;
  for (const seen of await services.submissions.due("starting", services.now(), startsAtOnce)) {
    try {
      const started = await startAgain(services, seen, { by: "dispatcher" });
      if (started.verdict === "no-token") break;
      if (started.verdict !== "called") continue;
      again += 1;
      unconfirmed.push(...unconfirmedOf(started.outcome));
    } catch (error) {
      // One submission's fault must not keep the others from being looked after.
      failures.push({ submissionId: seen.submissionId, error });
    }
  }
  return again;
};

const endings: readonly string[] = ["completed", "refused", "cancelled"];

interface Audit {
  slotsFreed: number;
  turnsRestored: number;
}

/**
 * The slot of a submission that waits: a repeat of it took one, or who gave its turn back died. Only who holds the
 * lease may take the slot away, or a start that begins in between would go on without one.
 */
const takeSlotBack = async (services: Services, seen: Submission): Promise<number> => {
  const claimed = await services.submissions.claim(seen, services.later(leaseMs));
  if (claimed === undefined) return 0;
  await services.starts.giveBack(seen.tenantId, slotOf(claimed));
  await services.submissions.giveBack(claimed, seen.waitingFor ?? "tenant-slots");
  return 1;
};

/** What a slot is, by the submission that is stored under its id now. */
const holderState = ({ acceptance }: Required<Accepted>, stored: Submission | undefined): SubmissionState | "none" => {
  const current = stored?.acceptance ?? 1;
  // A door takes the slot before it stores the submission.
  if (stored === undefined || current < acceptance) return "none";
  // Only what was refused gives way, and it never comes back.
  return current > acceptance ? "refused" : stored.state;
};

/** Compares a tenant's slots with its submissions: a slot belongs to one that is starting or started. */
const auditSlots = async (services: Services, tenantId: string, found: Audit): Promise<void> => {
  const { active, suspects } = await services.starts.line(tenantId);
  const orphans: string[] = [];
  for (const slot of active) {
    const holder = holderOf(slot);
    const submission = await services.submissions.get(holder.submissionId);
    const state = holderState(holder, submission);
    if (state === "none") orphans.push(slot);
    if (state === "waiting" && submission !== undefined)
      found.turnsRestored += await takeSlotBack(services, submission);
    // An ending is for good: whoever takes a slot under this id from now on takes another one.
    if (endings.includes(state)) {
      await services.starts.leave(tenantId, [slot]);
      found.slotsFreed += 1;
    }
  }
  if (orphans.length === 0) return;
  if (suspects === undefined) return await services.starts.suspect(tenantId, orphans, services.later(suspicionMs));
  if (suspects.since > services.now()) return;
  const certain = orphans.filter((id) => suspects.slots.includes(id));
  await services.starts.leave(tenantId, certain);
  await services.starts.suspect(tenantId, [], services.now());
  found.slotsFreed += certain.length;
};

/** How long two looks at an index are apart before its word counts: longer than indexes are behind their table. */
const indexLagMs = 15_000;

interface Count {
  readonly tenantId: string;
  readonly waiting: number;
  readonly found: number;
}

/** The tenants whose count of waiting is not what the index says. */
const wrongCounts = async (services: Services, tenantIds: Iterable<string>): Promise<Count[]> => {
  const wrong: Count[] = [];
  for (const tenantId of tenantIds) {
    const { waiting } = await services.starts.line(tenantId);
    const found = await services.submissions.countWaiting(tenantId);
    if (found !== waiting) wrong.push({ tenantId, waiting, found });
  }
  return wrong;
};

/**
 * A tenant that counts as waiting although nobody of it waits is looked at in vain for ever, and one that does not
 * count is never looked at. So a count is
 * changed only where a second look finds the same.
 */
const correctCounts = async (services: Services, tenantIds: readonly string[]): Promise<number> => {
  const counting = await services.starts.waitingTenants();
  // Whoever does not count is found by what waits, or nobody would ever look at it.
  const uncounted = await services.submissions.longestWaiting(waitingAtOnce);
  const first = await wrongCounts(services, new Set([...counting, ...uncounted, ...tenantIds]));
  if (first.length === 0) return 0;
  await services.pauseUntil(services.later(indexLagMs));
  let corrected = 0;
  for (const { tenantId, waiting, found } of await wrongCounts(
    services,
    first.map((count) => count.tenantId),
  )) {
    const same = first.some(
      (count) => count.tenantId === tenantId && count.waiting === waiting && count.found === found,
    );
    if (same && (await services.starts.correctWaiting(tenantId, waiting, found))) corrected += 1;
  }
  return corrected;
};

/**
 * Puts right what crashes left undone, a bounded amount a call, and says what it was. Safe beside itself and beside the
 * doors and the dispatcher: every step is a conditional write.
 */
export const repair = async (services: Services, after?: string): Promise<Repair> => {
  const starts: Starts = { failures: [], unconfirmed: [] };
  const startedAgain = await startExpired(services, starts);
  const found: Audit = { slotsFreed: 0, turnsRestored: 0 };
  const tenantIds = (await services.starts.activeTenants(after)).slice(0, tenantsAtOnce);
  for (const tenantId of tenantIds) await auditSlots(services, tenantId, found);
  const countsCorrected = await correctCounts(services, tenantIds);
  if (found.slotsFreed + found.turnsRestored > 0) await services.wake();
  const next = tenantIds.length === tenantsAtOnce ? tenantIds.at(-1) : undefined;
  return { startedAgain, ...found, countsCorrected, ...starts, ...(next !== undefined && { next }) };
};
