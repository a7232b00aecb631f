import { variableValues } from "#domain/plan/variable-values.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import type { Policy } from "./statement.ts";
import { type Subject, subjectOf, type Values } from "./subject.ts";

export interface TenantSubject extends Subject {
  readonly tenantId: string;
}

/** The values of every placeholder that a tenant's policy has before a job is known. */
export const tenantValues = (tenantId: string, variables: Values): Values => ({
  "tenant.id": tenantId,
  ...Object.fromEntries(Object.entries(variables).map(([key, value]) => [`variables.${key}`, value])),
});

/** A tenant as what its policies let it reach; nothing where a variable's value is not one. */
export const tenantSubject = (
  template: PolicyTemplate,
  tenantId: string,
  given: Tenant["policy"]["variables"],
  managed: readonly Policy[] = [],
): TenantSubject | undefined => {
  const { values, faults } = variableValues(template, given, tenantId);
  if (faults.length > 0) return undefined;
  return { ...subjectOf(template, { tenantId, values: tenantValues(tenantId, values), managed }), tenantId };
};
