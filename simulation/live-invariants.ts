import { slotOf } from "#domain/turns/slot.ts";
import type { RealRun } from "./emr.ts";
import type { World } from "./world.ts";

/** How long an instance may go on with a tenant's file that it has read before it was changed. */
const staleLimitMs = 120_000;

/** Checks that have to be made the moment something happens. */
export interface LiveInvariants {
  afterEffect(world: World, port: string, method: string, given: readonly unknown[]): Promise<void>;
  created(run: RealRun): void;
}

const tenantOf = (run: RealRun): string => run.input.tags["sluice:tenant"] ?? "";

/** The highest limit that was in force within the time that an instance may be behind. */
const limitInForce = ({ records, scheduler }: World, tenantId: string): number => {
  const own = records.limits.filter((limit) => limit.tenantId === tenantId);
  const horizon = scheduler.now() - staleLimitMs;
  return Math.max(
    ...own
      .filter((_, at) => (own[at + 1]?.at ?? Number.POSITIVE_INFINITY) >= horizon)
      .map(({ maxActive }) => maxActive),
  );
};

/** Slots: never more taken than the limit allows, none freed while its job run goes on, no job run without one. */
const createSlots = (world: World) => {
  const held = new Map<string, ReadonlySet<string>>();
  const running = new Map<string, RealRun>();
  const slotsOf = (tenantId: string): ReadonlySet<string> => held.get(tenantId) ?? new Set();
  return {
    async look(tenantId: string): Promise<void> {
      const before = slotsOf(tenantId);
      const { active } = await world.starts.line(tenantId);
      const now = new Set(active);
      held.set(tenantId, now);
      const limit = limitInForce(world, tenantId);
      if (now.size > before.size && now.size > limit)
        world.breach("slots", `tenant "${tenantId}" has ${now.size} slots taken: its limit is ${limit}`);
      for (const id of before) {
        const run = running.get(id);
        if (now.has(id) || run === undefined || run.ended) continue;
        world.breach(
          "slots",
          `the slot of "${id}" of tenant "${tenantId}" is freed while job run ${run.jobRunId} goes on`,
        );
      }
    },
    created(run: RealRun): void {
      const submission = world.ledger.all().find(({ submissionId }) => submissionId === run.submissionId);
      const slot = submission === undefined ? run.submissionId : slotOf(submission);
      running.set(slot, run);
      if (slotsOf(tenantOf(run)).has(slot)) return;
      world.breach(
        "slots",
        `job run ${run.jobRunId} of "${run.submissionId}" starts without a slot of tenant "${tenantOf(run)}"`,
      );
    },
  };
};

/** How many turns others get, and how long it takes, while a tenant with a free slot has somebody waiting. */
const createFairness = (world: World) => {
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
  return {
    async look(tenantId: string): Promise<void> {
      const { active } = await world.starts.line(tenantId);
      const waits = world.ledger.all().some((found) => found.state === "waiting" && found.tenantId === tenantId);
      if (!waits || active.length >= limits(tenantId).maxActive) reset(tenantId);
      else if (!since.has(tenantId)) since.set(tenantId, world.scheduler.now());
    },
    created(run: RealRun): void {
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

export const createLiveInvariants = (world: World): LiveInvariants => {
  const slots = createSlots(world);
  // In a storm a turn may be lost with whoever held it: there the bound is that everybody has started in the end.
  const fairness = world.profile.mood === "calm" ? createFairness(world) : undefined;
  return {
    async afterEffect(_, port, method, given) {
      if (port === "starts" && typeof given[0] === "string" && world.setups.has(given[0])) {
        await slots.look(given[0]);
        await fairness?.look(given[0]);
      }
      if (port !== "submissions" || fairness === undefined || method === "get") return;
      for (const tenantId of world.setups.keys()) await fairness.look(tenantId);
    },
    created(run) {
      slots.created(run);
      fairness?.created(run);
    },
  };
};
