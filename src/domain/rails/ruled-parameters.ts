import type { Change } from "#domain/plan/start-job-run-input.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import { joinArguments } from "./arguments.ts";
import { ownKeys, withoutOverruled } from "./classifications.ts";
import type { Engine } from "./engines.ts";
import type { ArgumentSetting } from "./read-arguments.ts";
import { meanTheSame } from "./setting.ts";

type Properties = Readonly<Record<string, string>>;

interface Ruling {
  readonly engine: Engine;
  readonly tokens: readonly string[];
  readonly settings: readonly ArgumentSetting[];
  readonly configurations: readonly Configuration[];
  readonly enforced: Properties;
  /** Defaults by the rule that gives them, the stronger first. */
  readonly defaults: readonly { readonly properties: Properties; readonly rule: string }[];
}

interface Ruled {
  readonly parameters: string | undefined;
  readonly configurations: readonly Configuration[];
  readonly changes: readonly Change[];
  /** What of the job's own arguments is still there. */
  readonly kept: readonly ArgumentSetting[];
  /** Whether the parameters are others than the job's own. */
  readonly changed: boolean;
}

/** Whether a setting says otherwise than enforced: with another value, or under another name of the same property. */
export const isOverruled = (enforced: Properties, key: string, value: string): boolean =>
  Object.entries(enforced).some(([name, wanted]) => meanTheSame(name, key) && (name !== key || wanted !== value));

/** One name for what Spark surely reads as one property: `spark.hive.x` is Hive's `hive.x`, as `spark.hadoop.hive.x` is. */
const asRead = (key: string): string => key.replace(/^spark\.(?=hive\.)/, "spark.hadoop.");

/** The job's parameters and classifications with what is enforced and what is the default where the job says nothing. */
export const ruledParameters = ({ engine, tokens, settings, configurations, enforced, defaults }: Ruling): Ruled => {
  const changes: Change[] = [];
  const overruled = settings.filter(({ key, value }) => isOverruled(enforced, key, value));
  const dropped = new Set(overruled.flatMap(({ from, length }) => Array.from({ length }, (_, index) => from + index)));
  const kept = tokens.filter((_, index) => !dropped.has(index));
  const { classification } = engine;
  const rule = { classification, isOverruled: (key: string, value: string) => isOverruled(enforced, key, value) };
  const ruledConfigurations = withoutOverruled(configurations, rule, (key) => {
    changes.push({
      field: `applicationConfiguration/${classification}/${key}`,
      rule: "the tenant enforces another value",
    });
  });
  const own = settings.filter((one) => !overruled.includes(one));
  const set = new Map(own.map(({ key, value }) => [key, value]));
  // Under another name, or in another file, it may be read or not: a default that is added is right in both cases.
  const known = new Set([...set.keys(), ...ownKeys(ruledConfigurations, classification)].map(asRead));
  const added: string[] = [];
  const add = (key: string, value: string, by: string): void => {
    added.push(engine.option, `${key}=${value}`);
    known.add(asRead(key));
    changes.push({ field: `${engine.field}/${key}`, rule: by });
  };
  for (const [key, value] of Object.entries(enforced)) {
    if (set.get(key) !== value) add(key, value, `the tenant enforces this ${engine.name} property`);
  }
  for (const { key } of overruled) {
    if (!changes.some(({ field }) => field === `${engine.field}/${key}`)) {
      changes.push({ field: `${engine.field}/${key}`, rule: "the tenant enforces another value" });
    }
  }
  for (const { properties, rule: by } of defaults) {
    for (const [key, value] of Object.entries(properties)) {
      if (!known.has(asRead(key))) add(key, value, by);
    }
  }
  // Ours stand first, where no option of the job can take them for its value.
  return {
    parameters: joinArguments([...added, ...kept]) || undefined,
    configurations: ruledConfigurations,
    changes,
    kept: own,
    changed: added.length + dropped.size > 0,
  };
};
