import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { ServiceError } from "#domain/errors.ts";
import type { JobRuns, Services } from "#domain/ports.ts";
import { hasEnded } from "#domain/submission/job-run.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { awsRates, type BucketRate, type LimitedApi } from "#domain/turns/token-bucket.ts";
import { createScheduler, isoOf, type Scheduler } from "../simulation/scheduler.ts";
import { digest } from "./turns-setup.ts";

/** How long calls take in virtual time, in milliseconds: lowest and highest. */
export interface Latencies {
  readonly table: readonly [number, number];
  readonly emr: readonly [number, number];
}

export interface Called {
  readonly api: LimitedApi;
  /** Whose job run it is, where the call says so. */
  readonly tenantId: string | undefined;
  readonly at: number;
  readonly throttled: boolean;
}

export interface World {
  readonly scheduler: Scheduler;
  readonly services: Services;
  /** StartJobRun and GetJobRun as EMR Serverless got them. */
  readonly calls: readonly Called[];
  /** Starts a function in virtual time; `ended` follows its end. */
  spawn(work: () => Promise<void>, ended?: () => void): void;
}

interface Hooks {
  wake(): void;
  started(applicationId: string, jobRunId: string, change: (state: string) => void): void;
}

/** What a job run is billed for, which comes with its end. */
const used = { vCPUHour: 1, memoryGBHour: 4, storageGBHour: 0 };

/** The account's limit as AWS keeps it: so many tokens, refilled steadily, and never more than the burst. */
const bucketOf = ({ perSecond, burst }: BucketRate): ((now: number) => boolean) => {
  let [tokens, last] = [burst, 0];
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - last) / 1000) * perSecond);
    last = now;
    // Refills are sums of fractions: a token that is short of one by less than that is one.
    if (tokens < 1 - 1e-6) return false;
    tokens -= 1;
    return true;
  };
};

/** Memory adapters on virtual time. Each call takes its time, so that functions run beside each other as on AWS. */
export const createWorld = (
  setups: readonly TenantSetup[],
  { table, emr }: Latencies,
  random: () => number,
  hooks: Hooks,
): World => {
  const scheduler = createScheduler();
  const now = (): string => isoOf(scheduler.now());
  const pause = async (milliseconds: number): Promise<void> => {
    await new Promise<void>((resolve) => {
      scheduler.after(milliseconds, resolve);
    });
  };
  const draw = ([low, high]: readonly [number, number]): number => low + Math.round(random() * (high - low));

  const slow = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== "function") return member;
        return async (...given: unknown[]): Promise<unknown> => {
          await pause(draw(table));
          return await Reflect.apply(member, target, given);
        };
      },
    });

  const calls: Called[] = [];
  const memory = memoryJobRuns({ now });
  const buckets = { StartJobRun: bucketOf(awsRates.StartJobRun), GetJobRun: bucketOf(awsRates.GetJobRun) };
  /** The limit counts when the call arrives, which is half-way. */
  const limited = async <T>(
    api: "StartJobRun" | "GetJobRun",
    tenantId: string | undefined,
    call: () => Promise<T>,
  ): Promise<T> => {
    const halfMs = draw(emr) / 2;
    await pause(halfMs);
    const throttled = !buckets[api](scheduler.now());
    calls.push({ api, tenantId, at: scheduler.now(), throttled });
    if (throttled) throw new ServiceError("ERR_EMR_BUSY", "Rate exceeded");
    const answer = await call();
    await pause(halfMs);
    return answer;
  };
  const jobRuns: JobRuns = {
    start: async (input) =>
      await limited("StartJobRun", input.tags["sluice:tenant"], async () => {
        const { jobRunId } = await memory.start(input);
        hooks.started(input.applicationId, jobRunId, (state) =>
          memory.change(jobRunId, { state, ...(hasEnded(state) && { billedResourceUtilization: used }) }),
        );
        return { jobRunId };
      }),
    get: async (applicationId, jobRunId) =>
      await limited("GetJobRun", undefined, async () => await memory.get(applicationId, jobRunId)),
    cancel: memory.cancel,
    list: memory.list,
  };

  let ids = 0;
  const services: Services = {
    // Functions keep tenants in memory for seconds: it costs no time here.
    tenants: memoryTenants(setups),
    submissions: slow(memorySubmissions()),
    starts: slow(memoryStarts({ now })),
    jobRuns,
    events: slow(memoryEvents()),
    prices: listPrices,
    usage: memoryUsage(),
    wake: async () => {
      await pause(draw(table));
      hooks.wake();
    },
    now,
    later: (milliseconds) => isoOf(scheduler.now() + milliseconds),
    pauseUntil: async (time) => await pause(Math.max(0, Date.parse(time) - scheduler.now())),
    newId: () => `bench-${ids++}`,
    digest,
    crowded: new Set(),
    retentionMs: 90 * 86_400_000,
    lookMs: 30_000,
    looksPerSecond: 10,
  };
  return {
    scheduler,
    services,
    calls,
    spawn(work, ended = () => undefined) {
      work()
        .catch((error: unknown) => console.error("A function of the bench failed:", error))
        .finally(ended);
    },
  };
};
