import { awsRates, type BucketRate, isLimitedApi, type LimitedApi } from "#domain/turns/token-bucket.ts";
import type { Instance } from "../instances.ts";
import type { World } from "../world.ts";
import type { Finished, Invariant, LiveInvariant } from "./invariant.ts";

const quotaOf = ({ rate }: World, api: LimitedApi): BucketRate => (api === "StartJobRun" ? rate : awsRates[api]);

/** The bucket of a quota, filled by what was let through: where it runs over, some window had more than it may. */
const faultOfTokens = (api: string, { perSecond, burst }: BucketRate, tokens: readonly number[], skewMs: number) => {
  const most = burst + (perSecond * skewMs) / 1000;
  let [level, last] = [0, 0];
  for (const at of tokens) {
    level = Math.max(0, level - (perSecond * (at - last)) / 1000) + 1;
    last = at;
    if (level > most + 1e-6)
      return `${api} got a token too many at ${at}: ${level.toFixed(2)} of a burst of ${burst} and ${perSecond} a second`;
  }
  return undefined;
};

/** In any window of w seconds of true time at most burst + rate × (w + twice the clocks' skew) tokens were let through. */
const rate = ({ world }: Finished): string | undefined => {
  const skewMs = 2 * world.profile.skewMs + 1;
  for (const [api, tokens] of world.records.tokens) {
    const fault = faultOfTokens(api, quotaOf(world, api), tokens, skewMs);
    if (fault !== undefined) return fault;
  }
  return undefined;
};

export const rateInvariants: readonly Invariant[] = [{ name: "rate", check: rate }];

type Given = readonly [api: LimitedApi, count: number, by?: unknown];

/** While somebody waits for a token, no door takes one. */
const createHold = ({ instances, breach }: World) => {
  let heldUntil = "";
  return (method: string, given: readonly unknown[], taken: number): void => {
    if (method === "holdTokens" && String(given[0]) > heldUntil) heldUntil = String(given[0]);
    if (method !== "takeTokens" || given[0] !== "StartJobRun" || given[2] !== "door") return;
    if (taken > 0 && heldUntil > instances.clock())
      breach("hold", `a door took ${taken} tokens that are held until ${heldUntil}`);
  };
};

/** Each call of a limited API has a token of its own, that the very instance took which makes the call. */
export const createTokens = (world: World): LiveInvariant => {
  const { records, scheduler, breach } = world;
  const inHand = new Map<Instance, Map<string, number>>();
  const hold = createHold(world);
  const change = (instance: Instance, api: string, by: number): number => {
    const own = inHand.get(instance) ?? new Map<string, number>();
    const count = (own.get(api) ?? 0) + by;
    inHand.set(instance, own.set(api, count));
    return count;
  };
  return {
    after({ instance, port, method, given, result }) {
      if (port !== "starts") return;
      const [api, count] = given as Given;
      const taken = method === "takeTokens" ? (result as { readonly taken: number }).taken : 0;
      hold(method, given, taken);
      const tokens = records.tokens.get(api) ?? [];
      if (method === "returnTokens") {
        tokens.splice(-count);
        change(instance, api, -count);
      }
      if (taken === 0) return;
      records.tokens.set(api, tokens);
      for (let index = 0; index < taken; index += 1) tokens.push(scheduler.now());
      change(instance, api, taken);
    },
    called(api, instance) {
      if (isLimitedApi(api) && change(instance, api, -1) < 0)
        breach("rate", `${instance.name} calls ${api} without a token`);
    },
  };
};
