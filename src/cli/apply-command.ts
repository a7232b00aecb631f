import type { AppliedTenant } from "#adapters/aws/apply-tenants.ts";
import type { StoredTenant } from "#adapters/aws/tenant-items.ts";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readPolicyWarnings } from "#adapters/files/policy-warnings.ts";
import { readTenantFiles, type TenantFiles } from "#adapters/files/tenant-files.ts";
import { policyNotes } from "#domain/tenant/check-policy.ts";
import { faultLine, strayFaults } from "#domain/tenant/check-stored.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Edit } from "#domain/tenant/tenant-version.ts";
import type { Command } from "./command-line.ts";
import { planJson, planLines } from "./plan-text.ts";
import { proofLines } from "./proof-lines.ts";
import { changesIn, type PlannedTenant, planTenants } from "./tenant-plan.ts";
import { type ExitCode, many, type Terminal } from "./terminal.ts";

type SoundFiles = Extract<TenantFiles, { readonly verdict: "read" }>;

/** The tenants of the folder, sound by themselves and beside each other; nothing where they are not, with every fault told. */
const readFiles = async ({ dir }: Command, { err }: Terminal): Promise<SoundFiles | undefined> => {
  const read = await readTenantFiles(dir);
  if (read.verdict === "read") return read;
  for (const fault of read.faults) err(fileFaultLine(fault));
  err(`Cannot read the tenants: ${many(read.faults.length, "fault")}`);
  return undefined;
};

export const readSetups = async (command: Command, terminal: Terminal): Promise<TenantSetup[] | undefined> =>
  (await readFiles(command, terminal))?.setups;

const idsOf = (setups: readonly TenantSetup[]): string => setups.map(({ tenant }) => tenant.tenantId).join(", ");

const isGiven = ({ flags = [] }: Command, name: string): boolean => flags.includes(name);

/** Tells what IAM takes and never matches, and whether that is accepted. */
const acceptWarnings = async (command: Command, { out, err }: Terminal): Promise<boolean> => {
  const warnings = await readPolicyWarnings(command.dir);
  const isStrict = isGiven(command, "strict");
  for (const warning of warnings) (isStrict ? err : out)(`warning: ${fileFaultLine(warning)}`);
  if (!isStrict || warnings.length === 0) return true;
  err(`Cannot accept the policy templates: ${many(warnings.length, "warning")}`);
  return false;
};

export const checkTenants = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const accepted = await acceptWarnings(command, terminal);
  const read = await readFiles(command, terminal);
  if (read === undefined || !accepted) return 1;
  const { setups, report } = read;
  for (const setup of setups) {
    for (const note of policyNotes(setup)) {
      terminal.out(`tenants/${setup.tenant.tenantId}.yaml: note: /policy ${note}`);
    }
  }
  for (const line of proofLines(report)) terminal.out(line);
  terminal.out(`${many(setups.length, "tenant")} without faults: ${idsOf(setups)}`);
  return 0;
};

/** Tells why the files are not proved beside the tenants that have no file, and are served all the same. */
const isProvedBeside = (
  setups: readonly TenantSetup[],
  beside: readonly StoredTenant[],
  { name }: Command,
  { err }: Terminal,
): boolean => {
  const strays = beside.map(({ tenantId, before }) => ({ tenantId, setup: before?.setup }));
  const faults = strayFaults(setups, strays);
  for (const fault of faults) err(faultLine(fault));
  if (faults.length === 0) return true;
  const ids = strays.map(({ tenantId }) => tenantId).join(", ");
  err(
    `Cannot ${name.replace("tenants ", "")} the tenants: ${many(faults.length, "fault")} beside those without a file: ${ids}`,
  );
  return false;
};

export const showPlan = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { table } = command;
  const setups = await readSetups(command, terminal);
  if (setups === undefined) return 1;
  const { plan, beside } = await planTenants(terminal.ledger(table), setups, { deleting: isGiven(command, "delete") });
  for (const line of isGiven(command, "json") ? [planJson(plan, table)] : planLines(plan)) terminal.out(line);
  if (!isProvedBeside(setups, beside, command, terminal)) return 1;
  return isGiven(command, "detailed-exitcode") && changesIn(plan).length > 0 ? 2 : 0;
};

export const editOf = (command: Command, { by, now }: Terminal, name: string): Edit => ({
  at: now(),
  by: command.by ?? by,
  command: name,
});

const isLeft = ({ verdict }: AppliedTenant): boolean => verdict === "conflict" || verdict === "held back";

/** Tells what became of each tenant, and ends with 1 where one was left alone. */
export const tellApplied = (applied: readonly AppliedTenant[], { out, err }: Terminal): ExitCode => {
  for (const { tenantId, verdict, version } of applied) {
    if (verdict === "created" || verdict === "changed") out(`${tenantId}: ${verdict}, version ${version}`);
    if (verdict === "conflict") err(`${tenantId}: left alone, because somebody changed it in the meantime`);
    if (verdict === "held back")
      err(`${tenantId}: left alone, because it takes a proof or a value from a tenant that was left alone`);
  }
  return applied.some(isLeft) ? 1 : 0;
};

/** Each by itself: one that somebody applies in the meantime stays, and the others go. */
const removeDeleted = async (
  tenants: readonly PlannedTenant[],
  command: Command,
  terminal: Terminal,
): Promise<ExitCode> => {
  let code: ExitCode = 0;
  for (const { tenantId, version } of tenants) {
    const { verdict } = await terminal.ledger(command.table).remove(tenantId, version);
    if (verdict === "conflict") code = 1;
    if (verdict === "conflict") terminal.err(`${tenantId}: left alone, because somebody changed it in the meantime`);
    else terminal.out(`${tenantId}: removed`);
  }
  return code;
};

export const applyFiles = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { table } = command;
  const setups = await readSetups(command, terminal);
  if (setups === undefined) return 1;
  const { plan, beside, read } = await planTenants(terminal.ledger(table), setups, {
    deleting: isGiven(command, "delete"),
  });
  for (const line of planLines(plan)) terminal.out(line);
  if (!isProvedBeside(setups, beside, command, terminal)) return 1;
  const applied = await read.apply(editOf(command, terminal, "apply"));
  const written = tellApplied(applied, terminal);
  const deleted = plan.tenants.filter(({ change }) => change === "delete");
  const removed = await removeDeleted(deleted, command, terminal);
  const there = applied.filter((one) => !isLeft(one)).length;
  terminal.out(`${many(there, "tenant")} in table "${table}" as in the files`);
  if (written === 0 && removed === 0) return 0;
  terminal.err("Cannot apply all: the table changed in the meantime: run the command again");
  return 1;
};
