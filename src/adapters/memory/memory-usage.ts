import { type Account, hourOf } from "#domain/usage/account.ts";
import type { KeptEvent, Usage } from "#domain/usage/usage.ts";
import type { UsageEntry } from "#domain/usage/usage-entry.ts";

const keyOf = (...parts: readonly string[]): string => parts.join("#");

/** Usage in memory. Each method does its work between two awaits, so nothing comes in between. */
export const memoryUsage = (): Usage => {
  const entries = new Map<string, UsageEntry>();
  const accounts = new Map<string, Account>();
  const events = new Map<string, KeptEvent>();

  const store = (account: Account): void => {
    accounts.set(keyOf(account.tenantId, account.period), account);
  };

  const inOrder = (found: Iterable<Account>, by: "period" | "dueAt"): Account[] =>
    [...found].sort((one, other) => ((one[by] ?? "") < (other[by] ?? "") ? -1 : 1));

  return {
    async putEntry(entry) {
      const key = keyOf(entry.tenantId, hourOf(entry.completedAt), entry.submissionId);
      if (entries.get(key)?.final !== true) entries.set(key, entry);
    },
    async touch(tenantId, period, dueAt) {
      const found = accounts.get(keyOf(tenantId, period)) ?? { tenantId, period, version: 0 };
      store({ ...found, version: found.version + 1, dueAt: found.dueAt ?? dueAt });
    },
    entries: async (tenantId, first, last) =>
      [...entries.values()].filter(({ tenantId: own, completedAt }) => {
        const hour = hourOf(completedAt);
        return own === tenantId && hour >= first && hour <= last;
      }),
    hours: async (tenantId, first, last) =>
      inOrder(
        [...accounts.values()].filter(
          ({ tenantId: own, period }) =>
            own === tenantId && period >= first && period <= last && period.length === first.length,
        ),
        "period",
      ),
    month: async (tenantId, month) => accounts.get(keyOf(tenantId, month)),
    due: async (now, limit) =>
      inOrder(
        [...accounts.values()].filter(({ dueAt }) => dueAt !== undefined && dueAt < now),
        "dueAt",
      ).slice(0, limit),
    async postpone({ tenantId, period, dueAt: seen }, dueAt) {
      const found = accounts.get(keyOf(tenantId, period));
      if (found?.dueAt === undefined || found.dueAt !== seen) return false;
      store({ ...found, dueAt });
      return true;
    },
    async keepSums({ tenantId, period, version }, sums) {
      const found = accounts.get(keyOf(tenantId, period));
      if (found === undefined) return;
      const stillDue = found.version !== version;
      if (stillDue && (found.summedAt ?? -1) >= version) return;
      const { dueAt, ...rest } = found;
      store({ ...rest, sums, summedAt: version, ...(stillDue && dueAt !== undefined && { dueAt }) });
    },
    async keepEvent(tenantId, event) {
      const key = keyOf(tenantId, event.detail.id);
      const found = events.get(key) ?? { event };
      events.set(key, found);
      return found;
    },
    async recordEventPublished(tenantId, eventId, publishedAt) {
      const key = keyOf(tenantId, eventId);
      const found = events.get(key);
      if (found !== undefined && found.publishedAt === undefined) events.set(key, { ...found, publishedAt });
    },
  };
};
