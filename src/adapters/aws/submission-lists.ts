import type { Submissions } from "#domain/ports.ts";
import { dueBefore } from "#domain/submission/due.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Item, LedgerItems, LedgerQuery } from "./ledger-items.ts";
import { byDueIndex, byTurnIndex } from "./ledger-table.ts";
import {
  dueShardOf,
  dueShards,
  submissionIdIn,
  submissionKey,
  submissionOf,
  turnOf,
  waitingShardOf,
} from "./submission-item.ts";

const dueIn = (entry: Item): string => entry["dueAt"]?.S ?? "";

/**
 * Lists of submissions by the indexes. An index lags behind the table, so each entry is read in the table, and what
 * does not belong in the list any more is left out.
 */
export const submissionLists = (
  items: LedgerItems,
): Pick<Submissions, "waiting" | "countWaiting" | "ahead" | "longestWaiting" | "due" | "countDue"> => {
  /** The submissions of these entries as they are now, in the order of the entries. */
  const read = async (entries: readonly Item[], task: string): Promise<readonly Submission[]> => {
    const ids = entries.map(submissionIdIn);
    const found = new Map(
      (await items.getAll(ids.map(submissionKey), task)).map((item) => [submissionIdIn(item), item]),
    );
    return ids.flatMap((id) => {
      const item = found.get(id);
      return item === undefined ? [] : [submissionOf(item)];
    });
  };

  /** At most so many of one key of an index, in its order, that belong there. */
  const list = async (query: LedgerQuery, limit: number, belongs: (one: Submission) => boolean) => {
    const found: Submission[] = [];
    for await (const entries of items.pages({ ...query, limit })) {
      const submissions = await read(entries.slice(0, limit), query.task);
      found.push(...submissions.filter(belongs));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  };

  /** The first page of an index. */
  const first = async (query: LedgerQuery): Promise<readonly Item[]> => {
    for await (const entries of items.pages(query)) return entries;
    return [];
  };

  return {
    async waiting(tenantId, limit) {
      const query = {
        task: `list the waiting submissions of tenant "${tenantId}"`,
        index: byTurnIndex,
        where: "turnTenant = :tenantId",
        values: { ":tenantId": { S: tenantId } },
      };
      return await list(query, limit, (one) => one.state === "waiting" && one.tenantId === tenantId);
    },
    async countWaiting(tenantId) {
      return await items.count({
        task: `count the waiting submissions of tenant "${tenantId}"`,
        index: byTurnIndex,
        where: "turnTenant = :tenantId",
        values: { ":tenantId": { S: tenantId } },
      });
    },
    async ahead(submission) {
      if (submission.state !== "waiting") return 0;
      return await items.count({
        task: `count the submissions before "${submission.submissionId}"`,
        index: byTurnIndex,
        where: "turnTenant = :tenantId AND turnKey < :turnKey",
        values: { ":tenantId": { S: submission.tenantId }, ":turnKey": { S: turnOf(submission) } },
      });
    },
    async longestWaiting(submissions) {
      const lists = dueShards.map(async (shard) => {
        const query = {
          task: "list the submissions that wait longest",
          index: byDueIndex,
          where: "dueShard = :shard",
          values: { ":shard": { S: waitingShardOf(shard) } },
        };
        return await list(query, Math.ceil(submissions / dueShards.length), ({ state }) => state === "waiting");
      });
      return [...new Set((await Promise.all(lists)).flat().map(({ tenantId }) => tenantId))];
    },
    async due(kind, now, limit) {
      const task = `list the ${kind} submissions that are due`;
      const shards = dueShards.map(async (shard) => {
        const values = { ":shard": { S: dueShardOf(kind, shard) }, ":now": { S: now } };
        return await first({ task, index: byDueIndex, where: "dueShard = :shard AND dueAt < :now", values, limit });
      });
      const entries = (await Promise.all(shards)).flat().sort((one, other) => (dueIn(one) < dueIn(other) ? -1 : 1));
      const found: Submission[] = [];
      // An item may be large: no more are read than are asked for, unless the index lags.
      for (let from = 0; from < entries.length && found.length < limit; from += limit) {
        found.push(...dueBefore(await read(entries.slice(from, from + limit), task), kind, now));
      }
      return found.slice(0, limit);
    },
    async countDue(kind) {
      const counts = dueShards.map(async (shard) => {
        const values = { ":shard": { S: dueShardOf(kind, shard) } };
        const task = `count the ${kind} submissions`;
        return await items.count({ task, index: byDueIndex, where: "dueShard = :shard", values });
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
  };
};
