import { deniedAt, type Fault } from "#domain/fault.ts";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import { keysSet } from "./spark-settings.ts";

/** Properties of one `spark-defaults` classification, and where it stands. */
interface SparkDefaults {
  readonly properties: Readonly<Record<string, string>>;
  readonly path: readonly PropertyKey[];
}

const isSparkDefaults = ({ classification }: Configuration): boolean =>
  classification.trim().toLowerCase() === "spark-defaults";

/** Every `spark-defaults` of the configurations, also those that stand below another classification. */
export const sparkDefaultsOf = (
  configurations: readonly Configuration[],
  path: readonly PropertyKey[] = ["configurationOverrides", "applicationConfiguration"],
): SparkDefaults[] =>
  configurations.flatMap((configuration, index) => {
    const here = [...path, index];
    const { properties = {}, configurations: inner = [] } = configuration;
    const own = isSparkDefaults(configuration) ? [{ properties, path: [...here, "properties"] }] : [];
    return [...own, ...sparkDefaultsOf(inner, [...here, "configurations"])];
  });

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
