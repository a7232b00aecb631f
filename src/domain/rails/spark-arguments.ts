import { assignment, type OneArgument, type ReadArguments, readArguments } from "./read-arguments.ts";

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
const switches = new Set(["--verbose", "-v", "--supervise", "--load-spark-defaults"]);

/** Options without a value that end spark-submit before the job. */
const endings = new Set(["--help", "-h", "--version", "--usage-error"]);

/** Options that no rule can look into, or that make spark-submit do something else than run the job. */
const refused: Readonly<Record<string, string>> = {
  "--properties-file": "must not read Spark properties from a file",
  "--status": "must run the job, and this asks for another one",
  "--kill": "must run the job, and this ends another one",
};

/** Classes of the platform that run what their arguments name: another job, a script, a query. Its examples run themselves. */
const runners =
  /^(java|javax|jdk|sun|com\.(sun|amazon(aws)?)|scala|groovy|py4j|org\.(codehaus\.groovy|python|apache\.(hadoop|hive|tez|derby|hudi|iceberg|livy|zookeeper|spark(?!\.examples))))\./;

const ownClass = "must be a class of the job's own, and this one runs what its arguments name";

const isOption = (option: string): boolean => otherOptions.has(option) || Object.hasOwn(optionProperties, option);

const onlyOptions = "must be options of spark-submit with their values, nothing else";

const readOption = (option: string, value: string, length: 1 | 2): OneArgument => {
  if (option === "--conf" || option === "-c") return { length, ...assignment(value) };
  if (option === "--class")
    return { length, ...(runners.test(value.trim()) && { wrong: { argument: value, rule: ownClass } }) };
  const key = Object.hasOwn(optionProperties, option) ? optionProperties[option] : undefined;
  const rule = Object.hasOwn(refused, option) ? refused[option] : undefined;
  return {
    length,
    ...(key !== undefined && { property: { key, value } }),
    ...(rule !== undefined && { wrong: { argument: option, rule } }),
  };
};

/**
 * Reads the argument at an index as Spark's SparkSubmitOptionParser does. spark-submit ends at an option that it does not
 * know, at one without its value, and takes what is no option for the job's own code.
 */
const readOne = (tokens: readonly string[], at: number): OneArgument => {
  const token = tokens[at] ?? "";
  const next = tokens[at + 1];
  if (!token.startsWith("-")) return { length: 1, wrong: { argument: token, rule: onlyOptions } };
  const equals = token.startsWith("--") ? token.indexOf("=") : -1;
  const option = equals > 0 ? token.slice(0, equals) : token;
  if (switches.has(token)) return { length: 1 };
  if (endings.has(token)) {
    return { length: 1, wrong: { argument: token, rule: "must run the job, and spark-submit ends at this" } };
  }
  if (!isOption(option)) {
    return { length: 1, wrong: { argument: option, rule: "must be options that spark-submit knows" } };
  }
  if (equals > 0) return readOption(option, token.slice(equals + 1), 1);
  return next === undefined
    ? { length: 1, wrong: { argument: token, rule: onlyOptions } }
    : readOption(option, next, 2);
};

/**
 * Every property that the arguments set, in order, whichever way it is spelt: `--conf k=v`, `--conf=k=v`, `-c`, `--jars`;
 * and every argument that must not be there.
 */
export const sparkArguments = (tokens: readonly string[]): ReadArguments => readArguments(tokens, readOne);
