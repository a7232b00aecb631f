import { deniedAt, type Fault } from "#domain/fault.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import { isPlainKey, type Reader, type Setting } from "./setting.ts";

const nameOf = ({ classification }: Configuration): string => classification.trim().toLowerCase();

/** Files that Hadoop, EMRFS, Hive and Tez are configured by; Spark's Hadoop configuration is read from them too. */
const sites = [
  "core-site",
  "hdfs-site",
  "emrfs-site",
  "yarn-site",
  "mapred-site",
  "hive-site",
  "spark-hive-site",
  "tez-site",
];

const environments = ["spark-env", "hive-env", "hadoop-env", "tez-env", "export"];

/** Who reads a classification; nothing where no rule knows, and so nothing in it can be judged. */
const readerOf = (configuration: Configuration): Reader | undefined => {
  const name = nameOf(configuration);
  if (name === "spark-defaults" || name === "spark") return "spark";
  if (sites.includes(name)) return "site";
  if (environments.includes(name)) return "environment";
  if (name === "spark-metrics") return "metrics";
  return /^[a-z-]+-log4j2?$/.test(name) ? "logging" : undefined;
};

interface Found {
  readonly configuration: Configuration;
  readonly path: readonly PropertyKey[];
}

/** Every classification, also those that stand below another one. */
const allOf = (
  configurations: readonly Configuration[],
  path: readonly PropertyKey[] = ["configurationOverrides", "applicationConfiguration"],
): Found[] =>
  configurations.flatMap((configuration, index) => [
    { configuration, path: [...path, index] },
    ...allOf(configuration.configurations ?? [], [...path, index, "configurations"]),
  ]);

/** Everything that classifications set, in whatever one it stands. */
export const classificationSettings = (configurations: readonly Configuration[]): Setting[] =>
  allOf(configurations).flatMap(({ configuration, path }) => {
    const reader = readerOf(configuration);
    if (reader === undefined) return [];
    return Object.entries(configuration.properties ?? {}).map(([key, value]) => ({
      reader,
      key: key.trim(),
      value,
      path: [...path, "properties", key],
    }));
  });

/** The keys that a classification surely sets: by its very name, and not below another one. */
export const ownKeys = (configurations: readonly Configuration[], classification: string): string[] =>
  configurations
    .filter((one) => one.classification === classification)
    .flatMap(({ properties }) => Object.keys(properties ?? {}));

/** Classifications that set something and that no rule knows, by where they stand. */
export const unknownClassifications = (
  configurations: readonly Configuration[],
): { readonly name: string; readonly path: readonly PropertyKey[] }[] =>
  allOf(configurations)
    .filter(({ configuration }) => readerOf(configuration) === undefined)
    .filter(({ configuration }) => Object.keys(configuration.properties ?? {}).length > 0)
    .map(({ configuration, path }) => ({ name: nameOf(configuration), path: [...path, "classification"] }));

const oneLine =
  'must be one line of a file: a key of letters, digits and ".-_/@+%~#*,[]", and a value without line breaks';

/** Entries that would read as something else in the file that is made of them. */
export const classificationFaults = (configurations: readonly Configuration[]): Fault[] =>
  allOf(configurations).flatMap(({ configuration, path }) =>
    Object.entries(configuration.properties ?? {})
      .filter(([key, value]) => !isPlainKey(key) || key.includes(":") || /[\r\n]/.test(value))
      .map(([key]) => deniedAt([...path, "properties", key], key, oneLine)),
  );

/**
 * The configurations without what the engine's own classification sets otherwise than enforced; `onChange` hears the key
 * of each.
 */
export const withoutOverruled = (
  configurations: readonly Configuration[],
  { classification, isOverruled }: { classification: string; isOverruled: (key: string, value: string) => boolean },
  onChange: (key: string) => void,
): Configuration[] =>
  configurations.map((configuration) => {
    const { properties = {}, configurations: inner } = configuration;
    const entries = nameOf(configuration) === classification ? Object.entries(properties) : [];
    const overruled = entries.filter(([key, value]) => isOverruled(key, value));
    for (const [key] of overruled) onChange(key);
    const kept = entries.filter((entry) => !overruled.includes(entry));
    return {
      ...configuration,
      ...(overruled.length > 0 && { properties: Object.fromEntries(kept) }),
      ...(inner !== undefined && {
        configurations: withoutOverruled(inner, { classification, isOverruled }, onChange),
      }),
    };
  });
