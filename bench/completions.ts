import { ServiceError } from "#domain/errors.ts";
import type { Events } from "#domain/ports.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { sweep } from "#domain/sweep/sweep.ts";
import type { DoorServices } from "#handlers/door.ts";
import { queueHandler } from "#handlers/queue.ts";
import { createRandom } from "../simulation/random.ts";
import { epoch } from "../simulation/scheduler.ts";
import { table } from "./table.ts";
import { contextOf, doorConfig, queueNameOf, recordOf, tenantsLike } from "./turns-setup.ts";
import { createWorld, type Latencies } from "./turns-world.ts";

/** A message each second, whose job runs for about so many seconds: that many are active at once, after a while. */
interface Scenario {
  readonly active: number;
  /** The share of EMR Serverless's events that never come. */
  readonly lost: number;
}

interface Delays {
  readonly scenario: Scenario;
  readonly runs: number;
  readonly told: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  /** Calls of GetJobRun for each job run, of the events and of the sweep. */
  readonly calls: number;
  readonly throttled: number;
}

const latencies: Latencies = { table: [3, 15], emr: [50, 300] };
const sweepMs = 60_000;
/** What the reconciler's handler leaves its sweep of its function's 60 s. */
const sweepsForMs = 50_000;
/** An event comes after so many milliseconds, at least and at most. */
const eventMs = [500, 3000] as const;

/** A message that failed comes again after so many milliseconds at most, the first time. */
const againMs = 10_000;

/** The bound that README gives: two sweeps, for as many as GetJobRun can be asked for in a minute. */
const boundSeconds = (2 * sweepMs) / 1000;
const boundActive = 600;

const at = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/** Completions in virtual time: the queue door, EMR Serverless with its rates, its events, and the sweep once a minute. */
const completionDelays = async (scenario: Scenario, runs: number): Promise<Delays> => {
  const { active, lost } = scenario;
  const random = createRandom(1);
  const ended = new Map<string, number>();
  const delays: number[] = [];
  // A tenant has at most 1000 active job runs.
  const tenantIds = Array.from({ length: Math.ceil(active / 500) }, (_, index) => `tenant-${index}`);
  const setups = await tenantsLike(Object.fromEntries(tenantIds.map((tenantId) => [tenantId, { maxActive: 1000 }])));
  const world = createWorld(setups, latencies, random.next, {
    wake: () => undefined,
    started(applicationId, jobRunId, change) {
      const jobMs = active * 1000 * (0.5 + random.next());
      world.scheduler.after(jobMs, () => {
        change("SUCCESS");
        ended.set(jobRunId, world.scheduler.now());
        if (random.next() < lost) return;
        const [least, most] = eventMs;
        const deliver = (afterMs: number): void => {
          world.scheduler.after(afterMs, () =>
            world.spawn(async () => {
              try {
                await completeJobRun(services, { applicationId, jobRunId });
              } catch (error) {
                if (!(error instanceof ServiceError)) throw error;
                deliver(againMs * (0.5 + random.next() / 2));
              }
            }),
          );
        };
        deliver(least + random.next() * (most - least));
      });
    },
  });
  const publish: Events["publish"] = async (event, destination) => {
    await world.services.events.publish(event, destination);
    const { jobRunId } = event.detail.data as { readonly jobRunId: string };
    delays.push((world.scheduler.now() - (ended.get(jobRunId) ?? Number.NaN)) / 1000);
  };
  const services = { ...world.services, events: { ...world.services.events, publish } };
  const log = { metrics: () => undefined, info: () => undefined, warn: () => undefined, error: console.error };
  const redelivery = { later: async () => undefined, jitter: random.next };
  const parts: DoorServices = { services, config: doorConfig, log, redelivery };
  const door = queueHandler(parts);
  for (let index = 0; index < runs; index += 1) {
    const Records = [recordOf(`run-${index}`, queueNameOf(tenantIds[index % tenantIds.length] ?? ""))];
    // A little slower than the account's rate, so that none has to wait.
    world.scheduler.after(index * 1010, () =>
      world.spawn(async () => void (await door({ Records }, contextOf(`request-${index}`, world.scheduler.now)))),
    );
  }
  const everyMinute = (): void => {
    world.spawn(async () => void (await sweep(services, services.later(sweepsForMs))));
    world.scheduler.after(sweepMs, everyMinute);
  };
  world.scheduler.after(random.next() * sweepMs, everyMinute);
  await world.scheduler.run(epoch + runs * 1010 + active * 1500 + 7_200_000, () => delays.length >= runs);

  const sorted = delays.toSorted((one, other) => one - other);
  const asked = world.calls.filter(({ api }) => api === "GetJobRun");
  return {
    scenario,
    runs,
    told: delays.length,
    p50: at(sorted, 0.5),
    p99: at(sorted, 0.99),
    longest: sorted.at(-1) ?? Number.NaN,
    calls: asked.length / runs,
    throttled: asked.filter(({ throttled }) => throttled).length,
  };
};

const seconds = (value: number): string => `${value.toFixed(1)} s`;

const rowOf = ({ scenario: { active, lost }, runs, told, p50, p99, longest, calls, throttled }: Delays): string[] => {
  const holds = told === runs && longest <= boundSeconds;
  const bar = active > boundActive ? "-" : holds ? `met (${boundSeconds} s)` : `NOT MET (${boundSeconds} s)`;
  const figures = [seconds(p50), seconds(p99), seconds(longest), calls.toFixed(1), String(throttled)];
  return [`${active} active, ${100 * lost}% of the events lost`, `${told} of ${runs}`, ...figures, bar];
};

/** How late completions are, with EMR Serverless's events and without, and what it costs to ask. */
export const measureCompletions = async (scale: "quick" | "full"): Promise<string> => {
  const actives = scale === "quick" ? [50] : [60, 600, 1200, 3000];
  const rows: string[][] = [];
  for (const active of actives) {
    for (const lost of [0, 0.5, 1]) rows.push(rowOf(await completionDelays({ active, lost }, active * 2)));
  }
  const head = [
    "virtual time, completion after the end",
    "told",
    "p50",
    "p99",
    "longest",
    "GetJobRun a run",
    "throttled",
    "bar",
  ];
  return table(head, rows);
};
