import type { Line, Starts } from "#domain/ports.ts";
import { noTurns, type TurnState } from "#domain/turns/fair-turns.ts";
import {
  afterTaking,
  awsRates,
  type BucketRate,
  emptied,
  intervalMs,
  type LimitedApi,
  nextTokenAt,
  pacedRate,
  tokensAt,
} from "#domain/turns/token-bucket.ts";

export interface MemoryStartsOptions {
  /** The time as ISO text. */
  now(): string;
  readonly rates?: Partial<Record<LimitedApi, BucketRate>>;
}

export interface MemoryStarts extends Starts {
  /** Every token that was let through, with its time in epoch milliseconds, in order. */
  readonly letThrough: readonly { readonly api: LimitedApi; readonly at: number }[];
}

interface Stored {
  active: Set<string>;
  waiting: number;
  suspended?: string | undefined;
  suspects?: Line["suspects"] | undefined;
}

/** Slots, tokens and turns in memory. Each method decides between two awaits, so nothing comes in between. */
export const memoryStarts = ({ now, rates = {} }: MemoryStartsOptions): MemoryStarts => {
  const lines = new Map<string, Stored>();
  const buckets = new Map<LimitedApi, number>();
  const letThrough: { api: LimitedApi; at: number }[] = [];
  let heldUntil = "";
  let suspended: string | undefined;
  let lead = { owner: "", until: "" };
  let turns: TurnState = noTurns;

  const line = (tenantId: string): Stored => {
    const found = lines.get(tenantId) ?? { active: new Set(), waiting: 0 };
    lines.set(tenantId, found);
    return found;
  };
  const rateOf = (api: LimitedApi): BucketRate => pacedRate(rates[api] ?? awsRates[api]);
  const iso = (at: number): string => new Date(Math.ceil(at)).toISOString();

  return {
    letThrough,

    async enter(tenantId, slots, maxActive) {
      const { active, waiting, suspended: message } = line(tenantId);
      if (message !== undefined) return { entered: [], waitingFor: "tenant-suspended" };
      if (waiting > 0) return { entered: [], waitingFor: "tenant-slots" };
      const entered = slots.filter((slot) => {
        if (!active.has(slot) && active.size >= maxActive) return false;
        active.add(slot);
        return true;
      });
      return { entered, waitingFor: "tenant-slots" };
    },
    async queueUp(tenantId, count, maxWaiting) {
      const found = line(tenantId);
      if (found.waiting + count > maxWaiting) return false;
      found.waiting += count;
      return true;
    },
    async takeTurn(tenantId, slot, maxActive) {
      const found = line(tenantId);
      if (found.suspended !== undefined) return "suspended";
      if (found.active.has(slot)) return "taken";
      if (found.active.size >= maxActive) return "full";
      found.active.add(slot);
      found.waiting = Math.max(0, found.waiting - 1);
      return "taken";
    },
    async giveBack(tenantId, slot) {
      const found = line(tenantId);
      if (found.active.delete(slot)) found.waiting += 1;
    },
    async leave(tenantId, slots) {
      for (const slot of slots) line(tenantId).active.delete(slot);
    },
    async leaveLine(tenantId, count) {
      const found = line(tenantId);
      found.waiting = Math.max(0, found.waiting - count);
    },
    async line(tenantId) {
      const { active, waiting, suspended: message, suspects } = line(tenantId);
      return {
        active: [...active],
        waiting,
        ...(message !== undefined && { suspended: message }),
        ...(suspects !== undefined && { suspects }),
      };
    },
    async correctWaiting(tenantId, from, to) {
      const found = line(tenantId);
      if (found.waiting !== from) return false;
      found.waiting = to;
      return true;
    },
    async suspect(tenantId, slots, since) {
      line(tenantId).suspects = slots.length === 0 ? undefined : { slots, since };
    },
    async suspend(tenantId, message) {
      if (tenantId === "*") suspended = message;
      else line(tenantId).suspended = message;
    },
    waitingTenants: async () => [...lines].filter(([, { waiting }]) => waiting > 0).map(([tenantId]) => tenantId),
    activeTenants: async (after = "") =>
      [...lines]
        .filter(([tenantId, { active }]) => active.size > 0 && tenantId > after)
        .map(([tenantId]) => tenantId)
        .sort(),

    async takeTokens(api, wanted, by) {
      const at = Date.parse(now());
      const rate = rateOf(api);
      const fullAt = buckets.get(api) ?? 0;
      const nextAt = iso(nextTokenAt(rate, fullAt, at));
      if (api === "StartJobRun" && suspended !== undefined) return { taken: 0, nextAt, suspended };
      if (api === "StartJobRun" && by === "door" && heldUntil > now()) return { taken: 0, nextAt };
      const taken = tokensAt(rate, fullAt, at, wanted);
      if (taken > 0) buckets.set(api, afterTaking(rate, fullAt, at, taken));
      for (let index = 0; index < taken; index += 1) letThrough.push({ api, at });
      return { taken, nextAt: iso(nextTokenAt(rate, buckets.get(api) ?? 0, at)) };
    },
    async returnTokens(api, count) {
      buckets.set(api, (buckets.get(api) ?? 0) - count * intervalMs(rateOf(api)));
      for (let index = 0; index < count; index += 1) {
        const last = letThrough.findLastIndex((one) => one.api === api);
        if (last >= 0) letThrough.splice(last, 1);
      }
    },
    async holdTokens(until) {
      if (until > heldUntil) heldUntil = until;
    },
    async emptyBucket(api) {
      buckets.set(api, emptied(rateOf(api), buckets.get(api) ?? 0, Date.parse(now())));
    },
    async lead(owner, until) {
      if (lead.owner !== owner && lead.until > now()) return undefined;
      lead = { owner, until };
      return turns;
    },
    async keepTurns(owner, kept, until) {
      if (lead.owner !== owner) return false;
      turns = kept;
      lead = { owner, until };
      return true;
    },
  };
};
