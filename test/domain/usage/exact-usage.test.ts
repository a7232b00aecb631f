import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import type { Services } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { settleUsage } from "#domain/usage/settle-usage.ts";
import type { Usage } from "#domain/usage/usage.ts";
import { usageOf } from "#domain/usage/usage-of.ts";
import { sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

/** The vCPU hours of a submission are a power of two: a sum says which submissions are in it, and how often. */
const hoursOf = (at: number): number => 2 ** at;

/** A submission that has ended: as it is before EMR Serverless tells its hours, or after that. */
const ended = (at: number, hour: number, late: boolean): Submission => ({
  ...startingSubmission({ submissionId: `req.${at}` }),
  state: "completed",
  jobRunId: `00run${at}`,
  completedAt: `2026-11-2${hour % 2}T1${hour}:15:00.000Z`,
  jobRun: sampleJobRun(
    late ? { billedResourceUtilization: { vCPUHour: hoursOf(at), memoryGBHour: 0, storageGBHour: 0 } } : {},
  ),
});

const days = { from: "2026-11-20", to: "2026-11-21" };

/** A worker died: none of its later calls reaches the table. */
class Death extends Error {}

const worlds = fc.record({
  submissions: fc.array(fc.record({ hour: fc.integer({ min: 0, max: 2 }), costLater: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  }),
  /** Recordings that happen once more, beside or after the first; also of the time before the cost came. */
  repeats: fc.array(fc.record({ of: fc.nat(), early: fc.boolean() }), { maxLength: 6 }),
  sweeps: fc.integer({ min: 0, max: 3 }),
  queries: fc.integer({ min: 0, max: 3 }),
  budget: fc.boolean(),
  /** Each worker may die after so many calls, and may stall for a while before or after one. */
  fates: fc.array(
    fc.record({
      diesAfter: fc.option(fc.integer({ min: 0, max: 7 }), { freq: 4 }),
      stallsAt: fc.integer({ min: 1, max: 6 }),
      stallsFor: fc.integer({ min: 0, max: 40 }),
    }),
    { minLength: 20, maxLength: 20 },
  ),
});

/** A worker that lives for ever and is never late. */
const carefree = { diesAfter: null, stallsAt: 0, stallsFor: 0 };

type Fate = Readonly<Record<keyof typeof carefree, number | null>>;
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never;

/** The table as one worker has it: others go on before and after the effect of each call, and some calls never happen. */
const portOf = (shared: Usage, scheduler: fc.Scheduler, { diesAfter, stallsAt, stallsFor }: Fate): Usage => {
  let calls = 0;
  const get = (target: Usage, name: string | symbol): unknown => {
    const method: unknown = Reflect.get(target, name);
    if (typeof method !== "function") return method;
    return async (...given: unknown[]): Promise<unknown> => {
      calls += 1;
      if (diesAfter !== null && calls > diesAfter) throw new Death();
      const turns = 1 + (calls === stallsAt ? Number(stallsFor) : 0);
      for (let turn = 0; turn < turns; turn += 1) await scheduler.schedule(Promise.resolve(), String(name));
      const result: unknown = await Reflect.apply(method, target, given);
      await scheduler.schedule(Promise.resolve(), `${String(name)} answered`);
      return result;
    };
  };
  return new Proxy(shared, { get });
};

/** The submissions in a sum, as bits. */
const within = (vCPUHour: string): bigint => BigInt(vCPUHour.replace(/\.000000$/, ""));

const runWorld = async (scheduler: fc.Scheduler, world: World): Promise<void> => {
  const tenant = world.budget ? { budget: { monthly: "1" } } : {};
  const base = sampleServices(sampleSetup({ tenant }));
  const shared = memoryUsage();
  let workers = 0;
  const newWorker = (): Services => {
    const fate = world.fates[workers] ?? carefree;
    workers += 1;
    return { ...base, usage: portOf(shared, scheduler, fate) };
  };
  const atTheTable: Services = { ...base, usage: shared };
  const all = 2n ** BigInt(world.submissions.length) - 1n;

  /** What was recorded to the end. */
  const endings = new Set<number>();
  let hours = 0n;

  const record = async (at: number, late: boolean): Promise<void> => {
    try {
      await recordUsage(newWorker(), ended(at, world.submissions[at]!.hour, late));
    } catch (error) {
      if (error instanceof Death) return;
      throw error;
    }
    endings.add(at);
    if (late) hours |= BigInt(hoursOf(at));
  };
  const recordInOrder = async (at: number): Promise<void> => {
    if (world.submissions[at]!.costLater) await record(at, false);
    await record(at, true);
  };
  const query = async (): Promise<void> => {
    const before = { hours, endings: endings.size };
    const { total } = await usageOf({ usage: portOf(shared, scheduler, carefree) }, "acme", days);
    const found = within(total.vCPUHour);
    expect(found & before.hours).toBe(before.hours);
    expect(found).toBeLessThanOrEqual(all);
    expect(total.jobRuns).toBeGreaterThanOrEqual(before.endings);
    expect(total.jobRuns).toBeLessThanOrEqual(world.submissions.length);
  };
  const sweep = async (services: Services): Promise<void> => {
    try {
      const { failures } = await settleUsage(services, base.later(3_600_000));
      for (const { error } of failures) if (!(error instanceof Death)) throw error;
    } catch (error) {
      if (!(error instanceof Death)) throw error;
    }
  };

  const work = [
    ...world.submissions.map(async (_, at) => await recordInOrder(at)),
    ...world.repeats.map(async ({ of, early }) => {
      const at = of % world.submissions.length;
      await record(at, !(early && world.submissions[at]!.costLater));
    }),
    ...Array.from({ length: world.sweeps }, async () => {
      for (let sweeps = 0; sweeps < 3; sweeps += 1) {
        // What another sweep put off is due again.
        base.clock.pass(61_000);
        await sweep(newWorker());
      }
    }),
    ...Array.from({ length: world.queries }, query),
  ];
  await scheduler.waitFor(Promise.all(work));

  const check = async (): Promise<void> => {
    const usage = await usageOf(atTheTable, "acme", days);
    expect(within(usage.total.vCPUHour)).toBe(all);
    expect(usage.total.jobRuns).toBe(world.submissions.length);
    expect(usage.days.reduce((sum, { vCPUHour }) => sum + within(vCPUHour), 0n)).toBe(all);
    expect(usage.jobTemplates.reduce((sum, { vCPUHour }) => sum + within(vCPUHour), 0n)).toBe(all);
  };
  // A submission is done only when it was recorded to the end: what died before that is recorded again.
  for (const [at, { hour }] of world.submissions.entries()) {
    if ((hours & BigInt(hoursOf(at))) === 0n) await recordUsage(atTheTable, ended(at, hour, true));
  }
  await check();
  // The hours make their month due, so that the next sweep sums it.
  for (let sweeps = 0; sweeps < 2; sweeps += 1) {
    base.clock.pass(120_000);
    await sweep(atTheTable);
  }
  expect(await shared.due(base.later(3_600_000), 10)).toEqual([]);
  await check();
  const month = await shared.month("acme", "2026-11");
  expect(month!.sums!.reduce((sum, { vCPUHour }) => sum + within(vCPUHour), 0n)).toBe(all);
};

test("every submission whose recording is over is counted exactly once, however workers interleave, repeat and die", async () => {
  await fc.assert(fc.asyncProperty(fc.scheduler(), worlds, runWorld), { numRuns: 500 });
});
