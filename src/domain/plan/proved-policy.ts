import { type Fault, faultAt } from "#domain/fault.ts";
import { fill } from "#domain/placeholder.ts";
import type { TenantProof } from "#domain/proof/provable.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { renderExecutionPolicy } from "./execution-policy.ts";
import { mergedPolicy } from "./merged-policy.ts";
import type { StartJobRunInput } from "./start-job-run-input.ts";

interface JobIds {
  readonly submissionId: string;
  readonly applicationId: string;
}

/** What the proof takes a job's ids to be: EMR Serverless's ClientToken and ApplicationId (service model 2021-07-13). */
const forms = { "submission.id": /^[A-Za-z0-9._-]{1,64}$/, "application.id": /^[0-9a-z]{1,64}$/ };

/** What was proved, merged as a job's policy is: the same for all jobs of a tenant's state. */
const mergedText = ({ policy }: TenantProof): string => JSON.stringify(mergedPolicy(JSON.parse(policy)));

const mergedOf = new WeakMap<TenantProof, string>();

const provedText = (proof: TenantProof): string => {
  const known = mergedOf.get(proof) ?? mergedText(proof);
  mergedOf.set(proof, known);
  return known;
};

/** Whether a job's policy is the one that was proved: merged the same text but for the job's ids, and the same managed policies. */
export const isProved = (
  proof: TenantProof,
  rendered: StartJobRunInput["executionIamPolicy"],
  { submissionId, applicationId }: JobIds,
): boolean => {
  const ids: Readonly<Record<string, string>> = { "submission.id": submissionId, "application.id": applicationId };
  const given = rendered.policyArns ?? [];
  return (
    forms["submission.id"].test(submissionId) &&
    forms["application.id"].test(applicationId) &&
    rendered.policy === fill(provedText(proof), (name) => ids[name] ?? "") &&
    given.length === proof.policyArns.length &&
    given.every((arn, at) => arn === proof.policyArns[at])
  );
};

export type ProvedPolicy =
  | {
      readonly verdict: "proved";
      readonly executionIamPolicy: StartJobRunInput["executionIamPolicy"];
      readonly proofId: string;
    }
  | { readonly verdict: "refused"; readonly faults: readonly Fault[] };

/**
 * The execution policy of one job, rendered and held against what was proved of its tenant. A policy that was not
 * proved starts nothing, whoever made it.
 */
export const provedPolicy = ({ tenant, policyTemplate, proof }: TenantSetup, job: JobIds): ProvedPolicy => {
  const { tenantId } = tenant;
  const { variables, managedPolicyArns } = tenant.policy;
  const rendered = renderExecutionPolicy(policyTemplate, { tenantId, ...job, variables });
  if (rendered.verdict === "refused") return rendered;
  const executionIamPolicy = {
    policy: rendered.policy,
    ...(managedPolicyArns.length > 0 && { policyArns: managedPolicyArns }),
  };
  if (proof === undefined || !isProved(proof, executionIamPolicy, job)) {
    const wanted = `the policy that was proved of tenant "${tenantId}": apply the tenants again`;
    return { verdict: "refused", faults: [faultAt(["policy"], proof?.proofId ?? "no proof", wanted)] };
  }
  return { verdict: "proved", executionIamPolicy, proofId: proof.proofId };
};
