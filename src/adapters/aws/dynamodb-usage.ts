import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ServiceError } from "#domain/errors.ts";
import { type Account, hourOf, usageRetentionDays } from "#domain/usage/account.ts";
import type { KeptEvent, Usage } from "#domain/usage/usage.ts";
import { type Item, type LedgerItems, ledgerItems } from "./ledger-items.ts";
import { byDueIndex } from "./ledger-table.ts";
import { memo } from "./memo.ts";
import {
  accountKey,
  accountOf,
  accountSk,
  afterEntriesSk,
  entriesSk,
  entryKey,
  entryOf,
  eventKey,
  keptEventOf,
  usagePk,
  usageShardOf,
  usageShards,
} from "./usage-items.ts";

export interface UsageOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** How long the account of a month is kept in memory. */
  readonly cacheMs?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

/** When an item of a period is forgotten, for DynamoDB's time to live: in seconds since 1970. */
const expiry = (period: string): Item => {
  const start = Date.parse(period.length === "2026-11".length ? `${period}-01` : `${period}:00:00Z`);
  return { ":expiresAt": { N: String(Math.ceil((start + usageRetentionDays * dayMs) / 1000)) } };
};

const accounts = (items: LedgerItems): Pick<Usage, "touch" | "hours" | "due" | "postpone" | "keepSums"> => ({
  async touch(tenantId, period, dueAt) {
    await items.write({
      key: accountKey(tenantId, period),
      task: `count anew the usage of tenant "${tenantId}" in ${period}`,
      update: "SET dueShard = :shard, dueAt = if_not_exists(dueAt, :dueAt), expiresAt = :expiresAt ADD version :one",
      values: {
        ":shard": { S: usageShardOf(tenantId) },
        ":dueAt": { S: dueAt },
        ":one": { N: "1" },
        ...expiry(period),
      },
    });
  },
  async hours(tenantId, first, last) {
    const found: Account[] = [];
    const pages = items.pages({
      task: `read the usage of tenant "${tenantId}"`,
      where: "pk = :pk AND sk BETWEEN :first AND :last",
      values: { ":pk": { S: usagePk(tenantId) }, ":first": { S: accountSk(first) }, ":last": { S: accountSk(last) } },
    });
    for await (const page of pages) found.push(...page.map(accountOf));
    // The account of a month lies between those of its hours and of the hours before.
    return found.filter(({ period }) => period.length === first.length);
  },
  async due(now, limit) {
    const lists = usageShards.map(async (shard) => {
      const keys: Item[] = [];
      const pages = items.pages({
        task: "list the usage that is to be summed",
        index: byDueIndex,
        where: "dueShard = :shard AND dueAt < :now",
        values: { ":shard": { S: shard }, ":now": { S: now } },
        limit,
      });
      for await (const page of pages) {
        for (const { pk = { S: "" }, sk = { S: "" } } of page) keys.push({ pk, sk });
        if (keys.length >= limit) break;
      }
      return keys.slice(0, limit);
    });
    const keys = (await Promise.all(lists)).flat();
    const found = (await items.getAll(keys, "read the usage that is to be summed")).map(accountOf);
    const due = found.filter(({ dueAt }) => dueAt !== undefined && dueAt < now);
    return due.sort((one, other) => ((one.dueAt ?? "") < (other.dueAt ?? "") ? -1 : 1)).slice(0, limit);
  },
  async postpone({ tenantId, period, dueAt: seen }, dueAt) {
    return await items.write({
      key: accountKey(tenantId, period),
      task: `put off the usage of tenant "${tenantId}" in ${period}`,
      update: "SET dueAt = :dueAt",
      when: "dueAt = :seen",
      values: { ":dueAt": { S: dueAt }, ":seen": { S: seen ?? "" } },
    });
  },
  async keepSums({ tenantId, period, version }, sums) {
    const keep = {
      key: accountKey(tenantId, period),
      task: `keep the sums of tenant "${tenantId}" in ${period}`,
      values: { ":sums": { S: JSON.stringify(sums) }, ":version": { N: String(version) } },
    };
    const set = "SET sums = :sums, summedAt = :version";
    const settled = await items.write({
      ...keep,
      update: `${set} REMOVE dueShard, dueAt`,
      when: "version = :version",
    });
    if (settled) return;
    // More was recorded meanwhile: it stays due, and these sums are better than older ones.
    await items.write({ ...keep, update: set, when: "attribute_not_exists(summedAt) OR summedAt < :version" });
  },
});

const kept = (items: LedgerItems, now: () => number) =>
  ({
    async keepEvent(tenantId, event): Promise<KeptEvent> {
      const key = eventKey(tenantId, event.detail.id);
      const task = `keep event "${event.detail.id}"`;
      const expiresAt = Math.ceil((now() + usageRetentionDays * dayMs) / 1000);
      const stored = await items.update({
        key,
        task,
        update: "SET event = :event, expiresAt = :expiresAt",
        when: "attribute_not_exists(pk)",
        values: { ":event": { S: JSON.stringify(event) }, ":expiresAt": { N: String(expiresAt) } },
      });
      const item = stored ?? (await items.get(key, task));
      if (item === undefined) throw new Error(`Event "${event.detail.id}" was deleted while it came again`);
      return keptEventOf(item);
    },
    async recordEventPublished(tenantId, eventId, publishedAt) {
      await items.write({
        key: eventKey(tenantId, eventId),
        task: `record as published event "${eventId}"`,
        update: "SET publishedAt = :publishedAt",
        when: "attribute_exists(event) AND attribute_not_exists(publishedAt)",
        values: { ":publishedAt": { S: publishedAt } },
      });
    },
  }) satisfies Pick<Usage, "keepEvent" | "recordEventPublished">;

const isLedgerDown = (error: unknown): boolean => error instanceof ServiceError && error.code === "ERR_LEDGER_DOWN";

/** Usage in DynamoDB: an item an entry, an hour and a month. A budget's month is read at most every few seconds. */
export const dynamodbUsage = (
  client: DynamoDBClient,
  table: string,
  { now, cacheMs = 10_000 }: UsageOptions,
): Usage => {
  const items = ledgerItems(client, table);
  const months = memo<Account | undefined>(
    async (key) => {
      const [tenantId = "", month = ""] = key.split("#");
      const item = await items.get(accountKey(tenantId, month), `read the usage of tenant "${tenantId}" in ${month}`);
      return item === undefined ? undefined : accountOf(item);
    },
    { now, freshMs: cacheMs, absentMs: cacheMs, maxEntries: 500, isAbsent: () => false, passes: isLedgerDown },
  );
  return {
    ...accounts(items),
    ...kept(items, now),
    month: async (tenantId, month) => await months.get(`${tenantId}#${month}`),
    async putEntry(entry) {
      const { tenantId, completedAt, submissionId, final } = entry;
      const hour = hourOf(completedAt);
      await items.write({
        key: entryKey(tenantId, hour, submissionId),
        task: `count submission "${submissionId}"`,
        update: "SET entry = :entry, isFinal = :isFinal, expiresAt = :expiresAt",
        when: "attribute_not_exists(isFinal) OR isFinal = :preliminary",
        values: {
          ":entry": { S: JSON.stringify(entry) },
          ":isFinal": { BOOL: final },
          ":preliminary": { BOOL: false },
          ...expiry(hour),
        },
      });
    },
    async entries(tenantId, first, last) {
      const pages = items.pages({
        task: `read the usage of tenant "${tenantId}" from ${first} to ${last}`,
        where: "pk = :pk AND sk BETWEEN :first AND :last",
        values: {
          ":pk": { S: usagePk(tenantId) },
          ":first": { S: entriesSk(first) },
          ":last": { S: afterEntriesSk(last) },
        },
      });
      const found = [];
      for await (const page of pages) found.push(...page.map(entryOf));
      return found;
    },
  };
};
