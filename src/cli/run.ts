import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addTenant } from "./add-command.ts";
import { applyFiles, checkTenants, showPlan } from "./apply-command.ts";
import { askCan } from "./can-command.ts";
import { type Command, readCommandLine } from "./command-line.ts";
import { type CommandName, usage } from "./commands.ts";
import { changeLimits, rollBack } from "./edit-command.ts";
import { explainFile } from "./explain-command.ts";
import { schemaFiles } from "./schema-files.ts";
import { showHistory, showTenant } from "./show-command.ts";
import { suspendStarts } from "./suspend-command.ts";
import { type ExitCode, many, type Terminal } from "./terminal.ts";

const removeTenant = async ({ table, operand = "" }: Command, { out, err, ledger }: Terminal): Promise<ExitCode> => {
  const { verdict } = await ledger(table).remove(operand);
  if (verdict === "removed") {
    out(`${operand}: removed from table "${table}"`);
    return 0;
  }
  const why =
    verdict === "absent"
      ? `table "${table}" does not have it`
      : "it was applied in the meantime: run the command again if it shall still go";
  err(`Cannot remove tenant "${operand}": ${why}`);
  return 1;
};

const writeSchemas = async ({ dir }: Command, { out }: Terminal): Promise<ExitCode> => {
  const folder = join(dir, "schemas");
  await mkdir(folder, { recursive: true });
  for (const { name, text } of schemaFiles()) {
    await writeFile(join(folder, name), text);
    out(`schemas/${name}`);
  }
  return 0;
};

const redriveMessages = async ({ table, redrive }: Command, terminal: Terminal): Promise<ExitCode> => {
  if (redrive === undefined) throw new Error("The options of redrive were not read, this is a bug");
  const { moved, left, notAsked } = await terminal.redrive(table, redrive);
  const kinds = Object.entries(left);
  const stayed = kinds.reduce((sum, [, count]) => sum + count, 0);
  const parts = [
    `${redrive.dryRun ? "would move" : "moved"} ${many(moved, "message")}`,
    `left ${stayed}${stayed === 0 ? "" : ` (${kinds.map(([kind, count]) => `${count} ${kind}`).join(", ")})`}`,
    ...(notAsked === 0 ? [] : [`${notAsked} of another kind`]),
  ];
  terminal.out(parts.join(", "));
  return stayed === 0 ? 0 : 1;
};

const runs: Readonly<Record<CommandName, (command: Command, terminal: Terminal) => Promise<ExitCode>>> = {
  "tenants check": checkTenants,
  "tenants add": addTenant,
  "tenants plan": showPlan,
  "tenants apply": applyFiles,
  "tenants show": showTenant,
  "tenants history": showHistory,
  "tenants rollback": rollBack,
  "tenants remove": removeTenant,
  explain: explainFile,
  limits: changeLimits,
  pause: suspendStarts,
  resume: suspendStarts,
  redrive: redriveMessages,
  can: askCan,
  "schemas write": writeSchemas,
};

/** Each error and what caused it, in one line. */
const told = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const message = error.message || error.name;
  return error.cause === undefined ? message : `${message}: ${told(error.cause)}`;
};

/** Runs one command line to its exit code: 1 for faults in the files or in AWS, 2 for faults in the command line. */
export const run = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const line = readCommandLine(args, terminal.defaultTable);
  if (line.verdict === "help") {
    terminal.out(usage);
    return 0;
  }
  if (line.verdict === "wrong") {
    for (const fault of line.faults) terminal.err(fault);
    terminal.err('See "sluice --help"');
    return 2;
  }
  try {
    return await runs[line.command.name](line.command, terminal);
  } catch (error) {
    terminal.err(`Cannot run "sluice ${line.command.name}": ${told(error)}`);
    return 1;
  }
};
