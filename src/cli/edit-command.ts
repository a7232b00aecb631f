import { sha256 } from "#adapters/files/sha256.ts";
import { type CheckedSetup, checkStored, faultLine, proveStored } from "#domain/tenant/check-stored.ts";
import { besideOf, editOf, tellApplied } from "./apply-command.ts";
import type { Command } from "./command-line.ts";
import { tenantLines } from "./plan-text.ts";
import { changesIn, planTenants } from "./tenant-plan.ts";
import { type ExitCode, many, type Terminal } from "./terminal.ts";

const fileReminder = (tenantId: string): string =>
  `Change tenants/${tenantId}.yaml as well, or the next "sluice tenants apply" brings back what it says`;

/** Writes a state of one tenant that comes from no file, and says what it changes. */
const writeState = async (
  checked: CheckedSetup,
  command: Command,
  terminal: Terminal,
  name: string,
): Promise<ExitCode> => {
  const { operand: tenantId = "", table } = command;
  if (checked.verdict === "refused") {
    for (const fault of checked.faults) terminal.err(faultLine(fault));
    terminal.err(`Cannot change tenant "${tenantId}": ${many(checked.faults.length, "fault")}`);
    return 1;
  }
  const { plan, read } = await planTenants(terminal.ledger(table), [checked.setup], { deleting: false });
  const [change] = changesIn(plan);
  if (change === undefined) {
    terminal.out(`${tenantId}: unchanged, version ${plan.tenants[0]?.version}`);
    return 0;
  }
  for (const line of tenantLines(change)) terminal.out(line);
  const code = tellApplied(await read.apply(editOf(command, terminal, name)), terminal);
  if (code === 0) terminal.out(fileReminder(tenantId));
  return code;
};

const unknownTenant = (command: Command, { err }: Terminal): ExitCode => {
  err(`Cannot run "sluice ${command.name}": table "${command.table}" does not have tenant "${command.operand}"`);
  return 1;
};

/** Makes an earlier version the newest one, where it is proved by the rules of today. Also a tenant that was removed comes back so. */
export const rollBack = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", version = 0, table } = command;
  const ledger = terminal.ledger(table);
  const target = await ledger.version(tenantId, version);
  if (target !== undefined) {
    const checked = checkStored(target.setup);
    const others = (await ledger.others([tenantId])).map(besideOf);
    const proved = checked.verdict === "refused" ? checked : proveStored(checked.setup, others, sha256);
    return await writeState(proved, command, terminal, `rollback --to ${version}`);
  }
  const kept = (await ledger.versions(tenantId)).map((one) => one.version);
  if (kept.length === 0) return unknownTenant(command, terminal);
  terminal.err(`Cannot roll tenant "${tenantId}" back to version ${version}: the kept versions are ${kept.join(", ")}`);
  return 1;
};

/** Changes a tenant's limits now; functions see it within the seconds for which they keep a tenant. */
export const changeLimits = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", limits = {}, table } = command;
  const { before, unreadable } = (await terminal.ledger(table).current(tenantId)) ?? {};
  if (before === undefined && unreadable !== undefined) throw new Error(unreadable);
  if (before === undefined) return unknownTenant(command, terminal);
  const { tenant } = before.setup;
  if (Object.keys(limits).length === 0) {
    const told = Object.entries(tenant.limits).map(([name, value]) => `${name} ${value}`);
    terminal.out(`${tenantId}: ${told.join(", ")}`);
    return 0;
  }
  const state = { ...before.setup, tenant: { ...tenant, limits: { ...tenant.limits, ...limits } } };
  const checked = checkStored(state);
  // Limits are no part of what is proved: the proof stays, and no other tenant's state can be in the way.
  const { proof } = before.setup;
  const kept =
    checked.verdict === "sound" && proof !== undefined ? { ...checked, setup: { ...checked.setup, proof } } : checked;
  const given = Object.entries(limits).map(([name, value]) => `${name} ${value}`);
  return await writeState(kept, command, terminal, `limits ${given.join(", ")}`);
};
