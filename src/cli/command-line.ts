import { parseArgs } from "node:util";
import { type RedriveOptions, readRedriveOptions } from "./redrive-options.ts";

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
  pause: {
    operand: "[tenantId]",
    options: ["table", "message"],
    needs: "message",
    does: "lets nothing start any more, of one tenant or of all; what comes waits, and callers see the message",
  },
  resume: { operand: "[tenantId]", options: ["table"], does: "lets starts go on, of one tenant or of all" },
  redrive: {
    options: ["table", "from", "to", "rate", "kind", "max", "dry-run"],
    does: "moves dead letters back with the id that they had, but for those that would fail again",
  },
  "schemas write": { options: ["dir"], does: "writes the JSON Schemas of these files to schemas/" },
} as const satisfies Record<string, Shape>;

interface Shape {
  /** What stands behind the command: `<…>` must be there, `[…]` may be. */
  readonly operand?: string;
  readonly options: readonly OptionName[];
  /** The option that it does nothing without. */
  readonly needs?: OptionName;
  readonly does: string;
}

export type CommandName = keyof typeof commands;
type OptionName = "dir" | "table" | "message" | keyof typeof redriveTypes;

export interface Command {
  readonly name: CommandName;
  readonly dir: string;
  readonly table: string;
  /** What stands behind the command, where it takes something. */
  readonly operand?: string;
  readonly message?: string;
  /** What `redrive` is to do. */
  readonly redrive?: RedriveOptions;
}

const redriveTypes = {
  from: { type: "string" },
  to: { type: "string" },
  rate: { type: "string" },
  kind: { type: "string" },
  max: { type: "string" },
  "dry-run": { type: "boolean" },
} as const;

export type CommandLine =
  | { readonly verdict: "command"; readonly command: Command }
  | { readonly verdict: "help" }
  | { readonly verdict: "wrong"; readonly faults: readonly string[] };

const names = Object.keys(commands).filter((name): name is CommandName => name in commands);
const known: readonly string[] = ["dir", "table", "message", ...Object.keys(redriveTypes), "help"];
/** Options without a value. */
const flags: readonly string[] = ["dry-run", "help"];
const dashed = (options: readonly string[]): string => options.map((name) => `--${name}`).join(", ");

const shapeOf = (name: CommandName): Shape => commands[name];

export const usage = `Usage: sluice <command> [options]

Commands
${names.map((name) => `  ${[name, shapeOf(name).operand ?? []].flat().join(" ")}    ${commands[name].does}`).join("\n")}

Options
  --dir DIR        the folder that has them (default: the current one)
  --table NAME     the table (default: SLUICE_TABLE, or "sluice")
  --message TEXT   why, for the callers whose jobs wait
  --from URL       the dead-letter queue
  --to URL         the queue that its messages go back to
  --rate N         messages a second (default: 5)
  --kind KIND      only what would fail so, if it came again now: unproven, refused, bug, or passing for what would not
                   (default: all)
  --max N          at most so many messages
  --dry-run        tells what would be done, and does nothing
  --help           this text

The AWS SDK's own settings tell the account and the Region: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.
"redrive" needs SLUICE_OPERATOR_SENDERS, and SLUICE_ENVELOPE_QUEUES where it is not empty, as the function "queue" has them.
Exit code: 0 if all is well, 1 if the files or AWS are not or a message stays, 2 if the command line is not.`;

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
  const isFlag = flags.includes(name);
  if (isFlag && value !== undefined) return `Option "--${name}" takes no value: current value is "${value}"`;
  if (name === "help") return undefined;
  if (!isFlag && (!value || (value.startsWith("-") && inlineValue !== true))) {
    return `Option "${rawName}" must have a value: current value is ${value ? `"${value}"` : "nothing"}`;
  }
  const own: readonly string[] = command === undefined ? known : shapeOf(command).options;
  return own.includes(name) ? undefined : `Command "${command}" takes no "${rawName}": its options are ${dashed(own)}`;
};

const commandFault = (words: string): string =>
  `${words === "" ? "A command is missing" : `Unknown command "${words}"`}: known commands are ${names.join(", ")}`;

/** The command that the words begin with, and what stands behind it. */
const commandOf = (words: readonly string[]) => {
  const name = names.find((one) => one === words.slice(0, one.split(" ").length).join(" "));
  if (name === undefined) return undefined;
  const operands = words.slice(name.split(" ").length);
  return shapeOf(name).operand === undefined && operands.length > 0 ? undefined : { name, operands };
};

const operandFault = (name: CommandName, operands: readonly string[]): string[] => {
  const wanted = shapeOf(name).operand;
  if (wanted === undefined || operands.length === 1) return [];
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

/** What a command line asks for, or everything that is wrong with it. `defaultTable` stands in for `--table`. */
export const readCommandLine = (args: readonly string[], defaultTable: string | undefined): CommandLine => {
  const { tokens, positionals, values } = parseArgs({
    args: [...args],
    options: {
      dir: { type: "string" },
      table: { type: "string" },
      message: { type: "string" },
      ...redriveTypes,
      help: { type: "boolean", short: "h" },
    },
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
  const given = options.map((option) => option.name);
  faults.unshift(...operandFault(found.name, found.operands), ...needFault(found.name, given));
  const redrive = found.name === "redrive" ? readRedriveOptions(values) : { faults: [] };
  if (faults.length === 0) faults.push(...redrive.faults);
  if (faults.length > 0) return { verdict: "wrong", faults };
  const [operand] = found.operands;
  const { dir = ".", table = defaultTable || "sluice", message } = values;
  return {
    verdict: "command",
    command: {
      name: found.name,
      dir: String(dir),
      table: String(table),
      ...(operand !== undefined && { operand }),
      ...(message !== undefined && { message: String(message) }),
      ...(redrive.options !== undefined && { redrive: redrive.options }),
    },
  };
};
