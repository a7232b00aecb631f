import { deniedAt, type Fault } from "#domain/fault.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Job } from "./job-of.ts";

/** The minutes after which a job ends, by the tenant's default and cap; 0 is never. */
export const timeoutOf = (
  job: Pick<Job, "executionTimeoutMinutes" | "mode">,
  { executionTimeout }: Pick<Tenant, "executionTimeout">,
): number | Fault => {
  const { defaultMinutes, maxMinutes, streamingWithoutTimeout } = executionTimeout;
  const minutes = job.executionTimeoutMinutes ?? Math.min(defaultMinutes, maxMinutes);
  const path = ["executionTimeoutMinutes"];
  if (minutes === 0) {
    return job.mode === "STREAMING" && streamingWithoutTimeout
      ? 0
      : deniedAt(path, 0, "must not be 0: only streaming jobs of tenants that allow it run without a timeout");
  }
  return minutes <= maxMinutes ? minutes : deniedAt(path, minutes, `must be at most ${maxMinutes}, the tenant's cap`);
};
