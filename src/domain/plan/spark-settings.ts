/** A Spark property that a list of spark-submit arguments sets, and which of the arguments set it. */
export interface SparkSetting {
  readonly key: string;
  readonly value: string;
  readonly from: number;
  readonly length: number;
}

/** spark-submit's own options for properties (Spark's SparkSubmitArguments): another spelling of `--conf`. */
const optionProperties: Readonly<Record<string, string>> = {
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

/** Options without a value of their own. */
const switches = new Set(["--verbose", "-v", "--supervise", "--help", "-h", "--version", "--usage-error"]);

const settingOf = (option: string, value: string, from: number, length: number): SparkSetting | undefined => {
  if (option === "--conf" || option === "-c") {
    const equals = value.indexOf("=");
    const [key, text] = equals < 0 ? [value, ""] : [value.slice(0, equals), value.slice(equals + 1)];
    return { key: key.trim(), value: text, from, length };
  }
  const key = optionProperties[option];
  return key === undefined ? undefined : { key, value, from, length };
};

/** Every property that the arguments set, in order, whichever way it is spelt: `--conf k=v`, `--conf=k=v`, `-c`, `--jars`. */
export const sparkSettings = (tokens: readonly string[]): SparkSetting[] => {
  const settings: SparkSetting[] = [];
  for (let at = 0; at < tokens.length; ) {
    const token = tokens[at] ?? "";
    const equals = token.startsWith("--") ? token.indexOf("=") : -1;
    const joined = equals > 0;
    const option = joined ? token.slice(0, equals) : token;
    const length = joined || switches.has(option) || !token.startsWith("-") ? 1 : 2;
    const value = joined ? token.slice(equals + 1) : (tokens[at + 1] ?? "");
    const setting = settingOf(option, value, at, length);
    if (setting !== undefined) settings.push(setting);
    at += length;
  }
  return settings;
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
