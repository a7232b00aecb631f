import type { World } from "../world.ts";

/** After a storm so much is put right first: slots and counts that crashes left wrong, by two sweeps a minute apart. */
const repairsMs = 180_000;

/** Whether turns are given as they should be now: no faults, and none left of a storm's. */
export const isCalm = ({ profile, scheduler, stormEndsAt }: World): boolean =>
  profile.mood === "calm" || scheduler.now() > stormEndsAt + repairsMs;

/** How long a dispatcher goes by what it has read of the line, in milliseconds (lookMs of src/domain/turns/dispatch.ts). */
const lookMs = 1000;

/** Calls that a look and a turn are made of, at most. */
const callsOfLook = 20;

/** How far an index is behind its table at most, when there are no faults, in milliseconds. */
export const lagMsOf = ({ profile }: World): number => (profile.mood === "calm" ? profile.lagMs : 0);

/** Whoever has waited so long is seen by every dispatcher that gives a turn, in milliseconds. */
export const noticeMs = (world: World): number => lookMs + callsOfLook * 2 * world.profile.latencyMs + lagMsOf(world);
