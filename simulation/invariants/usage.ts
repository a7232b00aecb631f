import { usageOf } from "#domain/usage/usage-of.ts";
import type { World } from "../world.ts";

const always = { from: "2000-01-01", to: "2999-12-31" };

/** Each submission that completed is counted in its tenant's usage, once, however often its end was told and settled. */
export const countedOnce = async ({ shared, setups, ledger }: World): Promise<string | undefined> => {
  if (shared === undefined) return undefined;
  for (const tenantId of setups.keys()) {
    const completed = ledger.all().filter((found) => found.tenantId === tenantId && found.state === "completed");
    const { total } = await usageOf(shared, tenantId, always);
    if (total.jobRuns !== completed.length)
      return `tenant "${tenantId}" has ${completed.length} completed submissions, and its usage counts ${total.jobRuns}`;
  }
  return undefined;
};
