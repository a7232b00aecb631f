import type { RailName } from "./rail-names.ts";
import { remembered } from "./remembered.ts";
import { namesOf, type Setting } from "./setting.ts";

/** Keys whose values are options of a JVM: Spark's, Tez's and MapReduce's. */
const optionKey = /(javaoptions|java\.opts|java-opts|cmd-opts(\.default)?|command-opts)$/;

const holdsOptions = remembered((key) => namesOf(key).some((name) => optionKey.test(name)));

/** What an option of a JVM does that a guard rail holds, and what is wanted in place of it. */
interface OptionRule {
  readonly rail: RailName;
  readonly option: RegExp;
  readonly rule: string;
}

const optionRules: readonly OptionRule[] = [
  {
    rail: "java-options",
    option:
      /^(-javaagent|-agentlib|-agentpath|-xrun|-xbootclasspath|-cp$|-classpath|-?-class-path|-?-module-path|--upgrade-module-path|--patch-module|-xx:(onoutofmemoryerror|onerror|flags|vmoptionsfile)=|-d(java\.class\.path|java\.library\.path|java\.system\.class\.loader|java\.ext\.dirs)=|@)/,
    rule: "must not load code or run commands by options of the JVM",
  },
  {
    rail: "java-options",
    option: /^-dspark\./,
    rule: "must set Spark properties by --conf, not by options of the JVM",
  },
  {
    rail: "credentials",
    option: /^-d(aws|com\.amazonaws|software\.amazon)\./,
    rule: "must leave the AWS SDK's credentials and endpoints alone: jobs have those of their execution role",
  },
  { rail: "endpoints", option: /^-d(http|https|ftp|socks)\.?proxy/, rule: "must not set a proxy" },
  {
    rail: "log-destinations",
    option: /^-dlog4j2?\.([a-z.]*)configuration(file)?=(?!file:)[a-z0-9]+:/,
    rule: "must read the log configuration from a file of the job, not from elsewhere",
  },
];

/** The one command that EMR's own defaults run when memory ends. */
const ownCommand = /-XX:OnOutOfMemoryError=kill -9 %p/gi;

/** Tez hands its options to a shell. */
const shellCharacters = /[;&|`$<>]/;

export interface BrokenOption {
  readonly rail: RailName;
  /** The option without its value. */
  readonly option: string;
  readonly rule: string;
}

/** The options of a JVM in a value that a guard rail holds, each without its value. */
export const brokenOptions = ({ key, value }: Pick<Setting, "key" | "value">): BrokenOption[] => {
  if (!holdsOptions(key)) return [];
  const unquoted = value.replaceAll(/["'\\]/g, "").replaceAll(ownCommand, "");
  const options = unquoted.split(/\s+/).filter((option) => option !== "");
  const found = options.flatMap((option) =>
    optionRules
      .filter((one) => one.option.test(option.toLowerCase()))
      .map(({ rail, rule }) => ({ rail, rule, option: option.replace(/[=:].*$/s, "") })),
  );
  if (shellCharacters.test(value) && namesOf(key).some((name) => name.startsWith("tez."))) {
    found.push({ rail: "java-options", rule: "must have no characters that a shell reads", option: key });
  }
  return found;
};
