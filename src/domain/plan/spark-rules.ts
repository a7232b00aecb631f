import { deniedAt, type Fault, faultAt } from "#domain/fault.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { joinArguments, splitArguments } from "./arguments.ts";
import { hadoopFaults, sparkDefaultsFaults, sparkDefaultsOf, withoutOverruled } from "./spark-defaults.ts";
import {
  keysSet,
  matchesKey,
  readsPropertiesFile,
  type SparkSetting,
  sparkSettings,
  strayArgument,
} from "./spark-settings.ts";
import type { Change } from "./start-job-run-input.ts";

type Rules = Tenant["spark"];

export interface SparkJob {
  readonly parameters: string | undefined;
  readonly configurations: readonly Configuration[];
}

export interface RuledSparkJob extends SparkJob {
  readonly changes: readonly Change[];
  readonly faults: readonly Fault[];
}

const parametersPath = ["jobDriver", "sparkSubmit", "sparkSubmitParameters"];

const forbiddenFaults = (rules: Rules, settings: readonly SparkSetting[], job: SparkJob): Fault[] => {
  const broken = (key: string): string | undefined => rules.forbidden.find((rule) => matchesKey(rule, key));
  const inParameters = settings.flatMap(keysSet).flatMap((key) => {
    const rule = broken(key);
    return rule === undefined
      ? []
      : [deniedAt(parametersPath, key, `must not set Spark properties that match "${rule}"`)];
  });
  return [
    ...inParameters,
    ...sparkDefaultsFaults(job.configurations, broken),
    ...hadoopFaults(job.configurations, broken),
  ];
};

/** What no tenant's parameters may be, because another job than the one that was checked would run. */
const formFaults = (split: ReturnType<typeof splitArguments>): Fault[] => {
  if (split.verdict === "unbalanced") {
    const wanted =
      split.quote === "\\"
        ? "text that does not end in the middle of a backslash escape"
        : `text whose ${split.quote} quotes are closed`;
    return [faultAt(parametersPath, `…${split.quote}`, wanted)];
  }
  const stray = strayArgument(split.tokens);
  const rule = "must be options of spark-submit with their values, nothing else";
  return stray === undefined ? [] : [deniedAt(parametersPath, stray, rule)];
};

const noRules = ({ default: defaults, enforced, forbidden }: Rules): boolean =>
  Object.keys(defaults).length + Object.keys(enforced).length + forbidden.length === 0;

/**
 * Applies the tenant's default, enforced and forbidden Spark properties to what the job asks for. A job that the rules
 * leave alone keeps its parameters byte by byte; every change is listed with its rule.
 */
export const applySparkRules = (job: SparkJob, rules: Rules): RuledSparkJob => {
  const split = splitArguments(job.parameters ?? "");
  const form = formFaults(split);
  if (split.verdict === "unbalanced" || noRules(rules)) return { ...job, changes: [], faults: form };
  const { tokens } = split;
  const settings = sparkSettings(tokens);
  const faults = [...form, ...forbiddenFaults(rules, settings, job)];
  if (readsPropertiesFile(tokens)) {
    faults.push(deniedAt(parametersPath, "--properties-file", "must not read Spark properties from a file"));
  }
  const changes: Change[] = [];
  const configurations = withoutOverruled(job.configurations, rules.enforced, () => {
    changes.push({ field: "applicationConfiguration/spark-defaults", rule: "the tenant enforces another value" });
  });
  const parameters = ruledParameters({ tokens, settings, configurations, rules, changes });
  return { parameters: changes.length === 0 ? job.parameters : parameters, configurations, changes, faults };
};

interface Ruling {
  readonly tokens: readonly string[];
  readonly settings: readonly SparkSetting[];
  readonly configurations: readonly Configuration[];
  readonly rules: Rules;
  readonly changes: Change[];
}

const ruledParameters = ({ tokens, settings, configurations, rules, changes }: Ruling): string | undefined => {
  const overruled = settings.filter(
    ({ key, value }) => Object.hasOwn(rules.enforced, key) && rules.enforced[key] !== value,
  );
  const dropped = new Set(overruled.flatMap(({ from, length }) => Array.from({ length }, (_, index) => from + index)));
  const kept = tokens.filter((_, index) => !dropped.has(index));
  const set = new Map(settings.filter((setting) => !overruled.includes(setting)).map(({ key, value }) => [key, value]));
  const elsewhere = new Set(sparkDefaultsOf(configurations).flatMap(({ properties }) => Object.keys(properties)));
  const added: string[] = [];
  const add = (key: string, value: string, rule: string): void => {
    added.push("--conf", `${key}=${value}`);
    changes.push({ field: `spark/${key}`, rule });
  };
  for (const [key, value] of Object.entries(rules.enforced)) {
    if (set.get(key) !== value) add(key, value, "the tenant enforces this Spark property");
  }
  for (const [key, value] of Object.entries(rules.default)) {
    if (!set.has(key) && !elsewhere.has(key) && !Object.hasOwn(rules.enforced, key)) {
      add(key, value, "the tenant's default for this Spark property");
    }
  }
  // Ours stand first, where no option of the job can take them for its value.
  return joinArguments([...added, ...kept]) || undefined;
};
