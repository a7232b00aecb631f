import type { Submission } from "#domain/submission/submission.ts";
import type { Line } from "#domain/turns/line.ts";
import { slotOf } from "#domain/turns/slot.ts";
import type { Sweep } from "./swept.ts";

/** One read of a line serves all looks of a sweep at its tenant's job runs: what it misses is asked for again by the write. */
const lineOf = async ({ services, lines }: Sweep, tenantId: string): Promise<Line> => {
  const line = lines.get(tenantId) ?? (await services.starts.line(tenantId));
  lines.set(tenantId, line);
  return line;
};

/**
 * Gives a submission whose job run goes on its slot back where it was lost: by a line that somebody deleted, or a table
 * restored from before. Without it the tenant would get one more than its limit. Whoever ends a job run stores that first
 * and frees the slot then: of one that has ended, before or meanwhile, nothing is given back for good.
 */
export const restoreSlot = async (sweep: Sweep, submission: Submission): Promise<void> => {
  const { services, swept } = sweep;
  const { submissionId, tenantId } = submission;
  const slot = slotOf(submission);
  const goesOn = async (): Promise<boolean> => (await services.submissions.get(submissionId))?.state === "started";
  const { active } = await lineOf(sweep, tenantId);
  if (active.includes(slot) || !(await goesOn())) return;
  if (!(await services.starts.restoreSlot(tenantId, slot))) return;
  if (await goesOn()) {
    swept.slotsRestored += 1;
    return;
  }
  await services.starts.leave(tenantId, [slot]);
  await services.wake();
};
