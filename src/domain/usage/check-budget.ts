import type { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { monthOf } from "./account.ts";
import { type BudgetVerdict, budgetSpent, budgetVerdict } from "./budget.ts";

/**
 * How a tenant stands against its budget now; nothing where it has none, which costs nothing to find out. It lags by what
 * the sweep lags, a minute or so, and by the seconds for which a month's account is kept in memory.
 */
export const checkBudget = async (
  { usage, now }: Pick<Services, "usage" | "now">,
  { tenantId, budget }: Tenant,
): Promise<BudgetVerdict | undefined> => {
  if (budget === undefined) return undefined;
  const month = monthOf(now());
  const account = await usage.month(tenantId, month);
  return budgetVerdict(budget, month, account?.sums ?? []);
};

/** The refusal of a new job request, where the tenant has spent its budget. */
export const budgetRefusal = async (
  services: Pick<Services, "usage" | "now">,
  tenant: Tenant,
): Promise<ServiceError | undefined> => {
  const verdict = await checkBudget(services, tenant);
  return verdict?.verdict === "exceeded" ? budgetSpent(tenant.tenantId, verdict) : undefined;
};
