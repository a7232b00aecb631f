interface Option {
  /** What its value is called; a flag has none. */
  readonly takes?: string;
  /** Whether it may be given several times. */
  readonly many?: true;
  readonly does: string;
}

/** Every option, in the order in which the help text lists them. */
export const options = {
  dir: { takes: "DIR", does: "the folder that has them (default: the current one)" },
  table: { takes: "NAME", does: 'the table (default: SLUICE_TABLE, or "sluice")' },
  strict: { does: "takes warnings for faults" },
  json: { does: "JSON, for programs" },
  "detailed-exitcode": { does: "exit code 2 where something would change" },
  delete: { does: "also removes the tenants of the table that have no file" },
  by: { takes: "NAME", does: "who changes it, for the history (default: your name on this machine)" },
  version: { takes: "N", does: "an earlier version" },
  message: { takes: "TEXT", does: "why, for the callers whose jobs wait" },
  "max-active": { takes: "N", does: "job runs at once" },
  "max-waiting": { takes: "N", does: "submissions that may wait" },
  weight: { takes: "N", does: "turns for each turn of a tenant of weight 1" },
  application: { takes: "ID", does: "the EMR Serverless application" },
  role: { takes: "ARN", does: "the execution role" },
  template: { takes: "NAME", does: "the policy template" },
  variable: { takes: "NAME=VALUE", many: true, does: "a variable of it; again for each" },
  "job-template": { takes: "NAME", many: true, does: "a job template that it may start; again for each" },
  "entry-point": { takes: "PREFIX", many: true, does: "an S3 prefix of its own jobs' code; again for each" },
  caller: { takes: "CALLER", many: true, does: "who may send for it; again for each" },
  context: {
    takes: "KEY=VALUE",
    many: true,
    does: "a condition key of the call, such as s3:prefix=acme/; again for each",
  },
  from: { takes: "URL", does: "the dead-letter queue" },
  to: { takes: "URL or N", does: "the queue that its messages go back to; for rollback, the version" },
  rate: { takes: "N", does: "messages a second (default: 5)" },
  kind: {
    takes: "KIND",
    does: "only what would fail so, if it came again now: unproven, refused, bug, or passing for what would not\n(default: all)",
  },
  max: { takes: "N", does: "at most so many messages" },
  "dry-run": { does: "tells what would be done, and does nothing" },
  help: { does: "this text" },
} as const satisfies Record<string, Option>;

export type OptionName = Exclude<keyof typeof options, "help">;

interface Shape {
  /** What stands behind the command: `<…>` must be there, `[…]` may be; several have a space between them. */
  readonly operand?: string;
  readonly options: readonly OptionName[];
  /** The option that it does nothing without. */
  readonly needs?: OptionName;
  readonly does: string;
}

/** The commands, each with the options that it takes and what it does. */
export const commands = {
  "tenants check": {
    options: ["dir", "strict"],
    does: "reads tenants/, policies/ and templates/ and lists every fault and every warning with its line",
  },
  "tenants add": {
    operand: "[tenantId]",
    options: ["dir", "application", "role", "template", "variable", "job-template", "entry-point", "caller"],
    does: "writes the file of a new tenant; at a terminal it asks for what the options do not say",
  },
  "tenants plan": {
    options: ["dir", "table", "delete", "strict", "json", "detailed-exitcode"],
    does: "checks them, then shows what apply would change in the table",
  },
  "tenants apply": {
    options: ["dir", "table", "delete", "strict", "by"],
    does: "shows the plan, then writes the tenants to the table, each as a new version",
  },
  "tenants show": {
    operand: "<tenantId>",
    options: ["table", "version", "json"],
    does: "a tenant as the table has it: its version, its line, its execution policy",
  },
  "tenants history": {
    operand: "<tenantId>",
    options: ["table", "json"],
    does: "its versions, the newest first: when, by whom, what changed",
  },
  "tenants rollback": {
    operand: "<tenantId>",
    options: ["table", "to", "by"],
    needs: "to",
    does: "makes an earlier version the newest one, after the same checks",
  },
  "tenants remove": {
    operand: "<tenantId>",
    options: ["table"],
    does: "removes a tenant from the table; its submissions and its versions stay",
  },
  explain: {
    operand: "<tenantId> <file>",
    options: ["dir", "table", "json"],
    does: "explains the job request in a file: what would be sent, and why; with --table as the table is now",
  },
  can: {
    operand: "<tenantId> <action> <arn>",
    options: ["dir", "context"],
    does: "whether a job of the tenant may do this, and which statement decides, by the files",
  },
  limits: {
    operand: "<tenantId>",
    options: ["table", "max-active", "max-waiting", "weight", "by"],
    does: "changes a tenant's limits now, as a new version; without an option it tells them",
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

export type CommandName = keyof typeof commands;

export const commandNames = Object.keys(commands).filter((name): name is CommandName => name in commands);

export const shapeOf = (name: CommandName): Shape => commands[name];

/** The option of a name, where there is one. */
export const optionOf = (name: string): Option | undefined =>
  Object.entries<Option>(options).find(([known]) => known === name)?.[1];

/** Two columns: the second begins two characters behind the longest of the first. */
const columns = (rows: readonly (readonly [head: string, does: string])[]): string => {
  const width = Math.max(...rows.map(([head]) => head.length)) + 2;
  const told = (does: string): string => does.replaceAll("\n", `\n${" ".repeat(width + 2)}`);
  return rows.map(([head, does]) => `  ${head.padEnd(width)}${told(does)}`).join("\n");
};

const optionRow = ([name, { takes, does }]: [string, Option]) =>
  [takes === undefined ? `--${name}` : `--${name} ${takes}`, does] as const;

const commandRow = (name: CommandName) => {
  const { operand, does } = shapeOf(name);
  return [operand === undefined ? name : `${name} ${operand}`, does] as const;
};

export const usage = `Usage: sluice <command> [options]

Commands
${columns(commandNames.map(commandRow))}

Options
${columns(Object.entries<Option>(options).map(optionRow))}

The AWS SDK's own settings tell the account and the Region: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL.
"redrive" needs SLUICE_OPERATOR_SENDERS, and SLUICE_ENVELOPE_QUEUES where it is not empty, as the function "queue" has them.
Exit code: 0 if all is well, 1 if the files or AWS are not or a message stays, 2 if the command line is not.`;
