import { readFile } from "node:fs/promises";
import { fileFaultLine } from "#adapters/files/file-fault.ts";
import { readTenantFiles } from "#adapters/files/tenant-files.ts";
import { type Explanation, explainPlan, explainSubmission } from "#domain/explain/explain-submission.ts";
import type { Services } from "#domain/ports.ts";
import { parseJobRequestText } from "#domain/request/job-request.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Command } from "./command-line.ts";
import { explanationLines } from "./explanation-text.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

/** What an explanation needs besides files and tables. */
export interface ExplainSurroundings extends Pick<Services, "prices" | "digest" | "newId"> {
  readonly region: string;
}

type Found = { readonly setup: TenantSetup } | { readonly faults: readonly string[] };

const fromFiles = async ({ dir }: Command, tenantId: string): Promise<Found> => {
  const read = await readTenantFiles(dir);
  if (read.verdict !== "read") return { faults: read.faults.map(fileFaultLine) };
  const setup = read.setups.find(({ tenant }) => tenant.tenantId === tenantId);
  return setup === undefined ? { faults: [`no file tenants/${tenantId}.yaml in "${dir}"`] } : { setup };
};

const fromTable = async ({ table }: Command, tenantId: string, { ledger }: Terminal): Promise<Found> => {
  const current = await ledger(table).current(tenantId);
  if (current?.before !== undefined) return { setup: current.before.setup };
  return { faults: [current?.unreadable ?? `table "${table}" does not have it`] };
};

type Text = { readonly text: string } | { readonly faults: readonly string[] };

const faultsIn = (part: Found | Text): readonly string[] => ("faults" in part ? part.faults : []);

/** The text of a file, or why there is none. */
const textOf = async (file: string): Promise<Text> => {
  try {
    return { text: await readFile(file, "utf8") };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return { faults: [`<file> must be a file that can be read (${error.code}): current value is "${file}"`] };
  }
};

/** A job request as the http door would take it from a caller of the tenant's. */
const deliveryOf = (text: string, setup: TenantSetup, by: string, newId: string): Delivery => ({
  setup,
  door: "http",
  caller: `terminal:${by}`,
  parsed: parseJobRequestText(text, Buffer.byteLength(text)),
  text,
  fallback: { kind: "none", newId },
});

/** Explains a job request that stands in a file: from the tenants' files, or with `--table` from the table as it is now. */
export const explainFile = async (command: Command, terminal: Terminal): Promise<ExitCode> => {
  const { operands: [tenantId = "", file = ""] = [], table, fromTable: isOfTable = false, flags = [] } = command;
  const found = isOfTable ? await fromTable(command, tenantId, terminal) : await fromFiles(command, tenantId);
  const read = await textOf(file);
  if ("faults" in found || "faults" in read) {
    for (const fault of [found, read].flatMap(faultsIn)) terminal.err(fault);
    terminal.err(`Cannot explain a job request of tenant "${tenantId}"`);
    return 1;
  }
  const { prices, digest, newId, region } = terminal.explaining();
  const delivery = deliveryOf(read.text, found.setup, terminal.by, newId());
  const planning = { prices, digest, now: terminal.now };
  const explanation: Explanation = isOfTable
    ? await explainSubmission({ ...planning, ...terminal.ledger(table).reads }, delivery, { region })
    : explainPlan(planning, delivery, { region });
  const lines = flags.includes("json") ? [JSON.stringify(explanation, null, 2)] : explanationLines(explanation);
  for (const line of lines) terminal.out(line);
  return explanation.verdict === "refused" ? 1 : 0;
};
