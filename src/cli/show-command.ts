import { stringify } from "yaml";
import { readablePolicy } from "#domain/tenant/check-policy.ts";
import { tenantChange } from "#domain/tenant/tenant-changes.ts";
import { proofsOf } from "#domain/tenant/tenant-setup.ts";
import type { Edit, TenantVersion } from "#domain/tenant/tenant-version.ts";
import type { Line } from "#domain/turns/line.ts";
import type { Command } from "./command-line.ts";
import { tenantLines } from "./plan-text.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const editText = (edit: Edit | undefined): string =>
  edit === undefined ? "stored before edits were recorded" : `${edit.at}, ${edit.by}, ${edit.command}`;

const lineText = ({ active, waiting, suspended }: Line, { setup }: TenantVersion): string[] => {
  const { maxActive, maxWaiting, weight } = setup.tenant.limits;
  return [
    `slots: ${active.length} of ${maxActive} taken, ${waiting} of ${maxWaiting} wait, weight ${weight}`,
    ...(suspended === undefined ? [] : [`paused: ${suspended}`]),
  ];
};

const shownText = (shown: TenantVersion, line: Line | undefined): string[] => {
  const { setup, version, edit } = shown;
  const policy = readablePolicy(setup);
  return [
    `${setup.tenant.tenantId}, version ${version}: ${editText(edit)}`,
    ...(line === undefined ? [] : lineText(line, shown)),
    `execution policy: ${policy.characters} of ${policy.most} characters`,
    policy.text,
    "proofs:",
    ...proofsOf(setup.tenant).map((proof) => `  ${proof}`),
    "",
    stringify(setup.tenant).trimEnd(),
  ];
};

const shownJson = ({ setup, ...version }: TenantVersion, line: Line | undefined): string =>
  JSON.stringify({ ...version, ...setup, ...(line !== undefined && { line }), policy: readablePolicy(setup) }, null, 2);

/** A tenant as the table has it, or one of its versions. */
export const showTenant = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", table, version, flags = [] } = command;
  const ledger = terminal.ledger(table);
  const current = version === undefined ? await ledger.current(tenantId) : undefined;
  if (current?.unreadable !== undefined) throw new Error(current.unreadable);
  const shown = version === undefined ? current?.before : await ledger.version(tenantId, version);
  if (shown === undefined) {
    const what = version === undefined ? `tenant "${tenantId}"` : `version ${version} of tenant "${tenantId}"`;
    terminal.err(`Cannot show ${what}: table "${table}" does not have it`);
    return 1;
  }
  const line = version === undefined ? await ledger.line(tenantId) : undefined;
  const lines = flags.includes("json") ? [shownJson(shown, line)] : shownText(shown, line);
  for (const text of lines) terminal.out(text);
  return 0;
};

/** A run that was cut off may have stored a version that is not among the kept ones yet. */
const withCurrent = (kept: readonly TenantVersion[], current: TenantVersion | undefined): readonly TenantVersion[] =>
  current === undefined || kept.some(({ version }) => version === current.version) ? kept : [current, ...kept];

/** The versions of a tenant, the newest first, each with what it changed. */
export const showHistory = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", table, flags = [] } = command;
  const ledger = terminal.ledger(table);
  const current = await ledger.current(tenantId);
  const versions = withCurrent(await ledger.versions(tenantId), current?.before);
  if (versions.length === 0) {
    terminal.err(`Cannot tell the history of tenant "${tenantId}": table "${table}" has nothing of it`);
    return 1;
  }
  const told = versions.map(({ setup, version, edit }, at) => {
    const earlier = versions[at + 1]?.setup;
    return { version, ...edit, change: tenantChange(tenantId, earlier, setup), edit, oldest: earlier === undefined };
  });
  if (flags.includes("json")) {
    const entries = told.map(({ edit: _edit, oldest: _oldest, ...entry }) => entry);
    terminal.out(JSON.stringify({ tenantId, removed: current === undefined, versions: entries }, null, 2));
    return 0;
  }
  if (current === undefined) terminal.out(`${tenantId} is removed: table "${table}" has only its earlier versions`);
  for (const { version, edit, change, oldest } of told) {
    terminal.out(`version ${version}: ${editText(edit)}`);
    const [, ...lines] = oldest ? [] : tenantLines({ ...change, version: 0 });
    for (const line of lines) terminal.out(line);
  }
  return 0;
};
