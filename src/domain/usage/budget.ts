import { millionthsOf, sumOfProducts, textOf } from "#domain/cost/decimal.ts";
import { ServiceError } from "#domain/errors.ts";
import type { Budget } from "#domain/tenant/tenant.ts";
import type { Period } from "./account.ts";
import { type Sum, sumOf } from "./sum.ts";

/** How a month stands against a budget. Amounts are decimal texts with six digits after the point. */
export interface BudgetVerdict {
  /** `exceeded`: all of it is spent, and job requests are refused. `warning`: its soft share is. */
  readonly verdict: "within" | "warning" | "exceeded";
  readonly month: Period;
  readonly currency: string;
  readonly monthly: string;
  readonly warnsAt: string;
  /** What the job runs cost that ended in the month, in the budget's currency. Active ones are not in it. */
  readonly spent: string;
  /** Job runs of the month whose cost is not known: they are not in it either. */
  readonly costMissing: number;
}

const amountOf = (text: string): bigint => millionthsOf(text) ?? 0n;

/** Compares what a month cost with a budget. Pure, so that whoever explains it says what a door would do. */
export const budgetVerdict = (
  { monthly, currency, softShare }: Budget,
  month: Period,
  sums: readonly Sum[],
): BudgetVerdict => {
  const { cost, costMissing } = sumOf(sums);
  const limit = amountOf(monthly);
  const soft = sumOfProducts([[monthly, softShare]]) ?? limit;
  const spent = Object.hasOwn(cost, currency) ? amountOf(cost[currency] ?? "0") : 0n;
  const verdict = spent >= limit ? "exceeded" : spent >= soft ? "warning" : "within";
  const amounts = { monthly: textOf(limit), warnsAt: textOf(soft), spent: textOf(spent) };
  return { verdict, month, currency, ...amounts, costMissing };
};

/** The refusal of a job request whose tenant has spent its budget. */
export const budgetSpent = (tenantId: string, { month, currency, monthly, spent }: BudgetVerdict): ServiceError => {
  const message = `Cannot submit the job request for tenant "${tenantId}": its budget of ${monthly} ${currency} for ${month} is spent: current value is ${spent} ${currency}: raise the budget, or submit it again next month`;
  return new ServiceError("ERR_BUDGET_SPENT", message);
};
