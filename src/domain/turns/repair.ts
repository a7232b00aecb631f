import type { Services } from "#domain/ports.ts";
import { leaseMs, startSubmission } from "#domain/submission/start-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";

/** What is looked after in one call: bounded, so that a call always ends in time. */
const startsAtOnce = 25;
const tenantsAtOnce = 50;

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

/** Starts whose caller died: claimed anew, and called again with the same token and the same bytes. */
const startAgain = async (services: Services): Promise<number> => {
  let again = 0;
  for (const seen of await services.submissions.expired(services.now(), startsAtOnce)) {
    const setup = await services.tenants.byId(seen.tenantId);
    const tokens = await services.starts.takeTokens("StartJobRun", 1, "dispatcher");
    if (tokens.taken === 0) break;
    const claimed = await services.submissions.claim(seen, services.later(leaseMs));
    if (claimed === undefined) continue;
    // Its job run may exist already, so it keeps or gets a slot whatever the limit says by now.
    await services.starts.takeTurn(seen.tenantId, seen.submissionId, setup?.tenant.limits.maxActive ?? 1);
    await startSubmission(services, claimed, { again: true });
    again += 1;
  }
  return again;
};

const isEnded = ({ state }: Submission): boolean => ["completed", "refused", "cancelled"].includes(state);

interface Audit {
  slotsFreed: number;
  turnsRestored: number;
}

/** Compares a tenant's slots with its submissions: a slot belongs to one that is starting or started. */
const auditSlots = async (services: Services, tenantId: string, found: Audit): Promise<void> => {
  const { active, suspects } = await services.starts.line(tenantId);
  const orphans: string[] = [];
  for (const submissionId of active) {
    const submission = await services.submissions.get(submissionId);
    if (submission === undefined) orphans.push(submissionId);
    else if (submission.state === "waiting") {
      await services.starts.giveBack(tenantId, submissionId);
      found.turnsRestored += 1;
    } else if (isEnded(submission)) {
      await services.starts.leave(tenantId, [submissionId]);
      found.slotsFreed += 1;
    }
  }
  if (orphans.length === 0) return;
  if (suspects === undefined) return await services.starts.suspect(tenantId, orphans, services.later(suspicionMs));
  if (suspects.since > services.now()) return;
  const certain = orphans.filter((id) => suspects.submissionIds.includes(id));
  await services.starts.leave(tenantId, certain);
  await services.starts.suspect(tenantId, [], services.now());
  found.slotsFreed += certain.length;
};

/** A tenant that counts as waiting although nobody of it waits would be looked at in vain for ever. */
const correctCount = async (services: Services, tenantId: string): Promise<number> => {
  const { waiting } = await services.starts.line(tenantId);
  const found = await services.submissions.waiting(tenantId, waiting + 1);
  if (found.length >= waiting) return 0;
  return (await services.starts.correctWaiting(tenantId, waiting, found.length)) ? 1 : 0;
};

/**
 * Puts right what crashes left undone, a bounded amount a call, and says what it was. Safe beside itself and beside the
 * doors and the dispatcher: every step is a conditional write.
 */
export const repair = async (services: Services, after?: string): Promise<Repaired & { readonly next?: string }> => {
  const startedAgain = await startAgain(services);
  const found: Audit = { slotsFreed: 0, turnsRestored: 0 };
  const tenantIds = (await services.starts.activeTenants(after)).slice(0, tenantsAtOnce);
  for (const tenantId of tenantIds) await auditSlots(services, tenantId, found);
  let countsCorrected = 0;
  for (const tenantId of await services.starts.waitingTenants())
    countsCorrected += await correctCount(services, tenantId);
  if (found.slotsFreed + found.turnsRestored > 0) await services.wake();
  const next = tenantIds.length === tenantsAtOnce ? tenantIds.at(-1) : undefined;
  return { startedAgain, ...found, countsCorrected, ...(next !== undefined && { next }) };
};
