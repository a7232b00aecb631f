import type { RailName } from "./rail-names.ts";
import { isProperty, type Setting } from "./setting.ts";

interface Variable {
  readonly name: string;
  readonly value: string;
}

/** Properties that hold several variables at once: `A=b,C=d`. */
const listKey = /[.-]env$/;

/** Properties whose key ends in a variable's name: `spark.executorEnv.X`, `spark.emr-serverless.driverEnv.X`. */
const oneKey = /(?:^|\.)[a-z-]*env\.(.+)$/i;

/** The environment variables that a setting sets, by whichever way. */
const variablesOf = ({ reader, key, value }: Setting): Variable[] => {
  if (reader === "environment") return [{ name: key, value }];
  if (!isProperty({ reader })) return [];
  if (listKey.test(key.toLowerCase())) {
    return value.split(",").map((part) => {
      const [name = "", ...rest] = part.split("=");
      return { name: name.trim(), value: rest.join("=") };
    });
  }
  const name = oneKey.exec(key)?.[1];
  return name === undefined ? [] : [{ name, value }];
};

interface VariableRule {
  readonly rail: RailName;
  readonly name: RegExp;
  readonly rule: string;
}

const variableRules: readonly VariableRule[] = [
  {
    rail: "environment",
    name: /^(aws_|assume_role|boto_config$|home$)/,
    rule: "the AWS SDK takes credentials, roles and endpoints from it, or from files below it",
  },
  {
    rail: "environment",
    name: /^(_java_options|java_tool_options|jdk_java_options|java_opts|ld_preload|ld_library_path|ld_audit|bash_env|env|pythonpath|pythonhome|pythonstartup|pythonuserbase|classpath|(spark|hadoop|hive|tez|yarn|hudi)_.*(classpath|opts|conf_dir|home|submit_args)|spark_classpath|spark_dist_classpath|spark_java_opts|pyspark_submit_args|yarn_container_runtime_.*|(hive_|hadoop_)?aux_(jars_path|classpath)|tez_jars|bash_func_.*|prompt_command|ps4|shellopts|r_(profile|environ|libs).*)$/,
    rule: "programs load code and options from it",
  },
  { rail: "log-destinations", name: /^log4j/, rule: "log4j would log as it says, and where it says" },
  { rail: "cluster", name: /^spark_(remote|connect_.*)$/, rule: "the job would run outside of its application" },
  { rail: "endpoints", name: /^(http|https|all|ftp|no)_proxy$/, rule: "requests would go to another host than AWS's" },
];

/** What a file that a shell reads would run. */
const shellCharacters = /[`$;&|<>()\\"']/;

/** What a shell would run that starts a worker with its variables, as YARN's does. */
const commands = /`|\$\(/;

export interface BrokenVariable {
  readonly rail: RailName;
  readonly name: string;
  readonly rule: string;
}

/** The variables of a setting that a guard rail holds. */
export const brokenVariables = (setting: Setting): BrokenVariable[] =>
  variablesOf(setting).flatMap(({ name, value }) => {
    const found = variableRules
      .filter((one) => one.name.test(name.split(".").at(-1)?.toLowerCase() ?? ""))
      .map(({ rail, rule }) => ({ rail, name, rule }));
    if ((setting.reader === "environment" ? shellCharacters : commands).test(value)) {
      found.push({ rail: "environment", name, rule: "its value has characters that a shell would run or cut at" });
    }
    return found;
  });
