import type { AppliedTenant } from "#adapters/aws/apply-tenants.ts";
import type { StoredTenant } from "#adapters/aws/tenant-items.ts";
import { type Beside, faultLine, strayFaults } from "#domain/tenant/check-stored.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Edit } from "#domain/tenant/tenant-version.ts";
import { acceptFiles, warningLines } from "./accepted-files.ts";
import { templateSizeLine } from "./budget-text.ts";
import type { Command } from "./command-line.ts";
import { planJson, planLines } from "./plan-text.ts";
import { proofLines } from "./proof-lines.ts";
import { changesIn, type PlannedTenant, planTenants } from "./tenant-plan.ts";
import { type ExitCode, many, type Terminal } from "./terminal.ts";

const idsOf = (setups: readonly TenantSetup[]): string => setups.map(({ tenant }) => tenant.tenantId).join(", ");

const isGiven = ({ flags = [] }: Command, name: string): boolean => flags.includes(name);

export const checkTenants = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const accepted = await acceptFiles(command, terminal);
  if (accepted === undefined) return 1;
  const { setups, policyTemplates, report } = accepted;
  const sizes = policyTemplates.map(templateSizeLine);
  for (const line of [...warningLines(accepted), ...sizes, ...proofLines(report)]) terminal.out(line);
  terminal.out(`${many(setups.length, "tenant")} without faults: ${idsOf(setups)}`);
  return 0;
};

export const besideOf = ({ tenantId, before }: StoredTenant): Beside => ({ tenantId, setup: before?.setup });

/** Tells why the files are not proved beside the tenants that have no file, and are served all the same. */
const isProvedBeside = (
  setups: readonly TenantSetup[],
  beside: readonly StoredTenant[],
  { name }: Command,
  { err }: Terminal,
): boolean => {
  const strays = beside.map(besideOf);
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
  const accepted = await acceptFiles(command, terminal);
  if (accepted === undefined) return 1;
  const { setups } = accepted;
  const deleting = isGiven(command, "delete");
  const { plan, beside } = await planTenants(terminal.ledger(table), setups, { deleting });
  const lines = isGiven(command, "json")
    ? [planJson(plan, table, accepted)]
    : [...warningLines(accepted), ...planLines(plan)];
  for (const line of lines) terminal.out(line);
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
  const accepted = await acceptFiles(command, terminal);
  if (accepted === undefined) return 1;
  const { setups } = accepted;
  const deleting = isGiven(command, "delete");
  const { plan, beside, read } = await planTenants(terminal.ledger(table), setups, { deleting });
  for (const line of [...warningLines(accepted), ...planLines(plan)]) terminal.out(line);
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
