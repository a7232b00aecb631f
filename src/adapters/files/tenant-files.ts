import * as z from "zod/mini";
import { type Fault, faultAt, faultsOf } from "#domain/fault.ts";
import type { ProofReport } from "#domain/proof/prove.ts";
import { proveSetup } from "#domain/tenant/check-proof.ts";
import { checkSetup } from "#domain/tenant/check-setup.ts";
import { jobTemplateSchema } from "#domain/tenant/job-template.ts";
import { managedPolicySchema } from "#domain/tenant/managed-policy.ts";
import { type PolicyTemplate, policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import type { SetupDocument, SetupDocuments, SetupFault } from "#domain/tenant/setup-documents.ts";
import { type Tenant, tenantSchema } from "#domain/tenant/tenant.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { type FileFault, inFileOrder } from "./file-fault.ts";
import { plainIssues } from "./plain-issues.ts";
import { readSetupFolder, type SetupFile, type SetupFolder, setupFile } from "./setup-folder.ts";
import { sha256 } from "./sha256.ts";

export type TenantFiles =
  | {
      readonly verdict: "read";
      readonly setups: TenantSetup[];
      /** All of the folder, also those that no tenant has. */
      readonly policyTemplates: readonly PolicyTemplate[];
      readonly report: ProofReport;
    }
  /** `unproven`: each is sound, and a proof fails. */
  | { readonly verdict: "refused" | "unproven"; readonly faults: FileFault[] };

/** One file, the document that it holds as far as it can be read, and what is wrong in it. */
interface Reading<T> {
  readonly file: SetupFile;
  readonly document: SetupDocument<T>;
  readonly faults: readonly FileFault[];
}

const locate = ({ path, yaml }: SetupFile, fault: Fault): FileFault => {
  const { document } = yaml;
  if (document === undefined) return { ...fault, file: path, line: 1, column: 1 };
  // A fault without a wanted value is about a field that is too much or missing: its name is what matters.
  const position = document.position(fault.pointer, fault.wanted === undefined ? "key" : "value");
  const unquoted = fault.wanted === "of type string" && document.isUnquoted(fault.pointer);
  const message = unquoted ? `${fault.message}: put it into quotes` : fault.message;
  return { ...fault, ...position, message, file: path };
};

const schemaFaults = (schema: z.ZodMiniType, value: unknown): Fault[] => {
  const parsed = z.safeParse(schema, value, { error: () => "" });
  return parsed.success ? [] : faultsOf(new z.core.$ZodError(plainIssues(parsed.error.issues)), value);
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Others find a document by its file's name, so the name inside it must be the same. */
const nameFaults = (file: SetupFile, field: string, value: unknown): Fault[] => {
  const written = isObject(value) ? value[field] : undefined;
  if (typeof written !== "string" || written === file.name) return [];
  return [faultAt([field], written, `"${file.name}", the name of its file`)];
};

const faultsIn = (file: SetupFile, field: string, schema: z.ZodMiniType): FileFault[] => {
  const { faults, document } = file.yaml;
  const ofText = faults.map((fault) => ({ ...fault, pointer: "", file: file.path }));
  if (document === undefined) return ofText;
  const ofValue = [...schemaFaults(schema, document.value), ...nameFaults(file, field, document.value)];
  return [...ofText, ...ofValue.map((fault) => locate(file, fault))];
};

const readTemplate = <T>(file: SetupFile, schema: z.ZodMiniType<T>): Reading<T> => {
  const parsed = z.safeParse(schema, file.yaml.document?.value);
  const base = { source: file.path, name: file.name };
  return {
    file,
    document: parsed.success ? { ...base, value: parsed.data } : base,
    faults: faultsIn(file, "name", schema),
  };
};

/** The sound fields of a tenant that has faults: they are checked against the other files all the same. */
const soundFields = (value: unknown): Partial<Tenant> => {
  if (!isObject(value)) return {};
  const sound = Object.entries(tenantSchema.shape).flatMap(([field, schema]) => {
    const parsed = z.safeParse(schema, Object.hasOwn(value, field) ? value[field] : undefined);
    return parsed.success && parsed.data !== undefined ? [[field, parsed.data]] : [];
  });
  return Object.fromEntries(sound);
};

const readTenant = (file: SetupFile): Reading<Partial<Tenant>> => ({
  file,
  document: { source: file.path, name: file.name, value: soundFields(file.yaml.document?.value) },
  faults: faultsIn(file, "tenantId", tenantSchema),
});

const setupOf = (
  file: SetupFile,
  { policyTemplates, jobTemplates, managedPolicies }: SetupDocuments,
  report: ProofReport,
): TenantSetup => {
  const tenant = z.parse(tenantSchema, file.yaml.document?.value);
  const policyTemplate = policyTemplates.find(({ name }) => name === tenant.policy.template)?.value;
  if (policyTemplate === undefined) throw new Error(`Tenant ${tenant.tenantId} has no policy template, this is a bug`);
  const named = jobTemplates.filter(({ name }) => tenant.jobTemplates.includes(name));
  const managed = managedPolicies.flatMap(({ value }) =>
    value !== undefined && tenant.policy.managedPolicyArns.includes(value.arn) ? [value] : [],
  );
  const proof = report.tenants.find(({ tenantId }) => tenantId === tenant.tenantId)?.proof;
  if (proof === undefined) throw new Error(`Tenant ${tenant.tenantId} has no proof, this is a bug`);
  return {
    tenant,
    policyTemplate,
    jobTemplates: named.flatMap(({ value }) => (value === undefined ? [] : [value])),
    ...(managed.length > 0 && { managedPolicies: managed }),
    proof,
  };
};

/**
 * The tenants of a folder: `tenants/*.yaml` with the `policies/*.yaml`, `policies/managed/*.json` and `templates/*.yaml`
 * that they name. Either all of them, checked each by itself and against each other and proved to reach none of the
 * others' data, or every fault of every file with its line.
 */
export const readTenantFiles = async (directory: string): Promise<TenantFiles> =>
  checkFolder(await readSetupFolder(directory));

/** As if the folder had one tenant more, in a file that is not there yet. */
export const readWithTenant = async (directory: string, tenantId: string, text: string): Promise<TenantFiles> => {
  const folder = await readSetupFolder(directory);
  const added = setupFile("tenants", tenantId, text);
  // A folder without tenants is a fault as long as it is one.
  const faults = folder.tenants.length === 0 ? folder.faults.slice(0, -1) : folder.faults;
  return checkFolder({ ...folder, faults, tenants: [...folder.tenants, added] });
};

/** The names of a folder's templates, and what each policy template asks of a tenant; of those that can be read. */
export const readTemplates = async (directory: string) => {
  const folder = await readSetupFolder(directory);
  const policies = folder.policies.flatMap((file) => readTemplate(file, policyTemplateSchema).document.value ?? []);
  return { policies, jobs: folder.templates.map(({ name }) => name), tenants: folder.tenants.map(({ name }) => name) };
};

const checkFolder = (folder: SetupFolder): TenantFiles => {
  const tenants = folder.tenants.map(readTenant);
  const policyTemplates = folder.policies.map((file) => readTemplate(file, policyTemplateSchema));
  const jobTemplates = folder.templates.map((file) => readTemplate(file, jobTemplateSchema));
  const managedPolicies = folder.managedPolicies.map((file) => readTemplate(file, managedPolicySchema));
  const documents = {
    tenants: tenants.map(({ document }) => document),
    policyTemplates: policyTemplates.map(({ document }) => document),
    jobTemplates: jobTemplates.map(({ document }) => document),
    managedPolicies: managedPolicies.map(({ document }) => document),
  };
  const readings = [...tenants, ...policyTemplates, ...jobTemplates, ...managedPolicies];
  const unsound = checkSetup(documents);
  const { report, faults: unproven } = proveSetup(documents, unsound, sha256);
  const located = (faults: readonly SetupFault[]): FileFault[] =>
    faults.flatMap(({ source, ...fault }) =>
      readings.filter(({ file }) => file.path === source).map(({ file }) => locate(file, fault)),
    );
  const faults = [...folder.faults, ...readings.flatMap((reading) => reading.faults), ...located(unsound)];
  if (faults.length + unproven.length > 0) {
    const verdict = faults.length > 0 ? "refused" : "unproven";
    return { verdict, faults: inFileOrder([...faults, ...located(unproven)]) };
  }
  return {
    verdict: "read",
    setups: folder.tenants.map((file) => setupOf(file, documents, report)),
    policyTemplates: documents.policyTemplates.flatMap(({ value }) => value ?? []),
    report,
  };
};
