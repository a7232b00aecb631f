import type { PropertyRules } from "#domain/tenant/property-rules.ts";
import type { Bound } from "./bounds.ts";
import { isAcknowledged, type RailContext } from "./guard-rails.ts";
import { meanTheSame } from "./setting.ts";

/**
 * Executors that a job has at most where its tenant's file says nothing: our own number. EMR Serverless has no limit of its
 * own: `spark.dynamicAllocation.maxExecutors` is infinity by default (EMR Serverless User Guide, "Spark jobs").
 */
export const defaultMaxExecutors = 100;

const maxExecutors = "spark.dynamicAllocation.maxExecutors";

/** Streams of the old kind count their executors by themselves where this is on, and are as endless then. */
const streaming = "spark.streaming.dynamicAllocation.enabled";
const maxStreamingExecutors = "spark.streaming.dynamicAllocation.maxExecutors";

/** Properties that say how many executors a job has; each is held to the same number. */
const executorKeys = [
  maxExecutors,
  "spark.dynamicAllocation.initialExecutors",
  "spark.dynamicAllocation.minExecutors",
  "spark.executor.instances",
  maxStreamingExecutors,
  "spark.streaming.dynamicAllocation.minExecutors",
];

const numberOf = (text: string | number | undefined): number | undefined =>
  /^\d{1,9}(\.\d+)?$/.test(String(text ?? "")) ? Math.floor(Number(text)) : undefined;

interface Most {
  readonly max: number;
  readonly isTenants: boolean;
}

/** The most executors of a tenant's jobs: its own bound, what it enforces, or its default where that is more than ours. */
const mostOf = ({ bounded, enforced, default: defaults }: PropertyRules): Most => {
  const own = numberOf(bounded[maxExecutors]?.max) ?? numberOf(enforced[maxExecutors]);
  if (own !== undefined) return { max: own, isTenants: true };
  const least = Math.max(numberOf(defaults[maxExecutors]) ?? 0, numberOf(bounded[maxExecutors]?.min) ?? 0);
  return { max: Math.max(defaultMaxExecutors, least), isTenants: least > defaultMaxExecutors };
};

export interface ExecutorRules {
  readonly bounds: Readonly<Record<string, Bound>>;
  /** Whether the number is the tenant's and not ours. */
  readonly isTenants: boolean;
  /** What a job gets that says nothing itself. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** The guard rail "executors": no Spark job without a bound, unless the tenant's file says why. `set` is what the job sets. */
export const executorRules = (rules: PropertyRules, context: RailContext, set: readonly string[]): ExecutorRules => {
  const { max, isTenants } = mostOf(rules);
  const held = executorKeys.filter((key) => !isAcknowledged(context, "executors", key));
  const keys = [...set, ...Object.keys(rules.default), ...Object.keys(rules.enforced)];
  const needed = keys.some((key) => meanTheSame(key, streaming))
    ? [maxExecutors, maxStreamingExecutors]
    : [maxExecutors];
  return {
    isTenants,
    bounds: Object.fromEntries(held.filter((key) => rules.bounded[key] === undefined).map((key) => [key, { max }])),
    defaults: Object.fromEntries(needed.filter((key) => held.includes(key)).map((key) => [key, String(max)])),
  };
};
