import { splitLikeLauncher } from "./arguments.ts";
import type { RailName } from "./rail-names.ts";
import { remembered } from "./remembered.ts";
import { namesOf, type Setting } from "./setting.ts";

/** Keys whose values are options of a JVM: Spark's, Tez's and MapReduce's. */
const optionKey = /(java[._-]?options|(java|cmd|command|jvm)[._-]?opts(\.default)?|profile\.(map\.|reduce\.)?params)$/;

const isOptionKey = remembered((key) => namesOf(key).some((name) => optionKey.test(name)));

/** What loads code is looked for in every value: no list of the keys is complete. */
const agent = /(^|[\s"'])-(javaagent|agentlib|agentpath):/i;

const holdsOptions = ({ key, value }: Pick<Setting, "key" | "value">): boolean => isOptionKey(key) || agent.test(value);

/** Options that a shell runs for Tez and MapReduce. */
const runByShell = remembered((key) => namesOf(key).some((name) => /^(tez|mapreduce|mapred|yarn)\./.test(name)));

/** An option of a JVM that a guard rail holds, and what is wanted in place of it. */
interface OptionRule {
  readonly option: RegExp;
  readonly rule: string;
}

const optionRules: readonly OptionRule[] = [
  {
    option:
      /^(-javaagent|-agentlib|-agentpath|-xrun|-xbootclasspath|-cp$|-p$|-jar$|-m$|--module(=|$)|-classpath|-?-class-path|-?-module-path|--upgrade-module-path|--patch-module|-xx:(onoutofmemoryerror|onerror|flags|vmoptionsfile|sharedarchivefile|aotcache|aotlibrary)=|@)/,
    rule: "must not load code or run commands by options of the JVM",
  },
  {
    option: /^-dspark\./,
    rule: "must set Spark properties by --conf, not by options of the JVM",
  },
];

/** The one command that EMR's own defaults run when memory ends, where nothing of the option follows it. */
const ownCommand = /(^|\s)-XX:OnOutOfMemoryError=kill -9 %p(?=\s+-[a-z]|\s*$)/gi;

const runsCommand = /-XX:On(OutOfMemory)?Error=/i;

const shellCharacters = /[;&|<>\n\r]/;

/** What puts another property, a variable or the output of a command in its place; Spark's own two are harmless. */
const replaced = /[$`]|\{\{(?!(APP_ID|EXECUTOR_ID)\}\})/;

/** Options whose value is the next word. The first word that is no option is the class that the JVM runs. */
const beforeValue = /^--(add-(opens|exports|reads|modules)|limit-modules|enable-native-access)$/;

export interface BrokenOption {
  readonly rail: RailName;
  /** The option without its value. */
  readonly option: string;
  readonly rule: string;
}

const unquoted = (value: string): string => value.replaceAll(/["'\\]/g, "");

/** The words of a value, wherever a program may begin one: also at what only Java takes for a space. */
const wordsOf = (text: string): string[] => text.split(/[\s\p{Cc}]+/u).filter((word) => word !== "");

/** An option with a space before its value is several words to a program that takes the quotes off once more. */
const isOption = (word: string): boolean => word.startsWith("-") && !/^[^=]*\s/.test(word);

const runsOther = (words: readonly string[]): boolean =>
  words.some((word, at) => !isOption(word) && !beforeValue.test(words[at - 1] ?? ""));

const brokenText = ({ key, value }: Pick<Setting, "key" | "value">): string | undefined => {
  if (replaced.test(value)) return 'must say all itself, without "$", "`" and "{{"';
  const words = splitLikeLauncher(value);
  if (words === undefined) return "must have quotes that are closed";
  if (runsOther(words)) return "must be options only: the JVM would run another class than the job's";
  const byShell = runByShell(key) || runsCommand.test(unquoted(value));
  return byShell && shellCharacters.test(value) ? "must have no characters that a shell reads" : undefined;
};

/** The options of a JVM in a value that a guard rail holds, each without its value. */
export const brokenOptions = (setting: Pick<Setting, "key" | "value">): BrokenOption[] => {
  if (!holdsOptions(setting)) return [];
  const found = wordsOf(unquoted(setting.value).replaceAll(ownCommand, " ")).flatMap((word) =>
    optionRules
      .filter(({ option }) => option.test(word.toLowerCase()))
      .map(({ rule }) => ({ rail: "java-options" as const, rule, option: word.replace(/[=:].*$/s, "") })),
  );
  const rule = brokenText(setting);
  return rule === undefined ? found : [...found, { rail: "java-options", rule, option: setting.key }];
};

/**
 * A setting, and the system properties that its value hands to a JVM as `-Dkey=value`. Of what stands in quotes both are
 * taken, the whole and its words: it depends on the program how often they are taken off.
 */
export const withSystemProperties = (setting: Setting): Setting[] => {
  if (!setting.value.includes("-")) return [setting];
  const words = [...wordsOf(unquoted(setting.value)), ...(splitLikeLauncher(setting.value) ?? [])];
  const handed = new Map(
    words.flatMap((word) => {
      const [all, key = "", value = ""] = /^-D([^=]*)=?(.*)$/s.exec(word) ?? [];
      return all === undefined ? [] : [[all, { key, value }]];
    }),
  );
  return [
    setting,
    ...Array.from(handed.values(), (one) => ({ ...setting, ...one, reader: "system" as const, carrier: setting.key })),
  ];
};
