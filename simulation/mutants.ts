import { eventMutants } from "./mutants/events.ts";
import { fairnessMutants } from "./mutants/fairness.ts";
import { messageMutants } from "./mutants/messages.ts";
import type { Mutant } from "./mutants/mutant.ts";
import { pauseMutants } from "./mutants/pauses.ts";
import { rateMutants } from "./mutants/rate.ts";
import { runMutants } from "./mutants/runs.ts";
import { slotMutants } from "./mutants/slots.ts";

/** Each is the product but for one thing, and each is caught at its seed. */
export const mutants: readonly Mutant[] = [
  ...runMutants,
  ...messageMutants,
  ...slotMutants,
  ...rateMutants,
  ...fairnessMutants,
  ...pauseMutants,
  ...eventMutants,
];
