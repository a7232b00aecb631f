import type { PropertyRules } from "#domain/tenant/property-rules.ts";
import type { Bound } from "./bounds.ts";
import { isAcknowledged, type RailContext } from "./guard-rails.ts";

/**
 * Executors that a job has at most where its tenant's file says nothing: our own number. EMR Serverless has no limit of its
 * own: `spark.dynamicAllocation.maxExecutors` is infinity by default (EMR Serverless User Guide, "Spark jobs").
 */
export const defaultMaxExecutors = 100;

const maxExecutors = "spark.dynamicAllocation.maxExecutors";

/** Properties that say how many executors a job has; each is held to the same number. */
const executorKeys = [
  maxExecutors,
  "spark.dynamicAllocation.initialExecutors",
  "spark.dynamicAllocation.minExecutors",
  "spark.executor.instances",
  "spark.streaming.dynamicAllocation.maxExecutors",
  "spark.streaming.dynamicAllocation.minExecutors",
];

const numberOf = (text: string | number | undefined): number | undefined =>
  /^\d{1,9}$/.test(String(text ?? "")) ? Number(text) : undefined;

/** The most executors of a tenant's jobs: its own bound, what it enforces, or its default where that is more than ours. */
const most = ({ bounded, enforced, default: defaults }: PropertyRules): number =>
  numberOf(bounded[maxExecutors]?.max) ??
  numberOf(enforced[maxExecutors]) ??
  Math.max(defaultMaxExecutors, numberOf(defaults[maxExecutors]) ?? 0);

export interface ExecutorRules {
  readonly bounds: Readonly<Record<string, Bound>>;
  /** What a job gets that says nothing itself. */
  readonly defaults: Readonly<Record<string, string>>;
}

/** The guard rail "executors": no Spark job without a bound, unless the tenant's file says why. */
export const executorRules = (rules: PropertyRules, context: RailContext): ExecutorRules => {
  if (isAcknowledged(context, "executors", maxExecutors)) return { bounds: {}, defaults: {} };
  const max = most(rules);
  const held = executorKeys.filter((key) => rules.bounded[key] === undefined);
  return {
    bounds: Object.fromEntries(held.map((key) => [key, { max }])),
    defaults: { [maxExecutors]: String(max) },
  };
};
