import { type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { longestJob, renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { type LongestValues, longestValues } from "#domain/plan/longest-values.ts";
import { budgetNotes, type PolicyBudget, policyBudget } from "#domain/plan/policy-budget.ts";
import { shortestValues } from "#domain/proof/sample.ts";
import { operatorFaults } from "./check-operators.ts";
import type { ManagedPolicy } from "./managed-policy.ts";
import type { PolicyTemplate } from "./policy-template.ts";
import {
  listed,
  type SetupDocument,
  type SetupDocuments,
  type SetupFault,
  type TenantDraft,
} from "./setup-documents.ts";
import type { Tenant } from "./tenant.ts";
import type { TenantSetup } from "./tenant-setup.ts";

const longestIds = { submissionId: longestJob["submission.id"], applicationId: longestJob["application.id"] };

const variablesPointer = pointerOf(["policy", "variables"]);
const documentPointer = pointerOf(["document"]);

const faultsWith = (template: PolicyTemplate, tenantId: string, variables: Record<string, string>): Fault[] => {
  const rendered = renderExecutionPolicy(template, { tenantId, ...longestIds, variables });
  return rendered.verdict === "refused" ? [...rendered.faults] : [];
};

/** The policies of a tenant's jobs against their limit, where its own is the longest; nothing where it cannot be rendered. */
const largestBudget = (
  template: PolicyTemplate,
  tenantId: string,
  { variables, managedPolicyArns }: Pick<Tenant["policy"], "variables" | "managedPolicyArns">,
  managedPolicies: readonly ManagedPolicy[] = [],
): PolicyBudget | undefined => {
  const rendered = renderExecutionPolicy(template, { tenantId, ...longestIds, variables });
  return rendered.verdict === "refused"
    ? undefined
    : policyBudget(rendered.characters, managedPolicyArns, managedPolicies);
};

const budgetOf = ({ tenant, policyTemplate, managedPolicies }: TenantSetup): PolicyBudget | undefined =>
  largestBudget(policyTemplate, tenant.tenantId, tenant.policy, managedPolicies);

/** A tenant's execution policy as people read it, with its largest size. */
interface ReadablePolicy extends PolicyBudget {
  /** What a job fills still has its name. */
  readonly text: string;
  readonly longestValues: LongestValues;
}

export const readablePolicy = (setup: TenantSetup): ReadablePolicy => {
  const { tenant, policyTemplate } = setup;
  const names = { submissionId: "{{submission.id}}", applicationId: "{{application.id}}" };
  const { variables, managedPolicyArns } = tenant.policy;
  const named = renderExecutionPolicy(policyTemplate, { tenantId: tenant.tenantId, ...names, variables });
  const budget = budgetOf(setup) ?? policyBudget(0, managedPolicyArns, setup.managedPolicies);
  return {
    text: named.verdict === "rendered" ? named.policy : "",
    ...budget,
    longestValues: longestValues(setup, budget.managedCharacters),
  };
};

/** What an author should know of a tenant's execution policy that is no fault, such as how near it is to its limit. */
export const policyNotes = (setup: TenantSetup): string[] => {
  const budget = budgetOf(setup);
  return budget === undefined ? [] : budgetNotes(setup, budget);
};

/** The least that managed policies take of the limit must fit beside the execution policy. */
const managedFaults = (budget: PolicyBudget | undefined): Fault[] => {
  if (budget === undefined || budget.left >= 0) return [];
  const { characters, managedCharacters, limit } = budget;
  const wanted = `managed policies of at most ${limit - characters} characters together when minified, for the execution policy has ${characters} of the ${limit} that they share`;
  return [faultAt(["policy", "managedPolicyArns"], managedCharacters, wanted)];
};

/** What is wrong with a policy template whoever uses it: defaults of the wrong form, unknown placeholders, its size. */
const templateFaults = (template: PolicyTemplate): Fault[] => {
  const all = Object.entries(shortestValues(template, "aa"));
  const withoutDefault = all.filter(([name]) => template.variables[name]?.default === undefined);
  const inVariables = (faults: readonly Fault[], field: string): Fault[] =>
    faults
      .filter(({ pointer }) => pointer.startsWith(variablesPointer))
      .map((fault) => ({ ...fault, pointer: `/variables${fault.pointer.slice(variablesPointer.length)}/${field}` }));
  const withAll = faultsWith(template, "aa", Object.fromEntries(all));
  const impossible = inVariables(withAll, "pattern");
  const ofDefaults = inVariables(faultsWith(template, "aa", Object.fromEntries(withoutDefault)), "default");
  return [
    ...impossible,
    ...ofDefaults.filter(
      ({ pointer }) => !impossible.some((one) => one.pointer.startsWith(pointer.replace(/default$/, ""))),
    ),
    ...withAll.filter(({ pointer }) => !pointer.startsWith(variablesPointer)),
  ];
};

export const policyTemplateFaults = (templates: readonly SetupDocument<PolicyTemplate>[]): SetupFault[] =>
  templates.flatMap(({ source, value }) =>
    value === undefined
      ? []
      : [...templateFaults(value), ...operatorFaults(value)].map((fault) => ({ ...fault, source })),
  );

/**
 * Whether the tenant's policy template exists and renders with the tenant's values. Faults of the template itself are
 * the template's, and are not told once more for each tenant.
 */
export const policyFaults = (
  { tenant, tenantId }: TenantDraft,
  { policyTemplates: templates, managedPolicies }: Pick<SetupDocuments, "policyTemplates" | "managedPolicies">,
): Fault[] => {
  const { policy } = tenant;
  if (policy === undefined) return [];
  const named = templates.filter(({ name }) => name === policy.template);
  if (named.length === 0) {
    const known = listed(templates.map(({ name }) => name));
    return [faultAt(["policy", "template"], policy.template, `one of the policy templates (${known})`)];
  }
  const documents = managedPolicies.flatMap(({ value }) => value ?? []);
  return named.flatMap(({ value }) =>
    value === undefined
      ? []
      : [
          ...tenantsOwn(value, policy.variables, faultsWith(value, tenantId, policy.variables)),
          ...managedFaults(largestBudget(value, tenantId, policy, documents)),
        ],
  );
};

const tenantsOwn = (template: PolicyTemplate, given: Record<string, string>, faults: readonly Fault[]): Fault[] => {
  const ownDefaults = Object.keys(template.variables).filter(
    (name) => !Object.hasOwn(given, name) && template.variables[name]?.default !== undefined,
  );
  const known = new Set(templateFaults(template).map(({ pointer }) => pointer));
  return faults.flatMap((fault) => {
    if (ownDefaults.some((name) => fault.pointer === pointerOf(["policy", "variables", name]))) return [];
    if (fault.pointer.startsWith(variablesPointer)) return [fault];
    return fault.pointer === documentPointer && !known.has(documentPointer) ? [{ ...fault, pointer: "/policy" }] : [];
  });
};
