import * as z from "zod/mini";
import { type Fault, faultsOf } from "#domain/fault.ts";
import type { Digest } from "#domain/request/request-key.ts";
import { proveSetup } from "./check-proof.ts";
import { checkSetup } from "./check-setup.ts";
import { jobTemplateSchema } from "./job-template.ts";
import { policyTemplateSchema } from "./policy-template.ts";
import { tenantSchema } from "./tenant.ts";
import type { TenantSetup } from "./tenant-setup.ts";

/** A setup that is sound by today's rules, or all that is wrong with it, each in its document. */
export type CheckedSetup =
  | { readonly verdict: "sound"; readonly setup: TenantSetup }
  | { readonly verdict: "refused"; readonly faults: readonly (Fault & { readonly source: string })[] };

const shapeFaults = (source: string, schema: z.ZodMiniType, value: unknown): (Fault & { source: string })[] => {
  const parsed = z.safeParse(schema, value, { error: () => "" });
  return parsed.success ? [] : faultsOf(parsed.error, value).map((fault) => ({ ...fault, source }));
};

/**
 * Judges a setup that comes from the table and not from files: it may be of a time with other rules. It is proved for any two
 * tenants; whether it stays apart from the others of the table is judged where it is written.
 */
export const checkStored = (
  { tenant, policyTemplate, jobTemplates, managedPolicies = [] }: TenantSetup,
  digest: Digest,
): CheckedSetup => {
  const faults = [
    ...shapeFaults("tenant", tenantSchema, tenant),
    ...shapeFaults(`policy template ${policyTemplate.name}`, policyTemplateSchema, policyTemplate),
    ...jobTemplates.flatMap((one) => shapeFaults(`job template ${one.name}`, jobTemplateSchema, one)),
  ];
  if (faults.length > 0) return { verdict: "refused", faults };
  const setup = {
    tenant: z.parse(tenantSchema, tenant),
    policyTemplate: z.parse(policyTemplateSchema, policyTemplate),
    jobTemplates: jobTemplates.map((one) => z.parse(jobTemplateSchema, one)),
  };
  const documents = {
    tenants: [{ source: "tenant", name: setup.tenant.tenantId, value: setup.tenant }],
    policyTemplates: [
      { source: `policy template ${policyTemplate.name}`, name: policyTemplate.name, value: setup.policyTemplate },
    ],
    jobTemplates: setup.jobTemplates.map((value) => ({
      source: `job template ${value.name}`,
      name: value.name,
      value,
    })),
    managedPolicies: managedPolicies.map((value) => ({ source: value.arn, name: value.arn, value })),
  };
  const between = checkSetup(documents);
  const { report, faults: unproven } = proveSetup(documents, between, digest);
  const wrong = [...between, ...unproven];
  const proof = report.tenants[0]?.proof;
  if (wrong.length > 0 || proof === undefined) return { verdict: "refused", faults: wrong };
  return { verdict: "sound", setup: { ...setup, ...(managedPolicies.length > 0 && { managedPolicies }), proof } };
};
