import { parseArgs } from "node:util";
import { nearest } from "#domain/nearest.ts";
import { readCanOptions } from "./can-options.ts";
import { type CommandName, commandNames, optionOf, options, shapeOf } from "./commands.ts";
import { type GivenAnswers, readGivenAnswers } from "./given-answers.ts";
import { type LimitsOptions, readLimitsOptions } from "./limits-options.ts";
import { countFault } from "./option-fault.ts";
import { type RedriveOptions, readRedriveOptions } from "./redrive-options.ts";

export interface Command {
  readonly name: CommandName;
  readonly dir: string;
  readonly table: string;
  /** What stands behind the command, where it takes something. */
  readonly operand?: string;
  /** All that stands behind it, where it takes several things. */
  readonly operands?: readonly string[];
  /** The table was named on the command line, where a command reads files otherwise. */
  readonly fromTable?: true;
  readonly message?: string;
  /** Who changes something, where the command line tells. */
  readonly by?: string;
  /** The version that is shown or rolled back to. */
  readonly version?: number;
  /** What `redrive` is to do. */
  readonly redrive?: RedriveOptions;
  readonly limits?: LimitsOptions;
  /** Condition keys of the call that `can` is about. */
  readonly context?: readonly string[];
  /** What `tenants add` need not ask for. */
  readonly given?: GivenAnswers;
  /** The options without a value that were given. */
  readonly flags?: readonly string[];
}

export type CommandLine =
  | { readonly verdict: "command"; readonly command: Command }
  | { readonly verdict: "help" }
  | { readonly verdict: "wrong"; readonly faults: readonly string[] };

type Values = Readonly<Record<string, unknown>>;

const known: readonly string[] = Object.keys(options);

const dashed = (names: readonly string[]): string => names.map((name) => `--${name}`).join(", ");

interface Token {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Whether the value came as `--dir=…`: otherwise one that looks like an option is the next option. */
  readonly inlineValue?: boolean | undefined;
}

const optionFault = (
  { name, rawName, value, inlineValue }: Token,
  command: CommandName | undefined,
): string | undefined => {
  const option = optionOf(name);
  const own: readonly string[] = command === undefined ? known : shapeOf(command).options;
  if (option === undefined) {
    const meant = nearest(name, own);
    return `Unknown option "${rawName}": ${meant === undefined ? `known options are ${dashed(own)}` : `did you mean "--${meant}"?`}`;
  }
  const isFlag = option.takes === undefined;
  if (isFlag && value !== undefined) return `Option "--${name}" takes no value: current value is "${value}"`;
  if (name === "help") return undefined;
  if (!isFlag && (!value || (value.startsWith("-") && inlineValue !== true))) {
    return `Option "${rawName}" must have a value: current value is ${value ? `"${value}"` : "nothing"}`;
  }
  return own.includes(name) ? undefined : `Command "${command}" takes no "${rawName}": its options are ${dashed(own)}`;
};

/** The commands of two words that begin with this one, or the command of one. */
const groupOf = (first: string | undefined): CommandName[] =>
  commandNames.filter((name) => name.split(" ")[0] === first);

const commandFault = (words: readonly string[]): string => {
  const [one = "", two = ""] = words;
  const group = groupOf(nearest(one, [...new Set(commandNames.map((name) => name.split(" ")[0] ?? name))]));
  const meant = group.find((name) =>
    [undefined, nearest(two, [name.split(" ")[1] ?? ""])].includes(name.split(" ")[1]),
  );
  const told =
    meant === undefined
      ? `known commands are ${(group.length > 0 ? group : commandNames).join(", ")}`
      : `did you mean "${meant}"?`;
  return `${words.length === 0 ? "A command is missing" : `Unknown command "${words.join(" ")}"`}: ${told}`;
};

/** The command that the words begin with, and what stands behind it. */
const commandOf = (words: readonly string[]) => {
  const name = commandNames.find((one) => one === words.slice(0, one.split(" ").length).join(" "));
  return name && { name, operands: words.slice(name.split(" ").length) };
};

const operandFault = (name: CommandName, operands: readonly string[]): string[] => {
  const wanted = shapeOf(name).operand;
  const places = wanted?.split(" ").length ?? 0;
  if (operands.length === places) return [];
  if (wanted === undefined)
    return [`Command "${name}" takes nothing behind it: current value is "${operands.join(" ")}"`];
  if (places !== 1)
    return [
      `Command "${name}" must have ${wanted}: current value is ${operands.length === 0 ? "nothing" : `"${operands.join(" ")}"`}`,
    ];
  if (operands.length > 1) return [oneOperand(name, wanted, `"${operands.join(" ")}"`)];
  return wanted.startsWith("[") ? [] : [oneOperand(name, wanted, "nothing")];
};

const oneOperand = (name: CommandName, wanted: string, current: string): string =>
  `Command "${name}" must have ${wanted.startsWith("[") ? "at most one" : "one"} ${wanted}: current value is ${current}`;

const needFault = (name: CommandName, given: readonly string[]): string[] => {
  const { needs } = shapeOf(name);
  if (needs === undefined || given.includes(needs)) return [];
  return [`Command "${name}" must have "--${needs}": current value is nothing`];
};

/** What the options of one command say beyond their form; faults are added to the list. */
const ownOptions = (
  { name, operands }: { readonly name: CommandName; readonly operands: readonly string[] },
  values: Values,
  faults: string[],
): Partial<Command> => {
  if (name === "redrive") {
    const { options: redrive, faults: found } = readRedriveOptions(values);
    faults.push(...found);
    return redrive === undefined ? {} : { redrive };
  }
  if (name === "explain") return values["table"] === undefined ? {} : { fromTable: true };
  if (name === "can") return { context: readCanOptions(operands, values, faults) };
  if (name === "limits") return { limits: readLimitsOptions(values, faults) };
  if (name === "tenants add") return { given: readGivenAnswers(values, faults) };
  const option = name === "tenants rollback" ? "to" : "version";
  const version = values[option];
  if (version === undefined) return {};
  faults.push(...countFault(option, version, 0, 999_999));
  return { version: Number(version) };
};

const types = Object.fromEntries(
  known.map((name) => {
    const { takes, many = false } = optionOf(name) ?? {};
    return [name, { type: takes === undefined ? ("boolean" as const) : ("string" as const), multiple: many }];
  }),
);

/** What a command line asks for, or everything that is wrong with it. `defaultTable` stands in for `--table`. */
export const readCommandLine = (args: readonly string[], defaultTable: string | undefined): CommandLine => {
  const { tokens, positionals, values } = parseArgs({
    args: [...args],
    options: { ...types, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found = commandOf(positionals);
  const name = found?.name;
  const given = tokens.filter((token) => token.kind === "option");
  const faults = given.map((option) => optionFault(option, name)).filter((fault) => fault !== undefined);
  if (faults.length === 0 && values["help"] === true) return { verdict: "help" };
  if (found === undefined) return { verdict: "wrong", faults: [commandFault(positionals), ...faults] };
  const names = given.map((option) => option.name);
  faults.unshift(...operandFault(found.name, found.operands), ...needFault(found.name, names));
  const own = faults.length === 0 ? ownOptions(found, values, faults) : {};
  if (faults.length > 0) return { verdict: "wrong", faults };
  const [operand] = found.operands;
  const { dir = ".", table = defaultTable || "sluice", message, by } = values;
  const flags = names.filter((option) => optionOf(option)?.takes === undefined && found.name !== "redrive");
  return {
    verdict: "command",
    command: {
      name: found.name,
      dir: String(dir),
      table: String(table),
      ...(operand !== undefined && { operand }),
      ...(found.operands.length > 1 && { operands: found.operands }),
      ...(message !== undefined && { message: String(message) }),
      ...(by !== undefined && { by: String(by) }),
      ...(flags.length > 0 && { flags }),
      ...own,
    },
  };
};
