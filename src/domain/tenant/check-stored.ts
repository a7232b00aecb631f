import * as z from "zod/mini";
import { type Fault, faultsOf, pointerOf } from "#domain/fault.ts";
import type { Breach } from "#domain/proof/breach.ts";
import { valuesOf } from "#domain/proof/provable.ts";
import { prove, todaysBreaches } from "#domain/proof/prove.ts";
import type { Digest } from "#domain/request/request-key.ts";
import { checkSetup } from "./check-setup.ts";
import { jobTemplateSchema } from "./job-template.ts";
import { managedPolicySchema } from "./managed-policy.ts";
import { policyTemplateSchema } from "./policy-template.ts";
import { tenantSchema } from "./tenant.ts";
import type { TenantSetup } from "./tenant-setup.ts";

/** A fault in one of the documents of a stored setup. */
type StoredFault = Fault & { readonly source: string };

/** One line: the document, the field and what is wrong. */
export const faultLine = ({ source, pointer, message }: StoredFault): string =>
  [`${source}:`, pointer, message].filter((part) => part !== "").join(" ");

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

const breachFault = ({ message, path, inTenant, template, tenantId }: Breach): StoredFault => ({
  source: inTenant === true ? `tenant ${tenantId}` : `policy template ${template}`,
  pointer: pointerOf(path),
  message,
});

const unknown = (tenantId: string, remedy: string): StoredFault => ({
  source: `tenant ${tenantId}`,
  pointer: "",
  message: `cannot be judged by the rules of today, so nothing stays apart from it for certain: ${remedy}`,
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

/** What the table has of a tenant: nothing where it cannot be read. */
export interface Beside {
  readonly tenantId: string;
  readonly setup: TenantSetup | undefined;
}

/** The others as they can be judged today, and those that cannot. */
const judged = (others: readonly Beside[]) => {
  const all = others.map(({ tenantId, setup: stored }) => {
    const setup = stored && renewed(stored);
    // Without values that fit there is nothing to compare.
    return { tenantId, setup: setup !== undefined && valuesOf(setup) !== undefined ? setup : undefined };
  });
  return {
    setups: all.flatMap(({ setup }) => setup ?? []),
    unjudged: all.filter(({ setup }) => setup === undefined).map(({ tenantId }) => tenantId),
  };
};

/** Proves a setup beside the other tenants of the table by the rules of today, and hands it back with its proof. */
export const proveStored = (setup: TenantSetup, others: readonly Beside[], digest: Digest): CheckedSetup => {
  const { tenantId } = setup.tenant;
  const { setups, unjudged } = judged(others);
  if (unjudged.length > 0) {
    return { verdict: "refused", faults: unjudged.map((one) => unknown(one, "apply it first")) };
  }
  const report = prove([setup, ...setups], { digest });
  const proof = report.tenants.find((one) => one.tenantId === tenantId)?.proof;
  if (proof !== undefined) return { verdict: "sound", setup: { ...setup, proof } };
  return { verdict: "refused", faults: report.breaches.map(breachFault) };
};

/**
 * Why setups that were proved among themselves are not proved to stay apart from tenants that have no file and are served
 * all the same; nothing where all of them, with the values that they have, are by the rules of today.
 */
export const strayFaults = (setups: readonly TenantSetup[], strays: readonly Beside[]): readonly StoredFault[] => {
  if (strays.length === 0) return [];
  const known = judged(strays);
  const breaches = todaysBreaches([...setups, ...known.setups]);
  return [
    ...known.unjudged.map((one) => unknown(one, `give it a file, or remove it with "sluice tenants remove ${one}"`)),
    ...breaches.map(breachFault),
  ];
};
