/** A Spark property that a list of spark-submit arguments sets, and which of the arguments set it. */
export interface SparkSetting {
  readonly key: string;
  readonly value: string;
  readonly from: number;
  readonly length: number;
}

/** spark-submit's own options for properties (Spark's SparkSubmitArguments): another spelling of `--conf`. */
const optionProperties: Readonly<Record<string, string>> = {
  "--master": "spark.master",
  "--remote": "spark.remote",
  "--deploy-mode": "spark.submit.deployMode",
  "--driver-default-class-path": "spark.driver.defaultExtraClassPath",
  "--driver-memory": "spark.driver.memory",
  "--driver-cores": "spark.driver.cores",
  "--driver-java-options": "spark.driver.extraJavaOptions",
  "--driver-library-path": "spark.driver.extraLibraryPath",
  "--driver-class-path": "spark.driver.extraClassPath",
  "--executor-memory": "spark.executor.memory",
  "--executor-cores": "spark.executor.cores",
  "--total-executor-cores": "spark.cores.max",
  "--num-executors": "spark.executor.instances",
  "--name": "spark.app.name",
  "--jars": "spark.jars",
  "--packages": "spark.jars.packages",
  "--exclude-packages": "spark.jars.excludes",
  "--repositories": "spark.jars.repositories",
  "--py-files": "spark.submit.pyFiles",
  "--files": "spark.files",
  "--archives": "spark.archives",
  "--queue": "spark.yarn.queue",
  "--keytab": "spark.kerberos.keytab",
  "--principal": "spark.kerberos.principal",
};

/** Options with a value that is no property. */
const otherOptions = new Set(["--conf", "-c", "--class", "--properties-file", "--proxy-user", "--status", "--kill"]);

/** Options without a value of their own. */
const switches = new Set([
  "--verbose",
  "-v",
  "--supervise",
  "--help",
  "-h",
  "--version",
  "--usage-error",
  "--load-spark-defaults",
]);

interface Read {
  /** The option, or the argument itself where it is none. */
  readonly option: string;
  readonly value: string | undefined;
  readonly length: 1 | 2;
  /** Whether spark-submit would run it, or what follows it, in place of the entry point. */
  readonly stray: boolean;
}

const takesValue = (option: string): boolean => otherOptions.has(option) || Object.hasOwn(optionProperties, option);

/**
 * Reads the argument at an index as Spark's SparkSubmitOptionParser does. An option that is not known here takes the
 * next argument as its value only if that is no option itself: it must not hide one.
 */
const readArgument = (tokens: readonly string[], at: number): Read => {
  const token = tokens[at] ?? "";
  const next = tokens[at + 1];
  if (!token.startsWith("-")) return { option: token, value: undefined, length: 1, stray: true };
  const equals = token.startsWith("--") ? token.indexOf("=") : -1;
  if (equals > 0) {
    return { option: token.slice(0, equals), value: token.slice(equals + 1), length: 1, stray: false };
  }
  if (switches.has(token)) return { option: token, value: undefined, length: 1, stray: false };
  if (takesValue(token)) return { option: token, value: next ?? "", length: 2, stray: next === undefined };
  return next === undefined || next.startsWith("-")
    ? { option: token, value: undefined, length: 1, stray: false }
    : { option: token, value: next, length: 2, stray: false };
};

const readArguments = (tokens: readonly string[]): (Read & { readonly from: number })[] => {
  const found: (Read & { readonly from: number })[] = [];
  for (let from = 0; from < tokens.length; ) {
    const read = readArgument(tokens, from);
    found.push({ ...read, from });
    from += read.length;
  }
  return found;
};

const propertyOf = (option: string, value: string): Pick<SparkSetting, "key" | "value"> | undefined => {
  if (option === "--conf" || option === "-c") {
    const equals = value.indexOf("=");
    return equals < 0 ? { key: value, value: "" } : { key: value.slice(0, equals), value: value.slice(equals + 1) };
  }
  const key = Object.hasOwn(optionProperties, option) ? optionProperties[option] : undefined;
  return key === undefined ? undefined : { key, value };
};

/** Every property that the arguments set, in order, whichever way it is spelt: `--conf k=v`, `--conf=k=v`, `-c`, `--jars`. */
export const sparkSettings = (tokens: readonly string[]): SparkSetting[] =>
  readArguments(tokens).flatMap(({ option, value, from, length }) => {
    const property = value === undefined ? undefined : propertyOf(option, value);
    return property === undefined ? [] : [{ ...property, from, length }];
  });

/**
 * The first argument that is neither an option nor an option's value, or an option at the end without its value. With
 * either, spark-submit would run something else than the entry point.
 */
export const strayArgument = (tokens: readonly string[]): string | undefined =>
  readArguments(tokens).find(({ stray }) => stray)?.option;

/** The keys that a setting sets: its own, and those that its value hands to a JVM as `-Dspark.…`, which Spark reads too. */
export const keysSet = ({ key, value }: Pick<SparkSetting, "key" | "value">): string[] => {
  const unquoted = value.replaceAll(/["'\\]/g, "");
  return [key.trim(), ...Array.from(unquoted.matchAll(/-D(spark\.[^\s=]*)/g), (match) => match[1] ?? "")];
};

/** Whether the arguments read properties from a file, which no rule can look into. */
export const readsPropertiesFile = (tokens: readonly string[]): boolean =>
  tokens.some((token) => token === "--properties-file" || token.startsWith("--properties-file="));

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
