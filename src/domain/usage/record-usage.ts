import type { Services } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { endOfHour, hourOf, monthOf } from "./account.ts";
import { usageEntryOf } from "./usage-entry.ts";

/**
 * Counts an ended submission in its tenant's usage. It may be repeated at any time, beside itself, and after a crash it
 * must be: the entry comes first and the new versions after it, so what was summed without it is valid only until then.
 * The month is summed within a minute where a budget goes by it, else when its hour is over.
 */
export const recordUsage = async ({ usage, tenants, prices, now }: Services, submission: Submission): Promise<void> => {
  const entry = usageEntryOf(submission, prices);
  if (entry === undefined) return;
  await usage.putEntry(entry);
  const { tenantId, completedAt } = entry;
  const hour = hourOf(completedAt);
  await usage.touch(tenantId, hour, endOfHour(hour));
  const setup = await tenants.byId(tenantId);
  if (setup?.tenant.budget !== undefined) await usage.touch(tenantId, monthOf(completedAt), now());
};
