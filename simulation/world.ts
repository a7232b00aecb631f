import { type MemoryStarts, memoryStarts } from "#adapters/memory/memory-starts.ts";
import { type MemorySubmissions, memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { type MemoryTenants, memoryTenants } from "#adapters/memory/memory-tenants.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { Services } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { BucketRate, LimitedApi } from "#domain/turns/token-bucket.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import { createEmr, type RealRun, type SimulatedEmr } from "./emr.ts";
import { createInstances, type Instance, type Instances } from "./instances.ts";
import type { LineView } from "./lagging.ts";
import { type Profile, profileOf } from "./profile.ts";
import { createRandom, type Random } from "./random.ts";
import { createScheduler, epoch, isoOf, type Scheduler } from "./scheduler.ts";
import { createSnapshots, type Snapshots } from "./snapshots.ts";
import { createWatch, type Watch } from "./watch.ts";
import { setupOf, tenantNames } from "./world-tenants.ts";

/** What a broken variant changes; the product's own parts are what is wrapped. */
export interface Variant {
  readonly name: string;
  /** Wraps the ports that all instances share. */
  readonly ports?: (ports: SharedPorts, world: World) => SharedPorts;
  /** Wraps what one instance gets. */
  readonly services?: (services: Services, world: World) => Services;
  /** What a function answers in place of its answer. */
  readonly answer?: (answer: unknown) => unknown;
}

export type SharedPorts = Pick<Services, "submissions" | "starts" | "jobRuns" | "events" | "usage">;

export interface Breach {
  readonly invariant: string;
  readonly message: string;
}

/** What was seen as it happened, for the invariants. */
export interface Records {
  readonly published: { readonly event: PublishedEvent; readonly at: number }[];
  /** When each token of an API was let through, in order. */
  readonly tokens: Map<LimitedApi, number[]>;
  readonly startCalls: { readonly at: number; readonly submissionId: string; readonly text: string }[];
  /** What was stored under each submission id, one acceptance after the other. */
  readonly accepted: Map<string, Submission[]>;
  /** The fingerprints of all that was to be stored under each submission id. */
  readonly proposed: Map<string, Set<string>>;
  /** The limits of each tenant as they changed, in order. */
  readonly limits: { readonly tenantId: string; readonly at: number; readonly maxActive: number }[];
  readonly cancelled: Map<string, number>;
}

export interface World {
  readonly seed: number;
  readonly variant: Variant | undefined;
  readonly random: Random;
  readonly profile: Profile;
  readonly scheduler: Scheduler;
  readonly instances: Instances;
  readonly rate: BucketRate;
  readonly tenants: MemoryTenants;
  readonly setups: Map<string, TenantSetup>;
  readonly ledger: MemorySubmissions;
  readonly starts: MemoryStarts;
  readonly emr: SimulatedEmr;
  readonly ledgerSnapshots: Snapshots<readonly Submission[]>;
  readonly lineSnapshots: Snapshots<ReadonlyMap<string, LineView>>;
  readonly records: Records;
  readonly watch: Watch;
  readonly breaches: Breach[];
  readonly story: string[];
  /** Whether anybody will read it. */
  readonly keepsStory: boolean;
  /** Wired by the functions: who is told of work, and of events of EMR Serverless. */
  readonly hooks: {
    wake: () => void;
    emitted: (event: EmrEvent) => void;
    called: (api: string) => void;
    started: (input: StartJobRunInput) => void;
    created: (run: RealRun) => void;
    ended: (run: RealRun) => void;
  };
  shared: SharedPorts | undefined;
  /** The instance whose call has its effect now. */
  acting: Instance | undefined;
  readonly stormEndsAt: number;
  stormy(): boolean;
  tell(who: string, what: string): void;
  breach(invariant: string, message: string): void;
  replaceTenants(): void;
}

const recordsOf = (): Records => ({
  published: [],
  tokens: new Map(),
  startCalls: [],
  accepted: new Map(),
  proposed: new Map(),
  limits: [],
  cancelled: new Map(),
});

const mostActive = (random: Random, { mood, load }: Profile): number => {
  // So few that many wait for a slot while there are tokens.
  if (mood === "calm" && load === "spread") return random.between(1, 2);
  if (load === "flood") return 1000;
  return load === "contest" ? random.between(15, 40) : random.between(1, random.pick([1, 3, 25]));
};

const limitsOf = (random: Random, profile: Profile) => ({
  maxActive: mostActive(random, profile),
  maxWaiting: profile.mood !== "calm" && random.chance(0.1) ? random.between(0, 5) : 10_000,
  weight: random.pick([1, 1, 1, 2, 5]),
});

/** A rate that the dispatcher can keep up with easily, or in a flood one that it cannot. */
const rateOf = (random: Random, { load }: Profile): BucketRate =>
  load === "flood"
    ? { perSecond: random.pick([10, 20]), burst: random.pick([25, 50]) }
    : { perSecond: random.pick([0.5, 1, 1, 2, 5]), burst: random.pick([1, 2, 5, 25]) };

/** A world of a seed, before anything has happened in it. */
export const createWorld = (seed: number, variant: Variant | undefined, keepStory: boolean): World => {
  const random = createRandom(seed);
  const profile = profileOf(random);
  const scheduler = createScheduler();
  const story: string[] = [];
  const breaches: Breach[] = [];
  const hooks: World["hooks"] = {
    wake: () => undefined,
    emitted: () => undefined,
    called: () => undefined,
    started: () => undefined,
    created: () => undefined,
    ended: () => undefined,
  };
  const records = recordsOf();
  const stormy = (): boolean => scheduler.now() < epoch + profile.stormMs;
  const tell = (who: string, what: string): void => {
    if (keepStory) story.push(`${isoOf(scheduler.now()).slice(11, 23)}  ${who.padEnd(14)} ${what}`);
  };
  const rate = rateOf(random, profile);
  const instances = createInstances({ scheduler, random, profile, stormy, tell });
  const setups = new Map<string, TenantSetup>();
  for (const tenantId of tenantNames.slice(0, random.between(2, 4)))
    setups.set(tenantId, setupOf(tenantId, limitsOf(random, profile)));
  const tenants = memoryTenants([]);
  const breach = (invariant: string, message: string): void => {
    tell("BREACH", `${invariant}: ${message}`);
    breaches.push({ invariant, message });
  };
  const emr = createEmr({
    scheduler,
    random,
    rate,
    throttles: () => stormy() && random.chance(profile.emrThrottles),
    conflicts: () => stormy() && random.chance(profile.emrConflicts),
    tokenMs: profile.tokenMs,
    emitted: (event) => hooks.emitted(event),
    created: (run) => hooks.created(run),
    ended: (run) => hooks.ended(run),
    called: (api) => hooks.called(api),
    started: (input) => {
      records.startCalls.push({ at: scheduler.now(), submissionId: input.clientToken, text: JSON.stringify(input) });
      hooks.started(input);
    },
  });
  const world: World = {
    ...{ seed, variant, random, profile, scheduler, instances, rate, tenants, setups, emr, records, breaches, story },
    watch: createWatch(scheduler),
    ledger: memorySubmissions(),
    starts: memoryStarts({ now: instances.clock, rates: { StartJobRun: rate } }),
    ledgerSnapshots: createSnapshots<readonly Submission[]>([]),
    lineSnapshots: createSnapshots<ReadonlyMap<string, LineView>>(new Map()),
    ...{ shared: undefined, acting: undefined },
    ...{ hooks, stormy, tell, breach, keepsStory: keepStory },
    stormEndsAt: epoch + profile.stormMs,
    replaceTenants: () => {
      tenants.replace([...setups.values()]);
      for (const { tenant } of setups.values()) {
        const { tenantId, limits } = tenant;
        const { maxActive } = limits;
        const last = records.limits.findLast((limit) => limit.tenantId === tenantId);
        if (last?.maxActive !== maxActive) records.limits.push({ tenantId, at: scheduler.now(), maxActive });
      }
    },
  };
  world.replaceTenants();
  return world;
};
