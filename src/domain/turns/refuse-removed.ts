import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Failure } from "#domain/submission/outcome.ts";
import { isRefused, refuseSubmission } from "#domain/submission/refuse-submission.ts";
import { settleRefusal } from "#domain/submission/settle-refusal.ts";
import { leaseMs } from "#domain/submission/start-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";

/** Waiting submissions of one tenant that are read at once. */
const pageSize = 25;

/** Errors after which the rest is left to the next call: then it is not one submission that fails. */
const mostFailures = 5;

/** What came of looking for submissions that nobody will ever start. */
export interface RefusedRemoved {
  waitingRefused: number;
  /** Those that came to an error: the next call, or the sweep, goes on with them. */
  readonly failures: Failure[];
}

const removed = ({ submissionId, tenantId }: Submission): ServiceError => {
  const message = `Cannot start the job of submission "${submissionId}": tenant "${tenantId}" was removed while it waited`;
  return new ServiceError("ERR_TENANT_REMOVED", message);
};

/** A tenant that cannot be read is there. */
const isRemoved = async ({ tenants }: Services, tenantId: string): Promise<boolean> => {
  try {
    return (await tenants.byId(tenantId)) === undefined;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ERR_TENANT_UNREADABLE") return false;
    throw error;
  }
};

/** Claimed first, so that nobody starts or cancels it; a crash in between has it wait again. */
const refuse = async (services: Services, seen: Submission): Promise<boolean> => {
  const claimed = await services.submissions.claim(seen, services.later(leaseMs));
  if (claimed === undefined) return false;
  const stored = await refuseSubmission(services, claimed, removed(claimed));
  if (!isRefused(stored, claimed)) return false;
  await services.starts.leaveLine(claimed.tenantId, 1);
  await settleRefusal(services, stored);
  return true;
};

interface Refusing {
  readonly services: Services;
  readonly until: string;
  readonly told: RefusedRemoved;
}

const goesOn = ({ services, until, told }: Refusing): boolean =>
  services.now() < until && told.failures.length < mostFailures;

/** The next that wait of a tenant; says how many of them were refused. */
const refusePage = async (refusing: Refusing, tenantId: string): Promise<number> => {
  const { services, told } = refusing;
  const before = told.waitingRefused;
  for (const seen of await services.submissions.waiting(tenantId, pageSize)) {
    if (!goesOn(refusing)) break;
    try {
      if (await refuse(services, seen)) told.waitingRefused += 1;
    } catch (error) {
      told.failures.push({ submissionId: seen.submissionId, error });
    }
  }
  return told.waitingRefused - before;
};

/**
 * Refuses what waits of tenants that were removed, each with its ending, until none is left or its time is up. What has a
 * slot goes on: it may have a job run.
 */
export const refuseRemoved = async (services: Services, until: string): Promise<RefusedRemoved> => {
  const refusing: Refusing = { services, until, told: { waitingRefused: 0, failures: [] } };
  for (const tenantId of await services.starts.waitingTenants()) {
    if (!goesOn(refusing)) break;
    if (!(await isRemoved(services, tenantId))) continue;
    // An index that lags shows what is refused by now: a page of nothing else is the end.
    while (goesOn(refusing) && (await refusePage(refusing, tenantId)) > 0);
  }
  return refusing.told;
};
