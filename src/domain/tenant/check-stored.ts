import * as z from "zod/mini";
import { type Fault, faultsOf, pointerOf } from "#domain/fault.ts";
import type { Breach } from "#domain/proof/breach.ts";
import { prove } from "#domain/proof/prove.ts";
import type { Digest } from "#domain/request/request-key.ts";
import { checkSetup } from "./check-setup.ts";
import { jobTemplateSchema } from "./job-template.ts";
import { managedPolicySchema } from "./managed-policy.ts";
import { policyTemplateSchema } from "./policy-template.ts";
import { tenantSchema } from "./tenant.ts";
import type { TenantSetup } from "./tenant-setup.ts";

/** A fault in one of the documents of a stored setup. */
type StoredFault = Fault & { readonly source: string };

/** A setup that is sound by today's rules, or all that is wrong with it, each in its document. */
export type CheckedSetup =
  | { readonly verdict: "sound"; readonly setup: TenantSetup }
  | { readonly verdict: "refused"; readonly faults: readonly StoredFault[] };

/** A document of the setup under the name that messages give it. */
const read = <T>(source: string, schema: z.ZodMiniType<T>, given: unknown, faults: StoredFault[]) => {
  const parsed = z.safeParse(schema, given, { error: () => "" });
  if (parsed.success) return { source, value: parsed.data };
  faults.push(...faultsOf(parsed.error, given).map((fault) => ({ ...fault, source })));
  return { source };
};

const parse = ({ tenant, policyTemplate, jobTemplates, managedPolicies = [] }: TenantSetup) => {
  const faults: StoredFault[] = [];
  const own = read("tenant", tenantSchema, tenant, faults);
  const policySource = `policy template ${policyTemplate.name}`;
  const policy = { name: policyTemplate.name, ...read(policySource, policyTemplateSchema, policyTemplate, faults) };
  const documents = {
    tenants: [{ name: tenant.tenantId, ...own }],
    policyTemplates: [policy],
    jobTemplates: jobTemplates.map((one) => ({
      name: one.name,
      ...read(`job template ${one.name}`, jobTemplateSchema, one, faults),
    })),
    managedPolicies: managedPolicies.map((one) => ({
      name: one.arn,
      ...read(`managed policy ${one.arn}`, managedPolicySchema, one, faults),
    })),
  };
  return { documents, tenant: own.value, policyTemplate: policy.value, faults };
};

/** A setup in the form of today, where it has one. */
const renewed = (stored: TenantSetup): TenantSetup | undefined => {
  const { documents, tenant, policyTemplate, faults } = parse(stored);
  if (faults.length > 0 || tenant === undefined || policyTemplate === undefined) return undefined;
  const managedPolicies = documents.managedPolicies.flatMap(({ value }) => value ?? []);
  return {
    tenant,
    policyTemplate,
    jobTemplates: documents.jobTemplates.flatMap(({ value }) => value ?? []),
    ...(managedPolicies.length > 0 && { managedPolicies }),
  };
};

const breachFault = ({ message, path, inTenant, template }: Breach): StoredFault => ({
  source: inTenant === true ? "tenant" : `policy template ${template}`,
  pointer: pointerOf(path),
  message,
});

const unknown = (tenantId: string): StoredFault => ({
  source: "tenant",
  pointer: "",
  message: `cannot be proved to stay apart from tenant "${tenantId}", which is of a time with other rules: apply that one first`,
});

/**
 * Judges a setup that comes from the table and not from files: it may be of a time with other rules. Whether it stays
 * apart from other tenants is judged by `proveStored`, and where it is written.
 */
export const checkStored = (stored: TenantSetup): CheckedSetup => {
  const { documents, faults } = parse(stored);
  const found = faults.length > 0 ? faults : checkSetup(documents);
  const setup = renewed(stored);
  if (found.length > 0 || setup === undefined) return { verdict: "refused", faults: found };
  return { verdict: "sound", setup };
};

/** Proves a setup beside the other tenants of the table by the rules of today, and hands it back with its proof. */
export const proveStored = (setup: TenantSetup, others: readonly TenantSetup[], digest: Digest): CheckedSetup => {
  const { tenantId } = setup.tenant;
  const judged = others.map((one) => ({ id: one.tenant.tenantId, setup: renewed(one) }));
  const unjudged = judged.filter((one) => one.setup === undefined);
  if (unjudged.length > 0) return { verdict: "refused", faults: unjudged.map(({ id }) => unknown(id)) };
  const report = prove([setup, ...judged.flatMap((one) => one.setup ?? [])], { digest });
  const proof = report.tenants.find((one) => one.tenantId === tenantId)?.proof;
  if (proof !== undefined) return { verdict: "sound", setup: { ...setup, proof } };
  return { verdict: "refused", faults: report.breaches.map(breachFault) };
};
