import { assignment, type OneArgument, type ReadArguments, readArguments } from "./read-arguments.ts";

/**
 * Options of Hive's command line (OptionsProcessor): those that set a key, those that only change what it prints, and the
 * database. What runs other text than the job's query (`-e`, `-f`, `-i`) is none of them.
 */
const properties = ["--hiveconf", "-hiveconf"];
const variables = ["--hivevar", "-hivevar", "--define", "-define", "-d"];
const databases = ["--database", "-database"];
const switches = ["-S", "--silent", "-silent", "-v", "--verbose", "-verbose"];

const known = [...properties, ...variables, ...databases, ...switches];
const withValue = [...properties, ...variables, ...databases];

const listedOptions = "--hiveconf, --hivevar, --define, --database, --silent, --verbose";

/** Hive runs `use <database>`, and whatever follows a semicolon in it. */
const databaseRule = "must name a database by letters, digits and underscores: Hive puts it into a statement";

/** An option and its value where they stand in one argument: `--hiveconf=a=b`. */
const glued = (token: string): { readonly option: string; readonly value: string } | undefined => {
  const equals = token.startsWith("-") ? token.indexOf("=") : -1;
  return equals > 0 ? { option: token.slice(0, equals), value: token.slice(equals + 1) } : undefined;
};

const readOption = (option: string, value: string | undefined, length: 1 | 2): OneArgument => {
  if (!known.includes(option)) {
    return {
      length: 1,
      wrong: { argument: option, rule: `must be options of Hive's that a job may have (${listedOptions})` },
    };
  }
  if (!withValue.includes(option)) return { length: 1 };
  if (value === undefined) {
    return { length: 1, wrong: { argument: option, rule: "must have a value behind each option that takes one" } };
  }
  if (databases.includes(option)) {
    return { length, ...(!/^\w+$/.test(value) && { wrong: { argument: value, rule: databaseRule } }) };
  }
  // A variable is text to the query and no property, unless its name says otherwise.
  const { property, wrong } = assignment(value);
  const isProperty = properties.includes(option) || /^(hiveconf|system|env):/i.test(property.key);
  if (!isProperty) return { length };
  return { length, property, wrong };
};

/** Every property that the arguments set, in order: `--hiveconf a=b`, `--hiveconf=a=b`, with one dash or two. */
export const hiveArguments = (tokens: readonly string[]): ReadArguments =>
  readArguments(tokens, (all, at) => {
    const token = all[at] ?? "";
    if (!token.startsWith("-")) {
      return { length: 1, wrong: { argument: token, rule: "must be options with their values, nothing else" } };
    }
    const one = glued(token);
    return one === undefined ? readOption(token, all[at + 1], 2) : readOption(one.option, one.value, 1);
  });
