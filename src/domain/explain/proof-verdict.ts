import { provedPolicy } from "#domain/plan/proved-policy.ts";
import { valuesOf } from "#domain/proof/provable.ts";
import { textOf } from "#domain/proof/prove-tenants.ts";
import { summary } from "#domain/request/job-request.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";

/**
 * Whether the execution policy of the tenant's jobs is the one that was proved, and what it was proved to stay in; or why it
 * would start nothing. docs/proof.md says what the proof shows.
 */
export type ProofVerdict =
  | {
      readonly verdict: "proved";
      readonly proofId: string;
      readonly policyTemplate: string;
      /** The tenant's own ARNs; what only a job knows stays a placeholder. */
      readonly territory: readonly string[];
      /** What every tenant may reach. */
      readonly shared: readonly { readonly actions: readonly string[]; readonly resources: readonly string[] }[];
      /** Managed policies whose documents were proved with it. */
      readonly managedPolicyArns: readonly string[];
      /** Escalations that the tenant's file acknowledges, and that the proof leaves out for that. */
      readonly acknowledged: readonly string[];
    }
  | { readonly verdict: "not-proved"; readonly message: string };

/** Holds the policy that a job would have against the proof, as the plan does; without a planned job, by any application. */
export const proofVerdict = (setup: TenantSetup, submissionId: string, applicationId?: string): ProofVerdict => {
  const { tenant, policyTemplate } = setup;
  const [anyApplication = ""] = Object.values(tenant.applications);
  const proved = provedPolicy(setup, { submissionId, applicationId: applicationId ?? anyApplication });
  if (proved.verdict === "refused") return { verdict: "not-proved", message: summary(proved.faults) };
  const values = valuesOf(setup) ?? {};
  const filled = (texts: readonly string[]): string[] => texts.map((text) => textOf(text, values));
  return {
    verdict: "proved",
    proofId: proved.proofId,
    policyTemplate: policyTemplate.name,
    territory: filled(policyTemplate.territory),
    shared: policyTemplate.shared.map(({ actions, resources }) => ({ actions, resources: filled(resources) })),
    managedPolicyArns: tenant.policy.managedPolicyArns,
    acknowledged: tenant.policy.acknowledged.map(({ action }) => action),
  };
};
