import { type FileFault, fileFaultLine } from "#adapters/files/file-fault.ts";
import { readPolicyWarnings } from "#adapters/files/policy-warnings.ts";
import { readTenantFiles, type TenantFiles } from "#adapters/files/tenant-files.ts";
import { policyNotes } from "#domain/tenant/check-policy.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Command } from "./command-line.ts";
import { many, type Terminal } from "./terminal.ts";

type SoundFiles = Extract<TenantFiles, { readonly verdict: "read" }>;

/** Something an author should know of a tenant that is no fault. */
interface Note {
  readonly tenantId: string;
  readonly message: string;
}

/** Sound files, and what their author should know of them all the same. */
export interface AcceptedFiles extends SoundFiles {
  readonly warnings: readonly FileFault[];
  readonly notes: readonly Note[];
}

/** The tenants of the folder, sound by themselves and beside each other; nothing where they are not, with every fault told. */
const readFiles = async ({ dir, name }: Command, { err }: Terminal): Promise<SoundFiles | undefined> => {
  const read = await readTenantFiles(dir);
  if (read.verdict === "read") return read;
  for (const fault of read.faults) err(fileFaultLine(fault));
  const head = read.verdict === "unproven" ? "Not proven" : "Not sound";
  const end = name === "tenants apply" ? ": nothing was applied" : "";
  err(`${head}: ${many(read.faults.length, "fault")}${end}`);
  return undefined;
};

export const readSetups = async (command: Command, terminal: Terminal): Promise<TenantSetup[] | undefined> =>
  (await readFiles(command, terminal))?.setups;

const warningLine = (warning: FileFault): string => `warning: ${fileFaultLine(warning)}`;

/** Reads the files and what IAM would take of them and never match, which `--strict` takes for faults; all faults are told. */
export const acceptFiles = async (command: Command, terminal: Terminal): Promise<AcceptedFiles | undefined> => {
  const warnings = await readPolicyWarnings(command.dir);
  const isRefused = (command.flags ?? []).includes("strict") && warnings.length > 0;
  if (isRefused) for (const warning of warnings) terminal.err(warningLine(warning));
  if (isRefused) terminal.err(`Cannot accept the files: ${many(warnings.length, "warning")}`);
  const read = await readFiles(command, terminal);
  if (read === undefined || isRefused) return undefined;
  const notes = read.setups.flatMap((setup) =>
    policyNotes(setup).map((message) => ({ tenantId: setup.tenant.tenantId, message })),
  );
  return { ...read, warnings, notes };
};

/** What the author of accepted files should know, a line each. */
export const warningLines = ({ warnings, notes }: AcceptedFiles): string[] => [
  ...warnings.map(warningLine),
  ...notes.map(({ tenantId, message }) => `tenants/${tenantId}.yaml: note: /policy ${message}`),
];
