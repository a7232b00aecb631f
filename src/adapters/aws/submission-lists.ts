import { dueBefore } from "#domain/submission/due.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
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

/** A submission whose record nobody can read: a newer version wrote it, or somebody changed it by hand. */
export interface UnreadableSubmission {
  readonly submissionId: string;
  readonly error: unknown;
}

/** Pages of each shard that are looked through for one that is due: what cannot be read stays before the others. */
const mostPages = 20;

/**
 * Many submissions at once, and lists of them by the indexes. An index lags behind the table, so each entry is read in the table, and what
 * does not belong in the list any more is left out. So is what cannot be read: it must not keep the others from their
 * turn, and `onUnreadable` tells of it each time.
 */
export const submissionLists = (
  items: LedgerItems,
  onUnreadable: (unreadable: UnreadableSubmission) => void,
): Pick<Submissions, "getAll" | "waiting" | "countWaiting" | "ahead" | "longestWaiting" | "due" | "countDue"> => {
  const readable = (submissionId: string, item: Item | undefined): readonly Submission[] => {
    if (item === undefined) return [];
    try {
      return [submissionOf(item)];
    } catch (error) {
      onUnreadable({ submissionId, error });
      return [];
    }
  };

  /** The submissions of these entries as they are now, in the order of the entries. */
  const read = async (entries: readonly Item[], task: string): Promise<readonly Submission[]> => {
    const ids = entries.map(submissionIdIn);
    const found = new Map(
      (await items.getAll(ids.map(submissionKey), task)).map((item) => [submissionIdIn(item), item]),
    );
    return ids.flatMap((id) => readable(id, found.get(id)));
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

  /** The next page of each shard, together in their order. */
  const nextOf = async (shards: readonly AsyncGenerator<readonly Item[]>[]): Promise<readonly Item[]> => {
    const pages = shards.map(async (shard): Promise<readonly Item[]> => (await shard.next()).value ?? []);
    return (await Promise.all(pages)).flat().sort((one, other) => (dueIn(one) < dueIn(other) ? -1 : 1));
  };

  return {
    async getAll(submissionIds) {
      const keys = [...new Set(submissionIds)].map(submissionKey);
      const found = await items.getAll(keys, `read ${keys.length} submissions`);
      return new Map(
        found.map((item) => [submissionIdIn(item), readable(submissionIdIn(item), item)[0] ?? "unreadable"]),
      );
    },
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
      const shards = dueShards.map((shard) => {
        const values = { ":shard": { S: dueShardOf(kind, shard) }, ":now": { S: now } };
        return items.pages({ task, index: byDueIndex, where: "dueShard = :shard AND dueAt < :now", values, limit });
      });
      const found: Submission[] = [];
      for (let page = 0; page < mostPages && found.length === 0; page += 1) {
        const entries = await nextOf(shards);
        if (entries.length === 0) break;
        // An item may be large: no more are read than are asked for, unless the index lags.
        for (let from = 0; from < entries.length && found.length < limit; from += limit) {
          found.push(...dueBefore(await read(entries.slice(from, from + limit), task), kind, now));
        }
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
