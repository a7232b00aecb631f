import { filledDocument } from "#domain/plan/execution-policy.ts";
import { valuesOf } from "#domain/proof/provable.ts";
import { type FieldChange, fieldChanges } from "./field-changes.ts";
import { type Direction, policyChanges, type StatementChange } from "./policy-changes.ts";
import { isSame } from "./same.ts";
import { type Proof, proofsOf, type TenantSetup } from "./tenant-setup.ts";

/** A template that differs between two states of a tenant. */
export interface TemplateChange {
  readonly kind: "policy template" | "job template" | "managed policy";
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** What differs in its file; nothing where it came or went as a whole. */
  readonly fields: readonly FieldChange[];
}

/** What becomes of one tenant. */
export interface TenantChange {
  readonly tenantId: string;
  readonly change: "create" | "update" | "delete" | "unchanged";
  /** In the words of the tenant's file. */
  readonly fields: readonly FieldChange[];
  /** By statement of the rendered policy, and by managed policy. */
  readonly permissions: readonly StatementChange[];
  readonly proofs: { readonly gained: readonly Proof[]; readonly lost: readonly Proof[] };
  readonly templates: readonly TemplateChange[];
}

/** A changed template and all tenants whose setup changes with it. */
export interface TouchedTemplate extends TemplateChange {
  readonly tenantIds: readonly string[];
}

/** The policy of a setup as its template has it, statement by statement, with the placeholders that only a job fills. */
const documentOf = (setup: TenantSetup | undefined): unknown => {
  const values = setup === undefined ? undefined : valuesOf(setup);
  return setup === undefined || values === undefined
    ? undefined
    : filledDocument(setup.policyTemplate.document, values);
};

/** One more managed policy may allow more, whether or not its document is at hand. */
const managedChanges = (from: readonly string[], to: readonly string[]): StatementChange[] => {
  const told = (arn: string, change: "added" | "removed", direction: Direction): StatementChange => ({
    ...{ statement: `managed policy ${arn}`, effect: "Allow", change, direction, parts: [] },
  });
  return [
    ...from.filter((arn) => !to.includes(arn)).map((arn) => told(arn, "removed", "shrinks")),
    ...to.filter((arn) => !from.includes(arn)).map((arn) => told(arn, "added", "grows")),
  ];
};

/** What a managed policy's file says now beside what it said: where one side has none, nobody knows. */
const managedDocumentChanges = (from: TenantSetup | undefined, to: TenantSetup | undefined): StatementChange[] =>
  (from?.managedPolicies ?? []).flatMap(({ arn, document }) => {
    const now = to?.managedPolicies?.find((one) => one.arn === arn);
    const found = now === undefined ? [] : policyChanges(document, now.document);
    return found.map((change) => ({ ...change, statement: `managed policy ${arn}, ${change.statement}` }));
  });

const permissionChanges = (from: TenantSetup | undefined, to: TenantSetup | undefined): StatementChange[] => [
  ...policyChanges(documentOf(from), documentOf(to)),
  ...managedChanges(from?.tenant.policy.managedPolicyArns ?? [], to?.tenant.policy.managedPolicyArns ?? []),
  ...managedDocumentChanges(from, to),
];

interface Template {
  readonly kind: TemplateChange["kind"];
  readonly value: { readonly name: string };
}

const templatesOf = (setup: TenantSetup | undefined): Map<string, Template> => {
  if (setup === undefined) return new Map();
  const policy: Template = { kind: "policy template", value: setup.policyTemplate };
  const managed = (setup.managedPolicies ?? []).map(
    (value): Template => ({ kind: "managed policy", value: { ...value, name: value.arn } }),
  );
  const jobs = setup.jobTemplates.map((value): Template => ({ kind: "job template", value }));
  const all = [policy, ...jobs, ...managed];
  return new Map(all.map((template) => [`${template.kind} ${template.value.name}`, template]));
};

const templateChanges = (from: TenantSetup | undefined, to: TenantSetup | undefined): TemplateChange[] => {
  const [before, after] = [templatesOf(from), templatesOf(to)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((key): TemplateChange[] => {
    const [old, fresh] = [before.get(key), after.get(key)];
    const known = fresh ?? old;
    if (known === undefined) return [];
    const { kind, value } = known;
    if (old === undefined || fresh === undefined) {
      return [{ kind, name: value.name, change: old === undefined ? "added" : "removed", fields: [] }];
    }
    const fields = fieldChanges(old.value, fresh.value);
    return fields.length === 0 ? [] : [{ kind, name: value.name, change: "changed", fields }];
  });
};

const verdictOf = (from: TenantSetup | undefined, to: TenantSetup | undefined): TenantChange["change"] => {
  if (from === undefined) return to === undefined ? "unchanged" : "create";
  if (to === undefined) return "delete";
  return isSame(from, to) ? "unchanged" : "update";
};

/** What differs between two states of a tenant: one of them may be that it is not there. */
export const tenantChange = (
  tenantId: string,
  from: TenantSetup | undefined,
  to: TenantSetup | undefined,
): TenantChange => {
  const [had, has] = [from === undefined ? [] : proofsOf(from.tenant), to === undefined ? [] : proofsOf(to.tenant)];
  const change = verdictOf(from, to);
  if (change === "unchanged") {
    return { tenantId, change, fields: [], permissions: [], proofs: { gained: [], lost: [] }, templates: [] };
  }
  return {
    tenantId,
    change,
    fields: fieldChanges(from?.tenant, to?.tenant),
    permissions: permissionChanges(from, to),
    proofs: {
      gained: has.filter((proof) => !had.includes(proof)),
      lost: had.filter((proof) => !has.includes(proof)),
    },
    templates: templateChanges(from, to),
  };
};

/** Whether a tenant may be able to do more afterwards: by its policy, or by another role. */
export const mayGrow = ({ change, permissions, fields }: TenantChange): boolean =>
  permissions.some(({ direction }) => direction === "grows" || direction === "grows or shrinks") ||
  (change === "update" && fields.some(({ field }) => field === "executionRoleArn"));

/** The templates whose files changed, each with the tenants that change with it. */
export const touchedTemplates = (changes: readonly TenantChange[]): TouchedTemplate[] => {
  const found = new Map<string, TouchedTemplate>();
  for (const { tenantId, change, templates } of changes) {
    if (change !== "update") continue;
    for (const template of templates.filter((one) => one.change === "changed")) {
      const key = JSON.stringify(template);
      found.set(key, { ...template, tenantIds: [...(found.get(key)?.tenantIds ?? []), tenantId] });
    }
  }
  return [...found.values()];
};
