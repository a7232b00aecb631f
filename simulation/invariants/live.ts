import type { World } from "../world.ts";
import { createFairness } from "./fairness.ts";
import type { Effect, LiveInvariant } from "./invariant.ts";
import { createOrder } from "./order.ts";
import { createPauses } from "./pauses.ts";
import { createTokens } from "./rate.ts";
import { createSlots } from "./slots.ts";

/** Has every invariant of a world look at what happens in it; what it returns is to be called after each effect. */
export const watchOver = (world: World): ((effect: Effect) => Promise<void>) => {
  const all: LiveInvariant[] = [createSlots, createTokens, createPauses, createOrder, createFairness].map((create) =>
    create(world),
  );
  world.hooks.called = (api) => {
    for (const { called } of all) if (world.acting !== undefined) called?.(api, world.acting);
  };
  world.hooks.started = (input) => {
    for (const { started } of all) started?.(input);
  };
  world.hooks.created = (run) => {
    for (const { created } of all) created?.(run);
  };
  return async (effect) => {
    for (const { after } of all) await after?.(effect);
  };
};
