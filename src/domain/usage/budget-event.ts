import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { BudgetVerdict } from "./budget.ts";

/** What a budget tells, in its order: its soft share is reached, all of it is spent. */
const told = {
  warning: { detailType: "Budget Warning", type: "sluice.budget.warning.v1", limit: "warnsAt", sequence: "00000001" },
  exceeded: {
    detailType: "Budget Exceeded",
    type: "sluice.budget.exceeded.v1",
    limit: "monthly",
    sequence: "00000002",
  },
} as const;

const event = (level: keyof typeof told, tenantId: string, verdict: BudgetVerdict, time: string): PublishedEvent => {
  const { detailType, type, limit, sequence } = told[level];
  const { verdict: _verdict, ...amounts } = verdict;
  const id = `${tenantId}/${verdict.month}/${level}/${verdict[limit]}/${verdict.currency}`;
  return {
    detailType,
    time,
    resources: [],
    detail: {
      specversion: "1.0",
      id,
      source: "sluice",
      type,
      // The budget that it is about: one that is raised is another.
      subject: `${tenantId}/${verdict.month}/${verdict.monthly}/${verdict.currency}`,
      time,
      sequence,
      datacontenttype: "application/json",
      data: { tenantId, ...amounts, estimate: true },
    },
  };
};

/**
 * The events that a verdict calls for: none, one or both. An id is of the tenant, the month and the limit, so a budget
 * that is raised tells again, and one that stays tells once.
 */
export const budgetEvents = (tenantId: string, verdict: BudgetVerdict, time: string): readonly PublishedEvent[] => {
  if (verdict.verdict === "within") return [];
  const warning = event("warning", tenantId, verdict, time);
  return verdict.verdict === "warning" ? [warning] : [warning, event("exceeded", tenantId, verdict, time)];
};
