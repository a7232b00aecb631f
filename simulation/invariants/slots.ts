import { slotOf } from "#domain/turns/slot.ts";
import { type RealRun, tenantOf } from "../emr.ts";
import type { World } from "../world.ts";
import type { Finished, Invariant, LiveInvariant } from "./invariant.ts";

/** How long an instance may go on with a tenant's file that it has read before it was changed: until its time is up. */
const staleLimitMs = 60_000;

/** The highest limit that was in force within the time that an instance may be behind, a late effect of its included. */
const limitInForce = ({ records, scheduler }: World, tenantId: string): number => {
  const own = records.limits.filter((limit) => limit.tenantId === tenantId);
  const horizon = scheduler.now() - staleLimitMs - 2000;
  return Math.max(
    ...own
      .filter((_, at) => (own[at + 1]?.at ?? Number.POSITIVE_INFINITY) >= horizon)
      .map(({ maxActive }) => maxActive),
  );
};

/** Slots: never more taken than the limit allows, none freed while its job run goes on, no job run without one. */
export const createSlots = (world: World): LiveInvariant => {
  const held = new Map<string, ReadonlySet<string>>();
  const running = new Map<string, RealRun>();
  const look = (tenantId: string, method: string): void => {
    const before = held.get(tenantId) ?? new Set();
    const now = new Set(world.watch.lines.get(tenantId)?.active.keys());
    held.set(tenantId, now);
    const limit = limitInForce(world, tenantId);
    // What a job run lost that goes on is given back whatever the limit.
    if (method !== "restoreSlot" && now.size > before.size && now.size > limit)
      world.breach("slots", `tenant "${tenantId}" has ${now.size} slots taken: its limit is ${limit}`);
    for (const id of before) {
      const run = running.get(id);
      if (now.has(id) || run === undefined || run.ended) continue;
      world.breach(
        "slots",
        `the slot of "${id}" of tenant "${tenantId}" is freed while job run ${run.jobRunId} goes on`,
      );
    }
  };
  return {
    after({ port, method, given: [tenantId] }) {
      if (port === "starts" && typeof tenantId === "string" && world.setups.has(tenantId)) look(tenantId, method);
    },
    created(run) {
      const submission = world.ledger.all().find(({ submissionId }) => submissionId === run.submissionId);
      const slot = submission === undefined ? run.submissionId : slotOf(submission);
      running.set(slot, run);
      if (held.get(tenantOf(run))?.has(slot) === true) return;
      world.breach(
        "slots",
        `job run ${run.jobRunId} of "${run.submissionId}" starts without a slot of tenant "${tenantOf(run)}"`,
      );
    },
  };
};

const slotsEmpty = async ({ world }: Finished): Promise<string | undefined> => {
  for (const tenantId of world.setups.keys()) {
    const { active, waiting } = await world.starts.line(tenantId);
    if (active.length > 0) return `tenant "${tenantId}" has slots taken in the end: ${active.join(", ")}`;
    if (waiting > 0) return `tenant "${tenantId}" counts ${waiting} as waiting in the end`;
  }
  return undefined;
};

export const slotInvariants: readonly Invariant[] = [{ name: "slots", check: slotsEmpty }];
