import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { withoutAbsent } from "./fair-turns.ts";
import type { Round } from "./round.ts";

/** Waiting submissions of one tenant that are read at once where several may go one after the other. */
const pageSize = 10;

/** Reads who waits and could start. A tenant that could not would take the account's tokens and come to nothing. */
export const readLine = async (round: Round): Promise<void> => {
  const { services, ready, tried } = round;
  tried.clear();
  round.look += 1;
  const waiting = await services.starts.waitingTenants();
  round.turns = withoutAbsent(round.turns, new Set(waiting));
  for (const tenantId of ready.keys()) if (!waiting.includes(tenantId)) ready.delete(tenantId);
  for (const tenantId of waiting) {
    const tenant = await readTenant(services, tenantId);
    const known = ready.get(tenantId);
    if (tenant === undefined) ready.delete(tenantId);
    // A dispatcher may lead for minutes: limits that change meanwhile count from the next look at the line on.
    else if (known !== undefined) ready.set(tenantId, { ...known, tenant });
    else if (await mayStart(services, tenant)) await readPage(round, tenant);
  }
};

/** A tenant whose record cannot be read waits, and takes no turn from the others. */
const readTenant = async ({ tenants }: Services, tenantId: string): Promise<Tenant | undefined> => {
  try {
    return (await tenants.byId(tenantId))?.tenant;
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ERR_TENANT_UNREADABLE") return undefined;
    throw error;
  }
};

const mayStart = async (services: Services, { tenantId, limits }: Tenant): Promise<boolean> => {
  const { active, suspended } = await services.starts.line(tenantId);
  return suspended === undefined && active.length < limits.maxActive;
};

/** The next waiting submissions of a tenant; one that has none of them is not ready. */
export const readPage = async (round: Round, tenant: Tenant, size = pageSize): Promise<void> => {
  const { services, ready, tried, look } = round;
  const page = await services.submissions.waiting(tenant.tenantId, size + Math.min(tried.size, pageSize * 5));
  const submissions = page.filter(({ submissionId }) => !tried.has(submissionId)).slice(0, size);
  if (submissions.length > 0) ready.set(tenant.tenantId, { tenant, submissions, look });
  else ready.delete(tenant.tenantId);
};
