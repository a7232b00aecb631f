import { remembered } from "./remembered.ts";

/**
 * What reads a setting: Spark's properties, a file of Hadoop's or Hive's, the system properties of a JVM (where Spark and Hive
 * look for theirs as well), an environment, a log4j file or Spark's metrics.
 */
export type Reader = "spark" | "site" | "system" | "environment" | "logging" | "metrics";

/** One thing that a job sets, wherever it says so: in the engine's parameters or in a classification. */
export interface Setting {
  readonly reader: Reader;
  /** As it is written, without spaces around it. */
  readonly key: string;
  readonly value: string;
  /** Where the job says it. */
  readonly path: readonly PropertyKey[];
  /** The key whose value says it, where it is no key of the job's own: Java options for `-Dkey=value`. */
  readonly carrier?: string;
}

/** Whether Spark, Hadoop or Hive may take a setting for a property of theirs. */
export const isProperty = ({ reader }: Pick<Setting, "reader">): boolean =>
  reader === "spark" || reader === "site" || reader === "system";

/** Prefixes by which Hive's own commands tell where a variable belongs. */
const hivePrefix = /^(hiveconf|hivevar|metaconf|system):/;

/** Characters of a key that every reader takes as they are: no spaces or quotes, nothing that ends a key in a file. */
const plainKey = /^[\w.\-/@+%~#*,[\]]+$/;

export const isPlainKey = (key: string): boolean => plainKey.test(key.replace(hivePrefix, ""));

/** What Hadoop's own key follows: of all of a job (Spark's SparkHadoopUtil), or of one catalog (Iceberg's SparkUtil). */
const hadoopPrefix = /^spark\.(hadoop\.|sql\.catalog\..+?\.hadoop\.|(?=hive\.))/;

/**
 * Every name, in lower case, under which some program may read a property: `spark.hadoop.x` is Hadoop's `x`, `spark.hive.x`
 * is Hive's `hive.x`, and what stands in a file of Hadoop's reaches Spark with its prefix.
 */
export const namesOf = remembered((key): readonly string[] => {
  const name = key.trim().toLowerCase().replace(hivePrefix, "");
  const bare = name.replace(hadoopPrefix, "");
  const names = [name, bare];
  if (!bare.startsWith("spark.")) names.push(`spark.hadoop.${bare}`);
  if (bare.startsWith("hive.")) names.push(`spark.${bare}`);
  return [...new Set(names)];
});

/** Whether two keys may reach one program under one name. */
export const meanTheSame = (one: string, other: string): boolean => {
  const names = namesOf(other);
  return namesOf(one).some((name) => names.includes(name));
};

/** Whether a property matches a rule's key, in which `*` stands for any text. */
export const matchesKey = (rule: string, key: string): boolean => {
  const [first = "", ...rest] = rule.split("*");
  if (rest.length === 0) return rule === key;
  if (!key.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let at = first.length;
  for (const part of rest) {
    const found = key.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return key.length - last.length >= at && key.endsWith(last);
};

/** Whether a rule means a key under any of its names, in whatever letters. */
export const means = (rule: string, key: string): boolean =>
  namesOf(key).some((name) => matchesKey(rule.toLowerCase(), name));

const literally = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");

/**
 * Many rules' keys as one expression: what any of them matches, in lower case. A space stands for whatever parts words, or
 * for nothing: `access key` is `access.key`, `access-key` and `accesskey`.
 */
export const anyOf = (rules: readonly string[], but: readonly string[] = []): RegExp => {
  const oneOf = (keys: readonly string[]): string =>
    keys.map((rule) => rule.split("*").map(literally).join(".*").replaceAll(" ", "[._-]?")).join("|");
  return new RegExp(`^${but.length === 0 ? "" : `(?!(?:${oneOf(but)})$)`}(?:${oneOf(rules)})$`, "s");
};
