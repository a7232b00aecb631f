import { tenantOf } from "../emr.ts";
import type { World } from "../world.ts";
import type { LiveInvariant } from "./invariant.ts";

/** How many turns others get, and how long it takes, while a tenant with a free slot has somebody waiting. */
export const createFairness = (world: World): LiveInvariant => {
  const passed = new Map<string, Map<string, number>>();
  const since = new Map<string, number>();
  const limits = (tenantId: string) => world.setups.get(tenantId)?.tenant.limits ?? { maxActive: 0, weight: 1 };
  const { burst, perSecond } = world.rate;
  // Turns that are given before a dispatcher looks at the line again: what the bucket holds, and one in each hand.
  const allowed = (other: string, own: string): number =>
    Math.ceil(limits(other).weight / limits(own).weight) + burst + 2;
  const reset = (tenantId: string): void => {
    passed.delete(tenantId);
    since.delete(tenantId);
  };
  const checkTime = (tenantId: string): void => {
    const from = since.get(tenantId);
    if (from === undefined) return;
    const others = [...world.setups.keys()].filter((other) => other !== tenantId);
    const turns = others.reduce((sum, other) => sum + allowed(other, tenantId), 1);
    const mostMs = (turns / perSecond) * 1000 + 75_000;
    const waited = world.scheduler.now() - from;
    if (waited > mostMs)
      world.breach(
        "fair",
        `tenant "${tenantId}" waited ${waited} ms with a free slot: its share is one turn in ${mostMs} ms`,
      );
  };
  const look = (tenantId: string): void => {
    const active = world.watch.lines.get(tenantId)?.active.size ?? 0;
    const waits = [...world.watch.waiters.values()].some((waiter) => waiter.tenantId === tenantId);
    if (!waits || active >= limits(tenantId).maxActive) reset(tenantId);
    else if (!since.has(tenantId)) since.set(tenantId, world.scheduler.now());
  };
  return {
    after({ port, method }) {
      if ((port !== "starts" && port !== "submissions") || method === "get") return;
      for (const tenantId of world.setups.keys()) look(tenantId);
    },
    created(run) {
      const starter = tenantOf(run);
      checkTime(starter);
      reset(starter);
      for (const waiting of since.keys()) {
        const counts = passed.get(waiting) ?? new Map<string, number>();
        const count = (counts.get(starter) ?? 0) + 1;
        passed.set(waiting, counts.set(starter, count));
        if (count > allowed(starter, waiting))
          world.breach(
            "fair",
            `tenant "${starter}" got ${count} turns while tenant "${waiting}" waited with a free slot: at most ${allowed(starter, waiting)}`,
          );
      }
    },
  };
};
