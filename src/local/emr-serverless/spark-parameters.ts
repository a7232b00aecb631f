import type { StartJobRunInput } from "./constraints.ts";

export interface Parameter {
  /** "--conf", or "" for a word that belongs to no option. */
  readonly name: string;
  readonly value?: string;
}

/** Options of spark-submit that take no value: https://spark.apache.org/docs/latest/submitting-applications.html */
const flags = new Set(["--verbose", "-v", "--supervise", "--version", "--help", "-h", "--usage-error"]);

/** Options that stand for a property. */
const shorthands: Readonly<Record<string, string>> = {
  "--driver-memory": "spark.driver.memory",
  "--driver-cores": "spark.driver.cores",
  "--executor-memory": "spark.executor.memory",
  "--executor-cores": "spark.executor.cores",
  "--num-executors": "spark.executor.instances",
  "--name": "spark.app.name",
  "--class": "spark.app.class",
};

const piece = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)|(\s+)|(.)/gs;

/** Splits as a shell would: quotes and backslashes group, nothing is expanded or run. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const [, double, single, escaped, plain, space, stray] of text.matchAll(piece)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const part = double?.replace(/\\(["\\$`])/g, "$1") ?? single ?? escaped ?? plain ?? stray ?? "";
    word = (word ?? "") + part;
  }
  return word === undefined ? words : [...words, word];
}

export function readParameters(text: string): Parameter[] {
  const words = splitWords(text);
  const parameters: Parameter[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const next = words[index + 1];
    if (!word.startsWith("-")) parameters.push({ name: "", value: word });
    else if (equals > 0) parameters.push({ name: word.slice(0, equals), value: word.slice(equals + 1) });
    else if (flags.has(word) || next === undefined) parameters.push({ name: word });
    else {
      parameters.push({ name: word, value: next });
      index += 1;
    }
  }
  return parameters;
}

export function splitProperty(text: string): [key: string, value: string] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text.trim(), ""] : [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

function propertyOf({ name, value = "" }: Parameter): [string, string] | undefined {
  if (["--conf", "-c", "--hiveconf", "-hiveconf"].includes(name)) return splitProperty(value);
  const key = shorthands[name];
  return key === undefined ? undefined : [key, value];
}

/** Properties of the classification "spark-defaults" or "hive-site", which the parameters of the run override. */
export function defaultProperties(input: Pick<StartJobRunInput, "configurationOverrides">): [string, string][] {
  const configurations = input.configurationOverrides?.applicationConfiguration ?? [];
  return configurations
    .filter(({ classification }) => classification === "spark-defaults" || classification === "hive-site")
    .flatMap(({ properties }) => Object.entries(properties ?? {}));
}

export function parametersOf({ jobDriver }: Pick<StartJobRunInput, "jobDriver">): Parameter[] {
  return readParameters(jobDriver?.sparkSubmit?.sparkSubmitParameters ?? jobDriver?.hive?.parameters ?? "");
}

/** Every property of a job run; of two settings of one key the later wins, as in spark-submit. */
export function jobProperties(
  input: Pick<StartJobRunInput, "jobDriver" | "configurationOverrides">,
): Map<string, string> {
  const own = parametersOf(input)
    .map(propertyOf)
    .filter((property) => property !== undefined);
  return new Map([...defaultProperties(input), ...own]);
}
