import type { Services } from "#domain/ports.ts";
import { leaseMs } from "#domain/submission/start-submission.ts";
import type { Submission, SubmissionState } from "#domain/submission/submission.ts";
import type { Line } from "./line.ts";
import { type Accepted, holderOf, slotOf } from "./slot.ts";

/** What is looked after in one call. */
const tenantsAtOnce = 50;
const slotsAtOnce = 100;
const waitingAtOnce = 100;

/**
 * How long a slot may be without a submission: a door takes the slot first, and has at most its function's timeout to
 * store the submission (60 s in serverless.yml).
 */
const suspicionMs = 120_000;

/** What a repair put right: for its log and its metrics. */
export interface Repaired {
  readonly slotsFreed: number;
  readonly turnsRestored: number;
  readonly countsCorrected: number;
}

/** What a repair says besides: the tenant after which the next one goes on, where it did not come to all of them. */
export interface Repair extends Repaired {
  readonly next?: string;
}

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

/** What becomes of a slot whose holder is known; those that have none yet are handed back. */
const auditSlot = async (
  services: Services,
  { tenantId, slot, stored, found }: { tenantId: string; slot: string; stored: Submission | undefined; found: Audit },
): Promise<readonly string[]> => {
  const state = holderState(holderOf(slot), stored);
  if (state === "none") return [slot];
  if (state === "waiting" && stored !== undefined) found.turnsRestored += await takeSlotBack(services, stored);
  // An ending is for good: whoever takes a slot under this id from now on takes another one.
  if (endings.includes(state)) {
    await services.starts.leave(tenantId, [slot]);
    found.slotsFreed += 1;
  }
  return [];
};

/** The slots that no submission was found for, or nothing where the time is up before all were looked at. */
const orphansOf = async (
  services: Services,
  until: string,
  { tenantId, active, found }: { tenantId: string; active: readonly string[]; found: Audit },
): Promise<readonly string[] | undefined> => {
  const orphans: string[] = [];
  for (let from = 0; from < active.length; from += slotsAtOnce) {
    if (services.now() >= until) return undefined;
    const slots = active.slice(from, from + slotsAtOnce);
    const holders = await services.submissions.getAll(slots.map((slot) => holderOf(slot).submissionId));
    for (const slot of slots) {
      const stored = holders.get(holderOf(slot).submissionId);
      // What nobody can read may have a job run.
      if (stored === "unreadable") continue;
      orphans.push(...(await auditSlot(services, { tenantId, slot, stored, found })));
    }
  }
  return orphans;
};

/** Frees slots without a submission where they are still that when they have been suspect for long enough. */
const freeOrphans = async (
  services: Services,
  { tenantId, orphans, suspects }: { tenantId: string; orphans: readonly string[]; suspects: Line["suspects"] },
  found: Audit,
): Promise<void> => {
  if (orphans.length === 0) {
    if (suspects !== undefined) await services.starts.suspect(tenantId, [], services.now());
    return;
  }
  if (suspects === undefined) return await services.starts.suspect(tenantId, orphans, services.later(suspicionMs));
  if (suspects.since > services.now()) return;
  const certain = orphans.filter((id) => suspects.slots.includes(id));
  if (certain.length === 0) return await services.starts.suspect(tenantId, [], services.now());
  // A delivery that comes again may take one of them in this very moment.
  if (await services.starts.freeSuspects(tenantId, certain, suspects)) found.slotsFreed += certain.length;
};

/**
 * Compares a tenant's slots with its submissions: a slot belongs to one that is starting or started. Says whether there was
 * time for all of them.
 */
const auditSlots = async (services: Services, until: string, tenantId: string, found: Audit): Promise<boolean> => {
  const { active, suspects } = await services.starts.line(tenantId);
  const orphans = await orphansOf(services, until, { tenantId, active, found });
  if (orphans === undefined) return false;
  await freeOrphans(services, { tenantId, orphans, suspects }, found);
  return true;
};

/** How long two looks at an index are apart before its word counts: longer than indexes are behind their table. */
const indexLagMs = 15_000;

interface Count {
  readonly tenantId: string;
  readonly waiting: number;
  readonly found: number;
}

/** The tenants whose count of waiting is not what the index says, as far as there is time to look. */
const wrongCounts = async (services: Services, until: string, tenantIds: Iterable<string>): Promise<Count[]> => {
  const wrong: Count[] = [];
  for (const tenantId of tenantIds) {
    if (services.now() >= until) break;
    const { waiting } = await services.starts.line(tenantId);
    const found = await services.submissions.countWaiting(tenantId);
    if (found !== waiting) wrong.push({ tenantId, waiting, found });
  }
  return wrong;
};

/**
 * A tenant that counts as waiting although nobody of it waits is looked at in vain for ever, and one that does not
 * count is never looked at. So a count is changed only where a second look finds the same, and where there is time for it.
 */
const correctCounts = async (services: Services, until: string, tenantIds: readonly string[]): Promise<number> => {
  if (services.later(indexLagMs) >= until) return 0;
  const counting = await services.starts.waitingTenants();
  // Whoever does not count is found by what waits, or nobody would ever look at it.
  const uncounted = await services.submissions.longestWaiting(waitingAtOnce);
  const first = await wrongCounts(services, until, new Set([...counting, ...uncounted, ...tenantIds]));
  if (first.length === 0) return 0;
  await services.pauseUntil(services.later(indexLagMs));
  const suspects = first.map(({ tenantId }) => tenantId);
  let corrected = 0;
  for (const { tenantId, waiting, found } of await wrongCounts(services, until, suspects)) {
    const same = first.some(
      (count) => count.tenantId === tenantId && count.waiting === waiting && count.found === found,
    );
    if (same && (await services.starts.correctWaiting(tenantId, waiting, found))) corrected += 1;
  }
  return corrected;
};

/**
 * Puts the slots and the counts of a page of tenants right that crashes left wrong, until its time is up, and says what it
 * was. Safe beside itself and beside the doors and the dispatcher: every step is a conditional write.
 */
export const repair = async (services: Services, until: string, after?: string): Promise<Repair> => {
  const found: Audit = { slotsFreed: 0, turnsRestored: 0 };
  const tenantIds = (await services.starts.activeTenants(after)).slice(0, tenantsAtOnce);
  const audited: string[] = [];
  for (const tenantId of tenantIds) {
    if (services.now() >= until || !(await auditSlots(services, until, tenantId, found))) break;
    audited.push(tenantId);
  }
  const countsCorrected = await correctCounts(services, until, tenantIds);
  if (found.slotsFreed + found.turnsRestored + countsCorrected > 0) await services.wake();
  const all = audited.length === tenantIds.length && tenantIds.length < tenantsAtOnce;
  const next = all ? undefined : (audited.at(-1) ?? after);
  return { ...found, countsCorrected, ...(next !== undefined && { next }) };
};
