import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import type { Services } from "#domain/ports.ts";

import { type Change, type Mutant, starts, withStarts } from "./mutant.ts";

const ownBucket: Change = (ports, world) => {
  const buckets = new Map<unknown, Services["starts"]>();
  const ownStarts = (): Services["starts"] => {
    const own = buckets.get(world.acting) ?? memoryStarts({ now: world.instances.clock });
    buckets.set(world.acting, own);
    return own;
  };
  return {
    ...ports,
    starts: {
      ...ports.starts,
      takeTokens: async (api, wanted, by) => await ownStarts().takeTokens(api, wanted, by),
    },
  };
};

/** Only StartJobRun is called at the account's rate. */
const unpaced = (services: Services): Services =>
  withStarts(services, {
    takeTokens: async (api, wanted, by) =>
      api === "StartJobRun"
        ? await services.starts.takeTokens(api, wanted, by)
        : { taken: wanted, nextAt: services.now() },
  });

/** The doors take the tokens that are held for those who wait. */
const holdIgnored = starts((own) => ({
  takeTokens: async (api, wanted) => await own.takeTokens(api, wanted, "dispatcher"),
}));

export const rateMutants: readonly Mutant[] = [
  { name: "has a bucket of tokens for each instance", seed: 6, ports: ownBucket },
  { name: "calls GetJobRun and the others without a token", seed: 1, services: unpaced },
  { name: "lets the doors take tokens that are held for who waits", seed: 1, ports: holdIgnored },
];
