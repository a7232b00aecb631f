import { type Fault, faultAt } from "#domain/fault.ts";
import type { JobTemplate } from "./job-template.ts";
import type { ManagedPolicy } from "./managed-policy.ts";
import type { PolicyTemplate } from "./policy-template.ts";
import type { Tenant } from "./tenant.ts";

/** One document of a setup: where it was read, the name that others call it by, and what could be read of it. */
export interface SetupDocument<T> {
  readonly source: string;
  readonly name: string;
  /** Absent where the document has faults of its own: it exists, but nothing in it can be judged. */
  readonly value?: T;
}

/**
 * Everything that tenants are made of. Of a tenant with faults of its own the sound fields are there, so that one
 * check finds what is wrong inside the files and what is wrong between them.
 */
export interface SetupDocuments {
  readonly tenants: readonly SetupDocument<Partial<Tenant>>[];
  readonly policyTemplates: readonly SetupDocument<PolicyTemplate>[];
  readonly jobTemplates: readonly SetupDocument<JobTemplate>[];
  readonly managedPolicies: readonly SetupDocument<ManagedPolicy>[];
}

/** A fault in one of the documents. */
export interface SetupFault extends Fault {
  readonly source: string;
}

/** A tenant under check: its sound fields, and the id that it is rendered under. */
export interface TenantDraft {
  readonly source: string;
  readonly tenantId: string;
  readonly tenant: Partial<Tenant>;
}

export const draftsOf = ({ tenants }: SetupDocuments): TenantDraft[] =>
  tenants.map(({ source, name, value = {} }) => ({ source, tenantId: value.tenantId ?? name, tenant: value }));

/** Names as messages list them. */
export const listed = (names: readonly string[]): string => [...names].sort().join(", ") || "none";

/** Faults of entries that stand in a list twice; the first one of each is fine. */
export const repeats = (
  entries: readonly { readonly key: string; readonly path: readonly PropertyKey[] }[],
  wanted: string,
): Fault[] => {
  const seen = new Set<string>();
  return entries.flatMap(({ key, path }) => {
    const repeated = seen.has(key);
    seen.add(key);
    return repeated ? [faultAt(path, key, wanted)] : [];
  });
};
