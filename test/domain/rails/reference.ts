/**
 * Readers of spark-submit's arguments that share nothing with ours: what the tests compare it with. A shell's by one regular
 * expression; Spark's launcher as the state machine that its Java is.
 */

const shellPiece =
  /(?:\\\n|[^\s'"\\]|[\f\v\r\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]|\\.|'[^']*'|"(?:\\.|[^"\\])*")+/gs;

const shellText = (piece: string): string =>
  piece.replaceAll(/\\(.)|'([^']*)'|"((?:\\.|[^"\\])*)"/gs, (_all, escaped, single, double) => {
    if (escaped !== undefined) return escaped === "\n" ? "" : escaped;
    return single ?? double.replaceAll(/\\(["\\])|\\\n/g, (_escape: string, kept?: string) => kept ?? "");
  });

/** Nothing where a quote stays open. */
export const shellWords = (text: string): string[] | undefined => {
  const rest = text.replaceAll(shellPiece, "").replaceAll(/[ \t\n]/g, "");
  if (rest !== "") return undefined;
  const pieces = text.match(shellPiece) ?? [];
  return pieces.filter((piece) => piece.replaceAll("\\\n", "") !== "").map(shellText);
};

const javaSpace = (code: number): boolean =>
  (code >= 9 && code <= 13) ||
  (code >= 28 && code <= 32) ||
  [0x1680, 0x2028, 0x2029, 0x205f, 0x3000].includes(code) ||
  (code >= 0x2000 && code <= 0x200a && code !== 0x2007);

/** Nothing where the launcher throws. */
export const launcherWords = (text: string): string[] | undefined => {
  const words: string[] = [];
  let word = "";
  let inWord = false;
  let escaping = false;
  let quote = "";
  for (const character of text) {
    if (escaping) {
      word += character;
      escaping = false;
    } else if (character === "\\" && quote !== "'") {
      escaping = true;
      inWord = true;
    } else if ((character === "'" || character === '"') && (quote === "" || quote === character)) {
      quote = quote === "" ? character : "";
      inWord = true;
    } else if (quote === "" && javaSpace(character.codePointAt(0) ?? 0)) {
      if (inWord) words.push(word);
      word = "";
      inWord = false;
    } else {
      word += character;
      inWord = true;
    }
  }
  if (escaping || quote !== "") return undefined;
  return inWord ? [...words, word] : words;
};

const withValue = new Set(["--conf", "-c", "--class", "--name", "--jars", "--packages"]);
const alone = new Set(["--verbose", "-v"]);

/** The properties that spark-submit takes of words, up to where it stops reading options. */
export const submittedProperties = (words: readonly string[]): string[] => {
  const found: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name = word, glued] = /^(--[^=]+)=(.+)$/.exec(word) ?? [];
    if (withValue.has(name)) {
      if (glued === undefined) at += 1;
      const value = glued ?? words[at];
      if (value === undefined) return found;
      if (name === "--conf" || name === "-c") found.push(value);
      if (name === "--jars") found.push(`spark.jars=${value}`);
      if (name === "--packages") found.push(`spark.jars.packages=${value}`);
    } else if (!alone.has(name)) return found;
  }
  return found;
};

const properties: Readonly<Record<string, string>> = {
  "--jars": "spark.jars",
  "--packages": "spark.jars.packages",
  "--num-executors": "spark.executor.instances",
  "--executor-memory": "spark.executor.memory",
};

interface Classification {
  readonly classification: string;
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly configurations?: readonly Classification[] | undefined;
}

/** What EMR Serverless may make of classifications, as AWS does not say it: whether letters count, and what is below another. */
export interface Candidate {
  readonly anyLetters: boolean;
  readonly nested: boolean;
}

const settingsIn = (name: string, all: readonly Classification[], how: Candidate): [string, string][] =>
  all.flatMap((one) => [
    ...((how.anyLetters ? one.classification.toLowerCase() : one.classification) === name
      ? Object.entries(one.properties ?? {})
      : []),
    ...(how.nested ? settingsIn(name, one.configurations ?? [], how) : []),
  ]);

/** Spark's properties: its file, over it the last `--conf` of each key, over it the options. Other keys it ignores. */
export const sparkReads = (
  parameters: string,
  configurations: readonly Classification[],
  how: Candidate,
): ReadonlyMap<string, string> => {
  const words = shellWords(parameters) ?? [];
  const conf: [string, string][] = [];
  const options: [string, string][] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    const [, name = word, glued] = /^(--[^=]+)=(.+)$/s.exec(word) ?? [];
    if (glued === undefined) at += 1;
    const value = glued ?? words[at] ?? "";
    if (name === "--conf" || name === "-c") conf.push([value.split("=")[0] ?? "", value.replace(/^[^=]*=/, "")]);
    else if (properties[name] !== undefined) options.push([properties[name], value]);
  }
  const read = new Map([...settingsIn("spark-defaults", configurations, how), ...conf, ...options]);
  return new Map([...read].filter(([key]) => key.startsWith("spark.")));
};

/** What Hadoop reads of a Spark job: its file, `spark.hadoop.*` over it, and `spark.hive.*` over that. */
export const hadoopReads = (
  spark: ReadonlyMap<string, string>,
  configurations: readonly Classification[],
  how: Candidate,
): ReadonlyMap<string, string> => {
  const after = (prefix: string, kept: string): [string, string][] =>
    [...spark].flatMap(([key, value]) => (key.startsWith(prefix) ? [[kept + key.slice(prefix.length), value]] : []));
  return new Map([
    ...settingsIn("core-site", configurations, how),
    ...after("spark.hadoop.", ""),
    ...after("spark.hive.", "hive."),
  ]);
};

/** Hive's properties: its file, and the last `--hiveconf` of each key over it. */
export const hiveReads = (
  parameters: string,
  configurations: readonly Classification[],
  how: Candidate,
): ReadonlyMap<string, string> => {
  const words = shellWords(parameters) ?? [];
  const set = words.flatMap((word, at): [string, string][] => {
    const glued = /^--?hiveconf=([^=]*)=(.*)$/s.exec(word);
    const [, key, value] = glued ?? /^([^=]*)=(.*)$/s.exec(/^--?hiveconf$/.test(words[at - 1] ?? "") ? word : "") ?? [];
    return key === undefined || value === undefined ? [] : [[key, value]];
  });
  return new Map([...settingsIn("hive-site", configurations, how), ...set]);
};
