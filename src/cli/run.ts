import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { policyNotes } from "#domain/tenant/check-policy.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { type Command, readCommandLine, usage } from "./command-line.ts";
import type { Redrive } from "./redrive.ts";
import type { RedriveOptions } from "./redrive-options.ts";
import { schemaFiles } from "./schema-files.ts";

/** What the command needs from outside. */
export interface Terminal {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
  /** SLUICE_TABLE. */
  readonly defaultTable: string | undefined;
  readonly apply: (
    table: string,
    setups: readonly TenantSetup[],
  ) => Promise<readonly { readonly tenantId: string; readonly verdict: string }[]>;
  /** Tenants of the table besides the known ones, as far as it was read. */
  readonly strays: (
    table: string,
    known: readonly string[],
  ) => Promise<{ readonly tenantIds: readonly string[]; readonly complete: boolean }>;
  readonly remove: (table: string, tenantId: string) => Promise<{ readonly verdict: "removed" | "absent" }>;
  /** Suspends the starts of a tenant, or of all, with a message; without one they go on. */
  readonly suspend: (
    table: string,
    tenantId: string | undefined,
    message: string | undefined,
  ) => Promise<{ readonly verdict: "done" | "absent" }>;
  /** Moves dead letters back, with a line for each. */
  readonly redrive: (table: string, options: RedriveOptions) => Promise<Redrive>;
}

type ExitCode = 0 | 1 | 2;

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

const readSetups = async ({ dir }: Command, { err }: Terminal): Promise<TenantSetup[] | undefined> => {
  const read = await readTenantFiles(dir);
  if (read.verdict === "read") return read.setups;
  for (const fault of read.faults) err(fileFaultLine(fault));
  err(`Cannot read the tenants: ${many(read.faults.length, "fault")}`);
  return undefined;
};

const idsOf = (setups: readonly TenantSetup[]): string => setups.map(({ tenant }) => tenant.tenantId).join(", ");

const checkTenants = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const setups = await readSetups(command, terminal);
  if (setups === undefined) return 1;
  for (const setup of setups) {
    for (const note of policyNotes(setup)) {
      terminal.out(`tenants/${setup.tenant.tenantId}.yaml: note: /policy ${note}`);
    }
  }
  terminal.out(`${many(setups.length, "tenant")} without faults: ${idsOf(setups)}`);
  return 0;
};

const applyFiles = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const setups = await readSetups(command, terminal);
  if (setups === undefined) return 1;
  const applied = await terminal.apply(command.table, setups);
  for (const { tenantId, verdict } of applied) terminal.out(`${tenantId}: ${verdict}`);
  const left = applied.filter(({ verdict }) => verdict === "conflict" || verdict === "held back");
  terminal.out(`${many(setups.length - left.length, "tenant")} in table "${command.table}"`);
  await tellStrays(command, terminal, setups);
  if (left.length === 0) return 0;
  const ids = left.map(({ tenantId }) => tenantId).join(", ");
  terminal.err(`Cannot apply ${ids}: the table changed in the meantime: run the command again`);
  return 1;
};

/** A tenant whose file was deleted is served as before until somebody removes it. */
const tellStrays = async ({ table }: Command, { out, strays }: Terminal, setups: readonly TenantSetup[]) => {
  const { tenantIds, complete } = await strays(
    table,
    setups.map(({ tenant }) => tenant.tenantId),
  );
  for (const tenantId of tenantIds) {
    out(`${tenantId}: has no file, and is still served: remove it with "sluice tenants remove ${tenantId}"`);
  }
  if (!complete) out(`Table "${table}" is large: only its first 100 MB were searched for tenants without a file`);
};

const removeTenant = async ({ table, operand = "" }: Command, terminal: Terminal): Promise<ExitCode> => {
  const { verdict } = await terminal.remove(table, operand);
  if (verdict === "removed") {
    terminal.out(`${operand}: removed from table "${table}"`);
    return 0;
  }
  terminal.err(`Cannot remove tenant "${operand}": table "${table}" does not have it`);
  return 1;
};

/** Pauses with a message, and resumes without one. */
const suspendStarts = async (command: Command, { out, err, suspend }: Terminal): Promise<ExitCode> => {
  const { name, table, operand, message } = command;
  const { verdict } = await suspend(table, operand, message);
  if (verdict === "absent") {
    err(`Cannot ${name} tenant "${operand}": table "${table}" does not have it`);
    return 1;
  }
  const what =
    message === undefined
      ? `resumed in table "${table}": turns are given again within a minute`
      : `paused in table "${table}": ${message}`;
  out(`${operand ?? "all tenants"}: ${what}`);
  return 0;
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

const runs = {
  "tenants check": checkTenants,
  "tenants apply": applyFiles,
  "tenants remove": removeTenant,
  pause: suspendStarts,
  resume: suspendStarts,
  redrive: redriveMessages,
  "schemas write": writeSchemas,
} as const;

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
    terminal.err(`\n${usage}`);
    return 2;
  }
  try {
    return await runs[line.command.name](line.command, terminal);
  } catch (error) {
    terminal.err(`Cannot run "sluice ${line.command.name}": ${told(error)}`);
    return 1;
  }
};
