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
 * restored from before. Without it the tenant would get one more than its limit. Where the job run ends in this very
 * moment, the next repair frees the slot.
 */
export const restoreSlot = async (sweep: Sweep, submission: Submission): Promise<void> => {
  const slot = slotOf(submission);
  const { active } = await lineOf(sweep, submission.tenantId);
  if (active.includes(slot)) return;
  if (await sweep.services.starts.restoreSlot(submission.tenantId, slot)) sweep.swept.slotsRestored += 1;
};
