import type { Account, Period } from "#domain/usage/account.ts";
import type { KeptEvent } from "#domain/usage/usage.ts";
import type { UsageEntry } from "#domain/usage/usage-entry.ts";
import type { Item } from "./ledger-items.ts";
import { present } from "./present.ts";

/**
 * All that a tenant used has one partition key: its entries by hour, the accounts of hours and months, and the events
 * that its budget called for.
 */
const prefix = "usage#";

export const usagePk = (tenantId: string): string => `${prefix}${tenantId}`;

const keyOf = (tenantId: string, sk: string): Item => ({ pk: { S: usagePk(tenantId) }, sk: { S: sk } });

const accountPrefix = "account#";

export const accountSk = (period: Period): string => `${accountPrefix}${period}`;
export const accountKey = (tenantId: string, period: Period): Item => keyOf(tenantId, accountSk(period));

/** Comes before the keys of an hour's entries. */
export const entriesSk = (hour: Period): string => `entry#${hour}#`;

/** Comes after them: a submission id has no such character. */
export const afterEntriesSk = (hour: Period): string => `${entriesSk(hour)}~`;

export const entryKey = (tenantId: string, hour: Period, submissionId: string): Item =>
  keyOf(tenantId, `${entriesSk(hour)}${submissionId}`);

export const eventKey = (tenantId: string, eventId: string): Item => keyOf(tenantId, `event#${eventId}`);

/** The index of what is due is spread: a tenant's accounts are in one shard of it, and tenants in all. */
export const usageShards = ["usage 0", "usage 1", "usage 2", "usage 3"] as const;

export const usageShardOf = (tenantId: string): string => {
  let sum = 0;
  for (const letter of tenantId) sum += letter.codePointAt(0) ?? 0;
  return usageShards[sum % usageShards.length] ?? usageShards[0];
};

const numberOf = (item: Item, name: string): number | undefined => {
  const value = item[name]?.N;
  return value === undefined ? undefined : Number(value);
};

const documentOf = <T>(item: Item, name: string): T | undefined => {
  const value = item[name]?.S;
  return value === undefined ? undefined : JSON.parse(value);
};

export const accountOf = (item: Item): Account =>
  present({
    tenantId: (item["pk"]?.S ?? "").slice(prefix.length),
    period: (item["sk"]?.S ?? "").slice(accountPrefix.length),
    version: numberOf(item, "version") ?? 0,
    dueAt: item["dueAt"]?.S,
    summedAt: numberOf(item, "summedAt"),
    sums: documentOf<Account["sums"]>(item, "sums"),
  });

const unreadable = (item: Item): Error => new Error(`Cannot read "${item["pk"]?.S} ${item["sk"]?.S}" of the ledger`);

export const entryOf = (item: Item): UsageEntry => {
  const entry = documentOf<UsageEntry>(item, "entry");
  if (entry === undefined) throw unreadable(item);
  return entry;
};

export const keptEventOf = (item: Item): KeptEvent => {
  const event = documentOf<KeptEvent["event"]>(item, "event");
  if (event === undefined) throw unreadable(item);
  return present({ event, publishedAt: item["publishedAt"]?.S });
};
