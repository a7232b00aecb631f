import { deniedAt, type Fault, show } from "#domain/fault.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import { keysSet } from "./spark-settings.ts";

/** Properties of one classification, and where it stands. */
interface Properties {
  readonly properties: Readonly<Record<string, string>>;
  readonly path: readonly PropertyKey[];
}

type Which = (configuration: Configuration) => boolean;

const nameOf = ({ classification }: Configuration): string => classification.trim().toLowerCase();

const isSparkDefaults: Which = (configuration) => nameOf(configuration) === "spark-defaults";

/** Files that Spark's Hadoop configuration is read from: a key in one of them is what `spark.hadoop.<key>` sets. */
const hadoopFiles = ["core-site", "hdfs-site", "emrfs-site", "yarn-site", "mapred-site", "hive-site"];

const isHadoopFile: Which = (configuration) => hadoopFiles.includes(nameOf(configuration));

/** The properties of the configurations of one kind, also of those that stand below another classification. */
const propertiesOf = (
  configurations: readonly Configuration[],
  which: Which,
  path: readonly PropertyKey[] = ["configurationOverrides", "applicationConfiguration"],
): Properties[] =>
  configurations.flatMap((configuration, index) => {
    const here = [...path, index];
    const { properties = {}, configurations: inner = [] } = configuration;
    const own = which(configuration) ? [{ properties, path: [...here, "properties"] }] : [];
    return [...own, ...propertiesOf(inner, which, [...here, "configurations"])];
  });

export const sparkDefaultsOf = (configurations: readonly Configuration[]): Properties[] =>
  propertiesOf(configurations, isSparkDefaults);

/** The faults of all files of Hadoop's, whose keys reach Spark with its prefix; `broken` names the rule that forbids a key. */
export const hadoopFaults = (
  configurations: readonly Configuration[],
  broken: (key: string) => string | undefined,
): Fault[] =>
  propertiesOf(configurations, isHadoopFile).flatMap(({ properties, path }) =>
    Object.keys(properties).flatMap((key) => {
      const sparkKey = `spark.hadoop.${key.trim()}`;
      const rule = broken(sparkKey);
      const wanted = `must not set Spark properties that match "${rule}", and this one is ${show(sparkKey)} to Spark`;
      return rule === undefined ? [] : [deniedAt([...path, key], key, wanted)];
    }),
  );

/** What one entry of spark-defaults may not be, because the properties file made of it would read as something else. */
const oneLine =
  'must be one line of a properties file: a key without spaces, "=", ":" or "\\", and a value without line breaks';

const isOneLine = (key: string, value: string): boolean => /^[^\s=:\\]+$/.test(key) && !/[\r\n]/.test(value);

/** The faults of all spark-defaults; `broken` names the rule that forbids a key. */
export const sparkDefaultsFaults = (
  configurations: readonly Configuration[],
  broken: (key: string) => string | undefined,
): Fault[] =>
  sparkDefaultsOf(configurations).flatMap(({ properties, path }) =>
    Object.entries(properties).flatMap(([key, value]) => {
      const rules = keysSet({ key, value }).map(broken);
      const rule = rules.find((found) => found !== undefined);
      if (rule !== undefined)
        return [deniedAt([...path, key], key, `must not set Spark properties that match "${rule}"`)];
      return isOneLine(key, value) ? [] : [deniedAt([...path, key], { [key]: value }, oneLine)];
    }),
  );

/** The configurations without the spark-defaults that are enforced with another value; `onChange` hears of each. */
export const withoutOverruled = (
  configurations: readonly Configuration[],
  enforced: Readonly<Record<string, string>>,
  onChange: () => void,
): Configuration[] =>
  configurations.map((configuration) => {
    const { properties = {}, configurations: inner } = configuration;
    const entries = isSparkDefaults(configuration) ? Object.entries(properties) : [];
    const kept = entries.filter(([key, value]) => !Object.hasOwn(enforced, key) || enforced[key] === value);
    const changed = kept.length < entries.length;
    if (changed) onChange();
    return {
      ...configuration,
      ...(changed && { properties: Object.fromEntries(kept) }),
      ...(inner !== undefined && { configurations: withoutOverruled(inner, enforced, onChange) }),
    };
  });
