import { fill, mapStrings } from "#domain/placeholder.ts";
import { variableValues } from "#domain/plan/variable-values.ts";
import type { Digest } from "#domain/request/request-key.ts";
import type { ManagedPolicy } from "#domain/tenant/managed-policy.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { type Policy, statementsOf } from "./statement.ts";
import type { Values } from "./subject.ts";
import { tenantValues } from "./tenant-subject.ts";

/** A tenant as far as the proof needs it: its policy, its template, and the managed policies that have a file. */
export interface Provable {
  readonly tenant: Pick<Tenant, "tenantId" | "policy">;
  readonly policyTemplate: PolicyTemplate;
  readonly managedPolicies?: readonly ManagedPolicy[] | undefined;
}

/**
 * What was proved of a tenant, kept with it: the execution policy as it is before a job is known, and an id that tells
 * this proof from any other.
 */
export interface TenantProof {
  /** SHA-256, in base64url, of all that the proof is about. */
  readonly proofId: string;
  /** The rendered and minified policy, with {{submission.id}} and {{application.id}} as they are. */
  readonly policy: string;
  readonly policyArns: readonly string[];
}

/** Grows when the rules of docs/proof.md become stricter: what was proved by the earlier ones is to be proved again. */
export const rules = 4;

/** The managed policies of a tenant: those whose documents we know, with their files, and the ARNs of the others. */
export const managedOf = ({
  tenant,
  managedPolicies = [],
}: Provable): {
  readonly known: readonly Policy[];
  readonly files: readonly ManagedPolicy[];
  readonly unknown: readonly string[];
} => {
  const read = tenant.policy.managedPolicyArns.map((arn) => {
    const file = managedPolicies.find((one) => one.arn === arn);
    return { arn, file, statements: file === undefined ? undefined : statementsOf(file.document) };
  });
  return {
    known: read.flatMap(({ arn, statements }) => (statements === undefined ? [] : [{ name: arn, statements }])),
    files: read.flatMap(({ file, statements }) => (file === undefined || statements === undefined ? [] : [file])),
    unknown: read.flatMap(({ arn, statements }) => (statements === undefined ? [arn] : [])),
  };
};

/** The values of a tenant's placeholders; nothing where a variable's value is not one. */
export const valuesOf = ({ tenant, policyTemplate }: Provable): Values | undefined => {
  const { values, faults } = variableValues(policyTemplate, tenant.policy.variables, tenant.tenantId);
  return faults.length > 0 ? undefined : tenantValues(tenant.tenantId, values);
};

const partly = (text: string, values: Values): string => fill(text, (name) => values[name] ?? `{{${name}}}`);

/** What is kept of the proof of a tenant. */
export const tenantProofOf = (provable: Provable, values: Values, digest: Digest): TenantProof => {
  const { tenant, policyTemplate, managedPolicies = [] } = provable;
  const { document, variables, territory, shared } = policyTemplate;
  const { managedPolicyArns, acknowledged } = tenant.policy;
  const managed = managedPolicies.filter(({ arn }) => managedPolicyArns.includes(arn));
  const about = [rules, document, variables, territory, shared, values, managedPolicyArns, managed, acknowledged];
  return {
    proofId: digest(JSON.stringify(about)),
    policy: JSON.stringify(mapStrings(document, (text) => partly(text, values))),
    policyArns: managedPolicyArns,
  };
};
