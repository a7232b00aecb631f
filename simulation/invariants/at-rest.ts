import { endingInvariants } from "./endings.ts";
import type { Invariant } from "./invariant.ts";
import { messageInvariants } from "./messages.ts";
import { rateInvariants } from "./rate.ts";
import { runInvariants } from "./runs.ts";
import { slotInvariants } from "./slots.ts";
import { countedOnce } from "./usage.ts";

/** What has to hold for every world that has come to rest. */
export const invariants: readonly Invariant[] = [
  ...runInvariants,
  ...messageInvariants,
  ...slotInvariants,
  ...rateInvariants,
  ...endingInvariants,
  { name: "usage", check: async ({ world }) => await countedOnce(world) },
];
