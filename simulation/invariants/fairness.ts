import type { World } from "../world.ts";
import { isCalm, lagMsOf, noticeMs } from "./calm.ts";
import type { LiveInvariant } from "./invariant.ts";

/** How long a dispatcher may be away: its schedule wakes it each minute, whatever wakes were lost. */
const awayMs = 75_000;

/** The turns that two tenants have had since both could start something. */
interface Contest {
  readonly turns: Record<string, number>;
}

/**
 * Fair turns between tenants. While two of them have somebody waiting and a free slot, their turns are as their weights, but
 * for two turns of each; and a tenant that could start waits no longer than its share takes, whatever the others want.
 */
export const createFairness = (world: World): LiveInvariant => {
  const { watch, setups, scheduler, rate, breach } = world;
  /** Since when each tenant could start something. */
  const since = new Map<string, number>();
  /** When each of them had its last turn, or could start something. */
  const turnAt = new Map<string, number>();
  const contests = new Map<string, Contest>();
  const weightOf = (tenantId: string): number => setups.get(tenantId)?.tenant.limits.weight ?? 1;

  const couldStart = (tenantId: string): boolean => {
    const { maxActive } = setups.get(tenantId)?.tenant.limits ?? { maxActive: 0 };
    const active = watch.lines.get(tenantId)?.active.size ?? 0;
    if (active >= maxActive || watch.paused.has(tenantId) || watch.paused.has("*")) return false;
    const seenBefore = scheduler.now() - lagMsOf(world);
    return [...watch.waiters.values()].some((one) => one.tenantId === tenantId && one.since <= seenBefore);
  };
  const leave = (tenantId: string): void => {
    since.delete(tenantId);
    turnAt.delete(tenantId);
    for (const pair of contests.keys()) if (pair.split(" ").includes(tenantId)) contests.delete(pair);
  };
  const look = (tenantId: string): void => {
    const now = scheduler.now();
    if (!couldStart(tenantId)) leave(tenantId);
    else if (!since.has(tenantId)) {
      since.set(tenantId, now);
      turnAt.set(tenantId, now);
    }
  };
  const checkTime = (tenantId: string): void => {
    const waited = scheduler.now() - (turnAt.get(tenantId) ?? scheduler.now());
    const others = [...setups.keys()].filter((other) => other !== tenantId);
    const turns = others.reduce((sum, other) => sum + Math.ceil(weightOf(other) / weightOf(tenantId)) + 2, 2);
    const mostMs = (turns / rate.perSecond) * 1000 + noticeMs(world) + awayMs;
    if (waited > mostMs)
      breach("fair", `tenant "${tenantId}" waited ${waited} ms with a free slot: its share is a turn in ${mostMs} ms`);
  };
  const checkShare = (pair: string, { turns }: Contest): void => {
    const [one = "", other = ""] = pair.split(" ");
    const [ownShare, otherShare] = [1 / weightOf(one), 1 / weightOf(other)];
    const ahead = (turns[one] ?? 0) * ownShare - (turns[other] ?? 0) * otherShare;
    if (Math.abs(ahead) > 2 * (ownShare + otherShare) + 1e-6)
      breach(
        "fair",
        `tenants "${one}" and "${other}" got ${turns[one]} and ${turns[other]} turns: their weights are ${weightOf(one)} and ${weightOf(other)}`,
      );
  };
  const countTurn = (tenantId: string): void => {
    const seenSince = scheduler.now() - noticeMs(world);
    const seen = [...since].filter(([, from]) => from < seenSince).map(([other]) => other);
    if (!seen.includes(tenantId)) return;
    for (const other of seen) {
      if (other === tenantId) continue;
      const [one, two] = [tenantId, other].sort();
      const pair = `${one} ${two}`;
      const contest = contests.get(pair) ?? { turns: { [tenantId]: 0, [other]: 0 } };
      contests.set(pair, contest);
      contest.turns[tenantId] = (contest.turns[tenantId] ?? 0) + 1;
      checkShare(pair, contest);
    }
  };
  return {
    after({ port, method, given, result }) {
      if (port !== "starts" && port !== "submissions") return;
      if (!isCalm(world)) return;
      const [tenantId] = given;
      if (method === "takeTurn" && result === "taken" && typeof tenantId === "string") {
        countTurn(tenantId);
        turnAt.set(tenantId, scheduler.now());
      }
      for (const tenant of setups.keys()) {
        look(tenant);
        checkTime(tenant);
      }
    },
  };
};
