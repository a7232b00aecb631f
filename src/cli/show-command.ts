import { stringify } from "yaml";
import type { StoredTenant } from "#adapters/aws/tenant-items.ts";
import type { TenantProof } from "#domain/proof/provable.ts";
import { readablePolicy } from "#domain/tenant/check-policy.ts";
import { tenantChange } from "#domain/tenant/tenant-changes.ts";
import { proofsOf } from "#domain/tenant/tenant-setup.ts";
import type { Edit, TenantVersion } from "#domain/tenant/tenant-version.ts";
import type { Line } from "#domain/turns/line.ts";
import { budgetText, longestText } from "./budget-text.ts";
import type { Command } from "./command-line.ts";
import { tenantLines } from "./plan-text.ts";
import { brokenRecord } from "./tenant-plan.ts";
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

/** A submission has the id of the proof that its job was held to. */
const proofText = (proof: TenantProof | undefined): string =>
  proof === undefined ? "proof: none, so its jobs do not start: apply it" : `proof: ${proof.proofId}`;

const shownText = (shown: TenantVersion, line: Line | undefined, broken: string | undefined): string[] => {
  const { setup, version, edit } = shown;
  const policy = readablePolicy(setup);
  return [
    `${setup.tenant.tenantId}, version ${version}: ${editText(edit)}`,
    ...(broken === undefined ? [] : [broken]),
    ...(line === undefined ? [] : lineText(line, shown)),
    `execution policy: ${budgetText(policy)}`,
    longestText(policy.longestValues),
    policy.text,
    proofText(setup.proof),
    "proved by:",
    ...proofsOf(setup.tenant).map((proof) => `  ${proof}`),
    "",
    stringify(setup.tenant).trimEnd(),
  ];
};

const shownJson = (
  { setup, ...version }: TenantVersion,
  line: Line | undefined,
  unreadable: string | undefined,
): string => JSON.stringify({ ...version, unreadable, ...setup, line, policy: readablePolicy(setup) }, null, 2);

/** A tenant as the table has it, or one of its versions. */
export const showTenant = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", table, version, flags = [] } = command;
  const ledger = terminal.ledger(table);
  const current = version === undefined ? await ledger.current(tenantId) : undefined;
  const shown = version === undefined ? current?.before : await ledger.version(tenantId, version);
  if (shown === undefined && current?.unreadable !== undefined) throw new Error(current.unreadable);
  if (shown === undefined) {
    const what = version === undefined ? `tenant "${tenantId}"` : `version ${version} of tenant "${tenantId}"`;
    terminal.err(`Cannot show ${what}: table "${table}" does not have it`);
    return 1;
  }
  const line = version === undefined ? await ledger.line(tenantId) : undefined;
  const broken = current && brokenRecord(current);
  const lines = flags.includes("json") ? [shownJson(shown, line, broken)] : shownText(shown, line, broken);
  for (const text of lines) terminal.out(text);
  return 0;
};

/** A run that was cut off may have stored a version that is not among the kept ones yet. */
const withCurrent = (kept: readonly StoredTenant[], current: StoredTenant | undefined): readonly StoredTenant[] =>
  current === undefined || kept.some(({ version }) => version === current.version) ? kept : [current, ...kept];

/** One version and what it changed: nothing is said of what it came after, where that cannot be read. */
const entryOf = ({ tenantId, version, before, unreadable }: StoredTenant, earlier: StoredTenant | undefined) => {
  const from = earlier?.before?.setup;
  const change = from && before && tenantChange(tenantId, from, before.setup);
  const proofId = before?.setup.proof?.proofId;
  const isNewProof = proofId !== undefined && proofId !== from?.proof?.proofId;
  return {
    version,
    edit: before?.edit,
    proofId,
    isNewProof,
    ...(unreadable !== undefined && { unreadable }),
    ...(change && { change }),
  };
};

/** A proof stands at the version that it came with: it holds for the later ones up to the next. */
const entryLines = (entry: ReturnType<typeof entryOf>): string[] => {
  const { version, edit, proofId, isNewProof, unreadable, change } = entry;
  const [, ...lines] = change === undefined ? [] : tenantLines({ ...change, version: 0 });
  const proof = isNewProof ? [`    proof: ${proofId}`] : [];
  return [`version ${version}: ${unreadable ?? editText(edit)}`, ...proof, ...lines];
};

/** The versions of a tenant, the newest first, each with what it changed. */
export const showHistory = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operand: tenantId = "", table, flags = [] } = command;
  const ledger = terminal.ledger(table);
  const current = await ledger.current(tenantId);
  const versions = withCurrent(await ledger.versions(tenantId), current);
  if (versions.length === 0) {
    terminal.err(`Cannot tell the history of tenant "${tenantId}": table "${table}" has nothing of it`);
    return 1;
  }
  const entries = versions.map((one, at) => entryOf(one, versions[at + 1]));
  if (flags.includes("json")) {
    const told = entries.map(({ edit, isNewProof: _told, ...entry }) => ({ ...entry, ...edit }));
    terminal.out(JSON.stringify({ tenantId, removed: current === undefined, versions: told }, null, 2));
    return 0;
  }
  if (current === undefined) terminal.out(`${tenantId} is removed: table "${table}" has only its earlier versions`);
  for (const line of entries.flatMap(entryLines)) terminal.out(line);
  return 0;
};
