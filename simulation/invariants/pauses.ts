import type { World } from "../world.ts";
import type { Effect, LiveInvariant } from "./invariant.ts";

/** Calls between the one that gets a token or a slot and StartJobRun, its own way there included. */
const callsUnderWay = 12;

/**
 * A pause stops starts the moment it stands: while everything is paused nobody gets a token, and while a tenant is, none
 * of its submissions gets a slot. What had its token and its slot before goes on to StartJobRun, and no other does.
 */
export const createPauses = (world: World): LiveInvariant => {
  const { watch, scheduler, profile, setups, breach } = world;
  const slots = new Map<string, number>();
  const started = new Set<string>();
  const quick = profile.slow === 0 && profile.lateEffect === 0;
  const underWayMs = quick ? callsUnderWay * 2 * profile.latencyMs : 60_000;
  const pausedFor = (who: string): number => scheduler.now() - (watch.paused.get(who) ?? Number.POSITIVE_INFINITY);
  const checkTokens = ({ instance, method, given: [api], result }: Effect): void => {
    if (method !== "takeTokens" || api !== "StartJobRun" || !watch.paused.has("*")) return;
    if ((result as { readonly taken: number }).taken > 0)
      breach("paused", `${instance.name} got a token of StartJobRun while everything was paused`);
  };
  const checkSlots = ({ instance, method, given: [tenantId] }: Effect): void => {
    if (typeof tenantId !== "string" || !setups.has(tenantId)) return;
    const active = watch.lines.get(tenantId)?.active.size ?? 0;
    // One that has a job run gets back what it had.
    if (method !== "restoreSlot" && watch.paused.has(tenantId) && active > (slots.get(tenantId) ?? 0))
      breach("paused", `${instance.name} got a slot of tenant "${tenantId}" while it was paused`);
    slots.set(tenantId, active);
  };
  return {
    after(effect) {
      if (effect.port !== "starts") return;
      checkTokens(effect);
      checkSlots(effect);
    },
    started(input) {
      const again = started.has(input.clientToken);
      started.add(input.clientToken);
      const who = ["*", input.tags["sluice:tenant"] ?? ""].find((one) => pausedFor(one) > underWayMs);
      // One that was called before may have a job run: what became of it is found by calling again.
      if (who !== undefined && !again)
        breach("paused", `StartJobRun of "${input.clientToken}" comes ${pausedFor(who)} ms after "${who}" was paused`);
    },
  };
};
