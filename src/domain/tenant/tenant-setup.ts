import type { JobTemplate } from "./job-template.ts";
import type { PolicyTemplate } from "./policy-template.ts";
import type { Tenant } from "./tenant.ts";

/** A tenant with all that its jobs are planned from: its file, its policy template and its job templates, of one version. */
export interface TenantSetup {
  readonly tenant: Tenant;
  readonly policyTemplate: PolicyTemplate;
  readonly jobTemplates: readonly JobTemplate[];
}

/**
 * What AWS can prove about a request, as one comparable text: `caller#iam:arn:…`, `queue#arn:…`, `source#acme.jobs`,
 * `account#111122223333`, `bucket#acme-inbox`, `schedule#arn:…`.
 */
export type Proof = `${"caller" | "queue" | "source" | "account" | "bucket" | "schedule"}#${string}`;

/** STS session ARNs carry no role path, and role names are unique in an account without it: paths are left out. */
const withoutRolePath = (caller: string): string =>
  caller.replace(/^(iam:arn:[^:]+:iam::\d+:role)\/.*\/([^/]+)$/, "$1/$2");

/** Everything by which a tenant can be proved. Only a bucket may prove several tenants: its triggers then tell them apart. */
export const proofsOf = (tenant: Tenant): Proof[] => {
  const proofs: Proof[] = [
    ...tenant.callers.map((caller) => `caller#${withoutRolePath(caller)}` as const),
    ...tenant.queues.map(({ arn }) => `queue#${arn}` as const),
    ...tenant.eventSources.map((source) => `source#${source}` as const),
    ...tenant.accounts.map((account) => `account#${account}` as const),
    ...tenant.triggers.map(({ bucket }) => `bucket#${bucket}` as const),
    ...tenant.schedules.map(({ arn }) => `schedule#${arn}` as const),
  ];
  return [...new Set(proofs)];
};

/** Proofs that may belong to several tenants. */
export const isShared = (proof: Proof): boolean => proof.startsWith("bucket#");
