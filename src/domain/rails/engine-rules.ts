import { deniedAt, type Fault, faultAt } from "#domain/fault.ts";
import type { Change } from "#domain/plan/start-job-run-input.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import type { PropertyRules } from "#domain/tenant/property-rules.ts";
import { isCutAlike, splitArguments } from "./arguments.ts";
import { boundFaults } from "./bound-faults.ts";
import { classificationFaults, classificationSettings, unknownClassifications } from "./classifications.ts";
import type { Engine } from "./engines.ts";
import { type ExecutorRules, executorRules } from "./executors.ts";
import { guardRailFaults, isAcknowledged, type RailContext, railFault } from "./guard-rails.ts";
import { withSystemProperties } from "./java-options.ts";
import type { ArgumentSetting, ReadArguments } from "./read-arguments.ts";
import { isOverruled, ruledParameters } from "./ruled-parameters.ts";
import { isProperty, means, type Setting } from "./setting.ts";

/** What a job asks of its engine. */
export interface EngineJob {
  readonly parameters: string | undefined;
  readonly configurations: readonly Configuration[];
}

export interface RuledEngineJob extends EngineJob {
  readonly changes: readonly Change[];
  readonly faults: readonly Fault[];
}

export interface EngineRules {
  readonly engine: Engine;
  readonly rules: PropertyRules;
  readonly context: RailContext;
}

const noExecutorRules: ExecutorRules = { bounds: {}, isTenants: false, defaults: {} };

/** Parameters that nobody can be sure how to cut. */
const textFaults = ({ parametersPath }: Engine, text: string): Fault[] => {
  const split = splitArguments(text);
  if (split.verdict === "unbalanced") {
    const wanted =
      split.quote === "\\"
        ? "text that does not end in the middle of a backslash escape"
        : `text whose ${split.quote} quotes are closed`;
    return [faultAt(parametersPath, `…${split.quote}`, wanted)];
  }
  const wanted =
    "text that every program cuts into the same arguments: spaces, tabs and line feeds between them, and a backslash in double quotes before a quote or a backslash only";
  return isCutAlike(text) ? [] : [faultAt(parametersPath, "…", wanted)];
};

const wrongArguments = ({ parametersPath }: Engine, { wrong }: ReadArguments): Fault[] =>
  wrong.map(({ argument, rule }) => deniedAt(parametersPath, argument, rule));

/** Everything that arguments and classifications set. */
const settingsOf = (
  { reader, parametersPath }: Engine,
  args: readonly ArgumentSetting[],
  configurations: readonly Configuration[],
): Setting[] =>
  [
    ...args.map(({ key, value }) => ({ reader, key: key.trim(), value, path: parametersPath })),
    ...classificationSettings(configurations),
  ].flatMap(withSystemProperties);

/** The tenant's rule that forbids a setting. What the tenant enforces is no job's own, also where a job says the same. */
const forbiddenBy = ({ rules }: EngineRules, { key, value, reader }: Setting): string | undefined => {
  if (!isProperty({ reader }) || rules.enforced[key] === value) return undefined;
  return rules.forbidden.find((forbidden) => means(forbidden, key));
};

/** What the tenant enforces can be taken out of the job's settings, and not out of the value of another one. */
const overruledInside = ({ rules }: EngineRules, settings: readonly Setting[]): Fault[] =>
  settings
    .filter(({ carrier, key, value }) => carrier !== undefined && isOverruled(rules.enforced, key, value))
    .map(({ path, key }) => deniedAt(path, key, "must not set by options of the JVM what the tenant enforces"));

/** What the tenant's file forbids, and what the guard rails refuse of the rest. */
const refusedSettings = (applied: EngineRules, settings: readonly Setting[]): Fault[] => [
  ...settings.flatMap((setting) => {
    const rule = forbiddenBy(applied, setting);
    if (rule === undefined) return [];
    return [deniedAt(setting.path, setting.key, `must not set ${applied.engine.name} properties that match "${rule}"`)];
  }),
  ...guardRailFaults(
    settings.filter((setting) => forbiddenBy(applied, setting) === undefined),
    applied.context,
  ),
];

const unknownFaults = ({ context }: EngineRules, configurations: readonly Configuration[]): Fault[] =>
  unknownClassifications(configurations)
    .filter(({ name }) => !isAcknowledged(context, "classifications", name))
    .map(({ name, path }) => {
      const rule = "must be a classification that the guard rails know, because nothing in another one can be judged";
      return railFault(path, { rail: "classifications", current: name, rule });
    });

/**
 * Applies the guard rails, and the tenant's default, enforced, forbidden and bounded properties, to what a job asks of its
 * engine, wherever it says so. A job that the rules leave alone keeps its parameters byte by byte; every change is listed
 * with its rule, every fault at once.
 */
export const applyEngineRules = (job: EngineJob, applied: EngineRules): RuledEngineJob => {
  const { engine, rules, context } = applied;
  const text = textFaults(engine, job.parameters ?? "");
  const split = splitArguments(job.parameters ?? "");
  const tokens = split.verdict === "split" ? split.tokens : [];
  const read = engine.read(tokens);
  const settings = settingsOf(engine, read.settings, job.configurations);
  const executors =
    engine.name === "Spark"
      ? executorRules(
          rules,
          context,
          settings.map(({ key }) => key),
        )
      : noExecutorRules;
  const ruled = ruledParameters({
    engine,
    tokens,
    settings: read.settings,
    configurations: job.configurations,
    enforced: rules.enforced,
    defaults: [
      { properties: rules.default, rule: `the tenant's default for this ${engine.name} property` },
      { properties: executors.defaults, rule: 'the guard rail "executors": no Spark job without a bound' },
    ],
  });
  const kept = settingsOf(engine, ruled.kept, ruled.configurations).filter(
    ({ key, value }) => rules.enforced[key] !== value,
  );
  const faults = [
    ...text,
    ...refusedSettings(applied, settings),
    ...overruledInside(applied, settings),
    ...wrongArguments(engine, read),
    ...boundFaults(kept, { own: rules.bounded, executors }),
    ...classificationFaults(job.configurations),
    ...unknownFaults(applied, job.configurations),
  ];
  if (split.verdict === "unbalanced") return { ...job, changes: [], faults };
  return {
    parameters: ruled.changed ? ruled.parameters : job.parameters,
    configurations: ruled.configurations,
    changes: ruled.changes,
    faults,
  };
};
