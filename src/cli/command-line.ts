import { parseArgs } from "node:util";

/** The commands, each with the options that it takes and what it does. */
export const commands = {
  "tenants check": {
    options: ["dir"],
    does: "reads tenants/, policies/ and templates/ and lists every fault with its line",
  },
  "tenants apply": { options: ["dir", "table"], does: "checks them, then writes the tenants to the DynamoDB table" },
  "tenants remove": {
    operand: "<tenantId>",
    options: ["table"],
    does: "removes a tenant from the table; its submissions stay",
  },
  "schemas write": { options: ["dir"], does: "writes the JSON Schemas of these files to schemas/" },
} as const satisfies Record<string, { operand?: string; options: readonly OptionName[]; does: string }>;

export type CommandName = keyof typeof commands;
type OptionName = "dir" | "table";

export interface Command {
  readonly name: CommandName;
  readonly dir: string;
  readonly table: string;
  /** What stands behind the command, where it takes something. */
  readonly operand?: string;
}

export type CommandLine =
  | { readonly verdict: "command"; readonly command: Command }
  | { readonly verdict: "help" }
  | { readonly verdict: "wrong"; readonly faults: readonly string[] };

const names = Object.keys(commands).filter((name): name is CommandName => name in commands);
const known: readonly string[] = ["dir", "table", "help"];
const dashed = (options: readonly string[]): string => options.map((name) => `--${name}`).join(", ");

const operandOf = (name: CommandName): string | undefined => {
  const command = commands[name];
  return "operand" in command ? command.operand : undefined;
};

export const usage = `Usage: sluice <command> [options]

Commands
${names.map((name) => `  ${[name, operandOf(name) ?? []].flat().join(" ")}    ${commands[name].does}`).join("\n")}

Options
  --dir DIR        the folder that has them (default: the current one)
  --table NAME     the table (default: SLUICE_TABLE, or "sluice")
  --help           this text

The AWS SDK's own settings tell the account and the Region: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.
Exit code: 0 if all is well, 1 if the files or AWS are not, 2 if the command line is not.`;

interface Option {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  /** Whether the value came as `--dir=…`: otherwise one that looks like an option is the next option. */
  readonly inlineValue?: boolean | undefined;
}

const optionFault = (
  { name, rawName, value, inlineValue }: Option,
  command: CommandName | undefined,
): string | undefined => {
  if (!known.includes(name)) return `Unknown option "${rawName}": known options are ${dashed(known)}`;
  if (name === "help")
    return value === undefined ? undefined : `Option "--help" takes no value: current value is "${value}"`;
  if (!value || (value.startsWith("-") && inlineValue !== true)) {
    return `Option "${rawName}" must have a value: current value is ${value ? `"${value}"` : "nothing"}`;
  }
  const own: readonly string[] = command === undefined ? known : commands[command].options;
  return own.includes(name) ? undefined : `Command "${command}" takes no "${rawName}": its options are ${dashed(own)}`;
};

const commandFault = (words: string): string =>
  `${words === "" ? "A command is missing" : `Unknown command "${words}"`}: known commands are ${names.join(", ")}`;

/** The command that the words begin with, and what stands behind it. */
const commandOf = (words: readonly string[]) => {
  const name = names.find((one) => one === words.slice(0, 2).join(" "));
  const operands = words.slice(2);
  return name === undefined || (operandOf(name) === undefined && operands.length > 0) ? undefined : { name, operands };
};

const operandFault = (name: CommandName, operands: readonly string[]): string[] => {
  const wanted = operandOf(name);
  if (wanted === undefined || operands.length === 1) return [];
  const current = operands.length === 0 ? "nothing" : `"${operands.join(" ")}"`;
  return [`Command "${name}" must have one ${wanted}: current value is ${current}`];
};

/** What a command line asks for, or everything that is wrong with it. `defaultTable` stands in for `--table`. */
export const readCommandLine = (args: readonly string[], defaultTable: string | undefined): CommandLine => {
  const { tokens, positionals, values } = parseArgs({
    args: [...args],
    options: { dir: { type: "string" }, table: { type: "string" }, help: { type: "boolean", short: "h" } },
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const found = commandOf(positionals);
  const name = found?.name;
  const options = tokens.filter((token) => token.kind === "option");
  const faults = options.map((option) => optionFault(option, name)).filter((fault) => fault !== undefined);
  if (faults.length === 0 && values["help"] === true) return { verdict: "help" };
  if (found === undefined) return { verdict: "wrong", faults: [commandFault(positionals.join(" ")), ...faults] };
  faults.unshift(...operandFault(found.name, found.operands));
  if (faults.length > 0) return { verdict: "wrong", faults };
  const [operand] = found.operands;
  const { dir = ".", table = defaultTable || "sluice" } = values;
  return {
    verdict: "command",
    command: {
      name: found.name,
      dir: String(dir),
      table: String(table),
      ...(operand !== undefined && { operand }),
    },
  };
};
