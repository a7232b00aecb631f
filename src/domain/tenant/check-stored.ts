import * as z from "zod/mini";
import { type Fault, faultsOf } from "#domain/fault.ts";
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
 * Judges a setup that comes from the table and not from files: it may be of a time with other rules. Whether it stays
 * apart from other tenants is judged where it is written, against those of the table.
 */
export const checkStored = ({ tenant, policyTemplate, jobTemplates }: TenantSetup): CheckedSetup => {
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
  const between = checkSetup({
    tenants: [{ source: "tenant", name: setup.tenant.tenantId, value: setup.tenant }],
    policyTemplates: [
      { source: `policy template ${policyTemplate.name}`, name: policyTemplate.name, value: setup.policyTemplate },
    ],
    jobTemplates: setup.jobTemplates.map((value) => ({
      source: `job template ${value.name}`,
      name: value.name,
      value,
    })),
  });
  return between.length > 0 ? { verdict: "refused", faults: between } : { verdict: "sound", setup };
};
