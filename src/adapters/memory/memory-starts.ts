import { type Bucket, fullBucket, tokensFor, toldOf } from "#domain/turns/bucket.ts";
import { noTurns, type TurnState } from "#domain/turns/fair-turns.ts";
import type { Line } from "#domain/turns/line.ts";
import type { Starts } from "#domain/turns/starts.ts";
import {
  afterTaking,
  awsRates,
  type BucketRate,
  emptied,
  intervalMs,
  type LimitedApi,
  pacedRate,
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
  const buckets = new Map<LimitedApi, Bucket>();
  const letThrough: { api: LimitedApi; at: number }[] = [];
  let lead = { owner: "", until: "" };
  let turns: TurnState = noTurns;

  const line = (tenantId: string): Stored => {
    const found = lines.get(tenantId) ?? { active: new Set(), waiting: 0 };
    lines.set(tenantId, found);
    return found;
  };
  /** Whoever takes a suspect clears it. */
  const clearSuspects = (tenantId: string, slots: readonly string[]): void => {
    const found = line(tenantId);
    if (slots.some((slot) => found.suspects?.slots.includes(slot))) found.suspects = undefined;
  };
  const rateOf = (api: LimitedApi): BucketRate => pacedRate(rates[api] ?? awsRates[api]);
  const bucketOf = (api: LimitedApi): Bucket => buckets.get(api) ?? fullBucket;
  const change = (api: LimitedApi, changed: Partial<Bucket>): void =>
    void buckets.set(api, { ...bucketOf(api), ...changed });

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
      clearSuspects(tenantId, entered);
      return { entered, waitingFor: "tenant-slots" };
    },
    async queueUp(tenantId, count, maxWaiting) {
      const found = line(tenantId);
      if (found.waiting + count > maxWaiting) return false;
      found.waiting += count;
      return true;
    },
    async queueBehind(tenantId, count, maxWaiting) {
      const found = line(tenantId);
      if (found.waiting === 0 || found.suspended !== undefined) return "unsure";
      if (found.waiting + count > maxWaiting) return "full";
      found.waiting += count;
      return "queued";
    },
    async takeTurn(tenantId, slot, maxActive) {
      const found = line(tenantId);
      if (found.suspended !== undefined) return "suspended";
      clearSuspects(tenantId, [slot]);
      if (found.active.has(slot)) return "taken";
      if (found.active.size >= maxActive) return "full";
      found.active.add(slot);
      found.waiting = Math.max(0, found.waiting - 1);
      return "taken";
    },
    async giveBack(tenantId, slot) {
      const found = line(tenantId);
      if (!found.active.delete(slot)) return false;
      found.waiting += 1;
      return true;
    },
    async leave(tenantId, slots) {
      for (const slot of slots) line(tenantId).active.delete(slot);
    },
    async restoreSlot(tenantId, slot) {
      const { active } = line(tenantId);
      if (active.has(slot)) return false;
      active.add(slot);
      return true;
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
    async freeSuspects(tenantId, slots, suspects) {
      const found = line(tenantId);
      if (JSON.stringify(found.suspects) !== JSON.stringify(suspects)) return false;
      for (const slot of slots) found.active.delete(slot);
      found.suspects = undefined;
      return true;
    },
    async suspend(tenantId, message) {
      if (tenantId === "*") change("StartJobRun", { suspended: message });
      else line(tenantId).suspended = message;
    },
    waitingTenants: async () => [...lines].filter(([, { waiting }]) => waiting > 0).map(([tenantId]) => tenantId),
    activeTenants: async (after = "") =>
      [...lines]
        .filter(([tenantId, { active }]) => active.size > 0 && tenantId > after)
        .map(([tenantId]) => tenantId)
        .sort(),

    async takeTokens(api, wanted, by) {
      const taker = { rate: rateOf(api), by, now: now(), at: Date.parse(now()) };
      const { rate, at } = taker;
      const taken = tokensFor(bucketOf(api), taker, wanted);
      if (taken > 0) change(api, { fullAt: afterTaking(rate, bucketOf(api).fullAt, at, taken) });
      for (let index = 0; index < taken; index += 1) letThrough.push({ api, at });
      const { nextAt, ...told } = toldOf(bucketOf(api), taker);
      return { taken, nextAt: new Date(Math.ceil(nextAt)).toISOString(), ...told };
    },
    async returnTokens(api, count) {
      change(api, { fullAt: bucketOf(api).fullAt - count * intervalMs(rateOf(api)) });
      for (let index = 0; index < count; index += 1) {
        const last = letThrough.findLastIndex((one) => one.api === api);
        if (last >= 0) letThrough.splice(last, 1);
      }
    },
    async holdTokens(until) {
      if (until > bucketOf("StartJobRun").heldUntil) change("StartJobRun", { heldUntil: until });
    },
    async emptyBucket(api) {
      change(api, { fullAt: emptied(rateOf(api), bucketOf(api).fullAt, Date.parse(now())) });
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
