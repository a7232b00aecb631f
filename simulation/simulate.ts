import { createDoors } from "./doors.ts";
import { minutesAfterStorm, startFunctions } from "./functions.ts";
import type { Instance } from "./instances.ts";
import { invariants } from "./invariants/at-rest.ts";
import type { Finished } from "./invariants/invariant.ts";
import { watchOver } from "./invariants/live.ts";
import { tellingTimes } from "./invariants/telling.ts";
import { createLambda } from "./lambda.ts";
import { epoch } from "./scheduler.ts";
import { servicesOf as portsOf } from "./services.ts";
import { startWorkload } from "./workload.ts";
import { type Breach, createWorld, type Variant, type World } from "./world.ts";

export interface Simulated {
  readonly seed: number;
  readonly mood: string;
  readonly load: string;
  readonly breaches: readonly Breach[];
  readonly story: readonly string[];
  readonly jobRuns: number;
  readonly submissions: number;
  readonly instances: number;
  readonly steps: number;
  /** The part of events that is lost, and how long after the storm it took at most to tell of an end, in milliseconds. */
  readonly lost: number;
  readonly toldAfterMs: number;
  /** Virtual minutes until it was quiet. */
  readonly minutes: number;
}

export interface SimulateOptions {
  readonly variant?: Variant | undefined;
  readonly story?: boolean;
}

/** A world that is not quiet so long after its storm has lost something. */
const patienceMs = 3 * 3_600_000;

const isOver = async ({ world, doors, changes }: Finished): Promise<boolean> => {
  if (
    minutesAfterStorm(world) < 3 ||
    world.scheduler.now() < epoch + world.profile.laterMs + 60_000 ||
    !doors.queue.isEmpty() ||
    changes.messages.some(({ state }) => state === "queued")
  )
    return false;
  const ended = ["completed", "refused", "cancelled"];
  if (world.ledger.all().some(({ state, publishedAt }) => !ended.includes(state) || publishedAt === undefined))
    return false;
  if ([...world.emr.runs.values()].some((run) => !run.ended)) return false;
  for (const tenantId of world.setups.keys()) {
    const { active, waiting } = await world.starts.line(tenantId);
    if (active.length > 0 || waiting > 0) return false;
  }
  return true;
};

/** Looks each half minute whether nothing is left to be done; suspensions end with the storm. */
const watch = (finished: Finished, quiet: () => void): void => {
  const { world } = finished;
  const { scheduler } = world;
  const look = (): void => {
    const seen = (over: boolean): void => {
      if (over) quiet();
    };
    isOver(finished).then(seen, seen as never);
    scheduler.after(30_000, look);
  };
  scheduler.after(world.profile.stormMs, () => {
    world.tell("world", "the storm is over");
    for (const who of ["*", ...world.setups.keys()]) {
      void world.starts.suspend(who, undefined);
      world.watch.pause(who, false);
    }
    look();
  });
};

const told = ({ seed, profile, rate, setups }: World): string => {
  const limits = [...setups.values()].map(
    ({ tenant }) => `${tenant.tenantId} ${tenant.limits.maxActive}×${tenant.limits.weight}`,
  );
  return `seed ${seed}: ${profile.mood}, storm of ${profile.stormMs / 1000} s, ${rate.perSecond}/s burst ${rate.burst}, tenants ${limits.join(", ")}`;
};

/** Runs the world of a seed until it is quiet, and checks what must hold. Ends at the first live breach. */
export const simulate = async (seed: number, { variant, story = false }: SimulateOptions = {}): Promise<Simulated> => {
  const world = createWorld(seed, variant, story);
  if (story) world.story.push(told(world));
  const afterEffect = watchOver(world);
  const servicesOf = (instance: Instance) => portsOf(world, instance, afterEffect);
  const lambda = createLambda(world, servicesOf);
  const doors = createDoors(world, lambda);
  const changes = startFunctions(world, lambda);
  const finished: Finished = { world, doors, changes };
  startWorkload(world, doors, servicesOf);
  let quiet = false;
  watch(finished, () => {
    quiet = true;
  });
  const { scheduler } = world;
  await scheduler.run(epoch + world.profile.stormMs + patienceMs, () => quiet || world.breaches.length > 0);
  if (world.breaches.length === 0) {
    for (const { name, check } of invariants) {
      const fault = await check(finished);
      if (fault !== undefined) world.breach(name, fault);
    }
  }
  return {
    seed,
    mood: world.profile.mood,
    load: world.profile.load,
    breaches: world.breaches,
    story: world.story,
    jobRuns: world.emr.runs.size,
    submissions: world.ledger.all().length,
    instances: world.instances.count,
    steps: scheduler.steps,
    lost: world.profile.events.lose,
    toldAfterMs: Math.max(0, ...tellingTimes(world)),
    minutes: Math.round((scheduler.now() - epoch) / 60_000),
  };
};
