import { pointerOf } from "#domain/fault.ts";
import type { Breach } from "#domain/proof/breach.ts";
import type { Provable } from "#domain/proof/provable.ts";
import { type ProofReport, prove } from "#domain/proof/prove.ts";
import type { Digest } from "#domain/request/request-key.ts";
import { draftsOf, type SetupDocuments, type SetupFault, type TenantDraft } from "./setup-documents.ts";

const provableOf = (
  { tenant, tenantId }: TenantDraft,
  { policyTemplates, managedPolicies }: SetupDocuments,
): Provable[] => {
  const { policy } = tenant;
  const policyTemplate = policyTemplates.find(({ name }) => name === policy?.template)?.value;
  if (policy === undefined || policyTemplate === undefined) return [];
  return [
    {
      tenant: { tenantId, policy },
      policyTemplate,
      managedPolicies: managedPolicies.flatMap(({ value }) => value ?? []),
    },
  ];
};

/** Where a breach stands: in the tenant's file, or in the policy template's. */
const sourceOf = ({ inTenant, tenantId, template }: Breach, documents: SetupDocuments): string | undefined => {
  const sources = inTenant
    ? draftsOf(documents).filter((draft) => draft.tenantId === tenantId)
    : documents.policyTemplates.filter(({ name }) => name === template);
  return sources[0]?.source;
};

/** Documents without what has faults: nothing that follows from a mistake is told besides it. */
const withoutUnsound = (documents: SetupDocuments, faults: readonly SetupFault[]): SetupDocuments => {
  const unsound = new Set(faults.map(({ source }) => source));
  const sound = <T extends { readonly source: string }>(all: readonly T[]): T[] =>
    all.filter(({ source }) => !unsound.has(source));
  return { ...documents, tenants: sound(documents.tenants), policyTemplates: sound(documents.policyTemplates) };
};

/**
 * Proves the tenants of a setup, and every policy template of it, as far as they have no other faults; and what is not
 * proven as faults of the files.
 */
export const proveSetup = (
  given: SetupDocuments,
  unsound: readonly SetupFault[],
  digest: Digest,
): { readonly report: ProofReport; readonly faults: readonly SetupFault[] } => {
  const documents = withoutUnsound(given, unsound);
  const provables = draftsOf(documents).flatMap((draft) => provableOf(draft, documents));
  const templates = documents.policyTemplates.flatMap(({ value }) => (value === undefined ? [] : [value]));
  const report = prove(provables, { digest, templates });
  const faults = report.breaches.map((breach) => ({
    pointer: pointerOf(breach.path),
    message: breach.message,
    source: sourceOf(breach, documents) ?? documents.policyTemplates[0]?.source ?? "",
  }));
  return { report, faults };
};
