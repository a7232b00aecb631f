import type { Services } from "#domain/ports.ts";
import type { Submission, WaitingFor } from "./submission.ts";

/** Why a submission waits now, which may be another reason than at first, and what goes before it. */
export interface Place {
  readonly waitingFor: WaitingFor;
  /** How many of the tenant's own submissions have their turn before this one. */
  readonly ahead: number;
  /** How many tenants wait, this one included: they take turns. */
  readonly tenantsWaiting: number;
  /** The operator's message, where starts are suspended. */
  readonly message?: string;
}

/** The place of a waiting submission in the scheme of turns; nothing for one that does not wait. */
export const placeOf = async (services: Services, submission: Submission): Promise<Place | undefined> => {
  if (submission.state !== "waiting") return undefined;
  const { suspended, active } = await services.starts.line(submission.tenantId);
  const setup = await services.tenants.byId(submission.tenantId);
  const full = active.length >= (setup?.tenant.limits.maxActive ?? Number.POSITIVE_INFINITY);
  const tokens = await services.starts.takeTokens("StartJobRun", 0, "door");
  const message = suspended ?? tokens.suspended;
  return {
    waitingFor: message !== undefined ? "tenant-suspended" : full ? "tenant-slots" : "account-rate",
    ahead: await services.submissions.ahead(submission),
    tenantsWaiting: (await services.starts.waitingTenants()).length,
    ...(message !== undefined && { message }),
  };
};
