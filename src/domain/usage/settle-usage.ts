import type { Services } from "#domain/ports.ts";
import { type Account, hoursOfMonth, isHour, monthOf } from "./account.ts";
import { budgetVerdict } from "./budget.ts";
import { budgetEvents } from "./budget-event.ts";
import { byTemplate, sumsOfEntries, type TemplateSum } from "./sum.ts";
import { hourlySums } from "./usage-of.ts";

/** Accounts that are read at once. */
const pageSize = 25;

/** When an account is looked at again that could not be settled, or that changed meanwhile. */
const againMs = 60_000;

/** What a call settled: for its log and its metrics. */
export interface SettledUsage {
  readonly hours: number;
  readonly months: number;
  readonly budgetEvents: number;
  readonly failures: readonly { readonly tenantId: string; readonly period: string; readonly error: unknown }[];
}

const settleHour = async ({ usage, now }: Services, account: Account): Promise<void> => {
  const { tenantId, period } = account;
  // First, so that a crash in between does it again: budgets may begin in the middle of a month.
  await usage.touch(tenantId, monthOf(period), now());
  await usage.keepSums(account, sumsOfEntries(await usage.entries(tenantId, period, period)));
};

/** Publishes what the budget calls for this month, each event once it is stored, and again until that is recorded. */
const tellBudget = async (
  services: Services,
  { tenantId, period }: Account,
  sums: readonly TemplateSum[],
): Promise<number> => {
  const { usage, events, tenants, now } = services;
  if (period !== monthOf(now())) return 0;
  const budget = (await tenants.byId(tenantId))?.tenant.budget;
  if (budget === undefined) return 0;
  let published = 0;
  for (const event of budgetEvents(tenantId, budgetVerdict(budget, period, sums), now())) {
    const kept = await usage.keepEvent(tenantId, event);
    if (kept.publishedAt !== undefined) continue;
    await events.publish(kept.event, {});
    await usage.recordEventPublished(tenantId, kept.event.detail.id, now());
    published += 1;
  }
  return published;
};

const settleMonth = async (services: Services, account: Account): Promise<number> => {
  const { tenantId, period } = account;
  const hours = await hourlySums(services, tenantId, hoursOfMonth(period));
  const sums = byTemplate([...hours.values()].flat());
  const published = await tellBudget(services, account, sums);
  await services.usage.keepSums(account, sums);
  return published;
};

/**
 * Sums the hours and months that are due, oldest first, until none is left or the time is up. Safe beside itself: an
 * account is put off before it is settled, so that one that fails keeps no other from its turn.
 */
export const settleUsage = async (services: Services, until: string): Promise<SettledUsage> => {
  const settled = { hours: 0, months: 0, budgetEvents: 0 };
  const failures: { tenantId: string; period: string; error: unknown }[] = [];
  const settle = async (account: Account): Promise<void> => {
    if (!(await services.usage.postpone(account, services.later(againMs)))) return;
    if (isHour(account.period)) {
      await settleHour(services, account);
      settled.hours += 1;
    } else {
      settled.budgetEvents += await settleMonth(services, account);
      settled.months += 1;
    }
  };
  const start = services.now();
  let page: readonly Account[];
  do {
    page = await services.usage.due(start, pageSize);
    for (const account of page) {
      if (services.now() >= until) return { ...settled, failures };
      try {
        await settle(account);
      } catch (error) {
        failures.push({ tenantId: account.tenantId, period: account.period, error });
      }
    }
  } while (page.length > 0 && failures.length < pageSize);
  return { ...settled, failures };
};
