import type { TenantProof } from "#domain/proof/provable.ts";
import type { JobTemplate } from "./job-template.ts";
import type { ManagedPolicy } from "./managed-policy.ts";
import type { PolicyTemplate } from "./policy-template.ts";
import type { Tenant } from "./tenant.ts";

/** A tenant with all that its jobs are planned from: its file, its policy template and its job templates, of one version. */
export interface TenantSetup {
  readonly tenant: Tenant;
  readonly policyTemplate: PolicyTemplate;
  readonly jobTemplates: readonly JobTemplate[];
  /** The documents of its managed policies, where they have files. */
  readonly managedPolicies?: readonly ManagedPolicy[];
  /** What was proved of its policy; absent where nothing was. */
  readonly proof?: TenantProof;
}

/**
 * What AWS can prove about a request, as one comparable text: `caller#iam:arn:…`, `queue#arn:…`, `source#acme.jobs`,
 * `account#111122223333`, `bucket#acme-inbox`, `schedule#arn:…`.
 */
export type Proof = `${"caller" | "queue" | "source" | "account" | "bucket" | "schedule"}#${string}`;

/** STS session ARNs carry no role path, and role names are unique in an account without it: paths are left out. */
const withoutRolePath = (caller: string): string =>
  caller.replace(/^(iam:arn:[^:]+:iam::\d+:role)\/.*\/([^/]+)$/, "$1/$2");

/** Everything that proves a tenant, each with its place in the tenant. */
export const locatedProofsOf = (
  tenant: Proving,
): { readonly proof: Proof; readonly path: readonly PropertyKey[] }[] => [
  ...(tenant.callers ?? []).map((caller, at) => ({
    proof: `caller#${withoutRolePath(caller)}` as const,
    path: ["callers", at],
  })),
  ...(tenant.queues ?? []).map(({ arn }, at) => ({ proof: `queue#${arn}` as const, path: ["queues", at, "arn"] })),
  ...(tenant.eventSources ?? []).map((source, at) => ({
    proof: `source#${source}` as const,
    path: ["eventSources", at],
  })),
  ...(tenant.accounts ?? []).map((account, at) => ({ proof: `account#${account}` as const, path: ["accounts", at] })),
  ...(tenant.triggers ?? []).map(({ bucket }, at) => ({
    proof: `bucket#${bucket}` as const,
    path: ["triggers", at, "bucket"],
  })),
  ...(tenant.schedules ?? []).map(({ arn }, at) => ({
    proof: `schedule#${arn}` as const,
    path: ["schedules", at, "arn"],
  })),
];

type Proving = Partial<Pick<Tenant, "callers" | "queues" | "eventSources" | "accounts" | "triggers" | "schedules">>;

/** Everything by which a tenant can be proved. Only a bucket may prove several tenants: its triggers then tell them apart. */
export const proofsOf = (tenant: Tenant): Proof[] => [...new Set(locatedProofsOf(tenant).map(({ proof }) => proof))];

/** The proofs of a setup, made once: a warm look-up asks for nothing else. */
const proofSets = new WeakMap<TenantSetup, ReadonlySet<Proof>>();

/** Whether the tenant lists the proof. */
export const lists = (setup: TenantSetup, proof: Proof): boolean => {
  const proofs = proofSets.get(setup) ?? new Set(proofsOf(setup.tenant));
  proofSets.set(setup, proofs);
  return proofs.has(proof);
};

/** Proofs that may belong to several tenants. */
export const isShared = (proof: Proof): boolean => proof.startsWith("bucket#");
