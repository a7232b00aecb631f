import { type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { maxExecutionPolicyCharacters, renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { shortestValues } from "#domain/proof/sample.ts";
import { operatorFaults } from "./check-operators.ts";
import type { PolicyTemplate } from "./policy-template.ts";
import { listed, type SetupDocument, type SetupFault, type TenantDraft } from "./setup-documents.ts";
import type { TenantSetup } from "./tenant-setup.ts";

/** The longest ids that a policy can be rendered with (service model 2021-07-13: ClientToken and ApplicationId). */
const longestIds = { submissionId: "s".repeat(64), applicationId: "0".repeat(64) };

const variablesPointer = pointerOf(["policy", "variables"]);
const documentPointer = pointerOf(["document"]);

const faultsWith = (template: PolicyTemplate, tenantId: string, variables: Record<string, string>): Fault[] => {
  const rendered = renderExecutionPolicy(template, { tenantId, ...longestIds, variables, managedPolicyArns: [] });
  return rendered.verdict === "refused" ? [...rendered.faults] : [];
};

/** A tenant's execution policy as people read it: its longest size, and a text in which what a job fills still has its name. */
export const readablePolicy = ({
  tenant,
  policyTemplate,
}: TenantSetup): { readonly text: string; readonly characters: number; readonly most: number } => {
  const { variables, managedPolicyArns } = tenant.policy;
  const subject = { tenantId: tenant.tenantId, variables, managedPolicyArns };
  const names = { submissionId: "{{submission.id}}", applicationId: "{{application.id}}" };
  const [longest, named] = [longestIds, names].map((ids) =>
    renderExecutionPolicy(policyTemplate, { ...subject, ...ids }),
  );
  return {
    text: named?.verdict === "rendered" ? named.policy : "",
    characters: longest?.verdict === "rendered" ? longest.characters : 0,
    most: maxExecutionPolicyCharacters,
  };
};

/** What an author should know of a tenant's execution policy that is no fault, such as how near it is to its limit. */
export const policyNotes = ({ tenant, policyTemplate }: TenantSetup): string[] => {
  const { variables, managedPolicyArns } = tenant.policy;
  const subject = { tenantId: tenant.tenantId, ...longestIds, variables, managedPolicyArns };
  const rendered = renderExecutionPolicy(policyTemplate, subject);
  return rendered.verdict === "rendered" ? rendered.notes : [];
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
  templates: readonly SetupDocument<PolicyTemplate>[],
): Fault[] => {
  const { policy } = tenant;
  if (policy === undefined) return [];
  const named = templates.filter(({ name }) => name === policy.template);
  if (named.length === 0) {
    const known = listed(templates.map(({ name }) => name));
    return [faultAt(["policy", "template"], policy.template, `one of the policy templates (${known})`)];
  }
  return named.flatMap(({ value }) =>
    value === undefined ? [] : tenantsOwn(value, policy.variables, faultsWith(value, tenantId, policy.variables)),
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
