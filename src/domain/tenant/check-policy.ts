import { type Fault, faultAt, pointerOf } from "#domain/fault.ts";
import { maxExecutionPolicyCharacters, renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import type { PolicyTemplate, VariableType } from "./policy-template.ts";
import { listed, type SetupDocument, type SetupFault, type TenantDraft } from "./setup-documents.ts";
import type { TenantSetup } from "./tenant-setup.ts";

/** The longest ids that a policy can be rendered with (service model 2021-07-13: ClientToken and ApplicationId). */
const longestIds = { submissionId: "s".repeat(64), applicationId: "0".repeat(64) };

/** The shortest values of each type: what does not render with them renders with nothing. */
const samples: Readonly<Record<VariableType, string>> = {
  segment: "s",
  path: "p",
  bucket: "bbb",
  name: "n",
  arn: "arn:aws:s3:::b",
};

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

const samplesOf = (template: PolicyTemplate, which: (name: string) => boolean): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.variables)
      .filter(([name]) => which(name))
      .map(([name, { type }]) => [name, samples[type]]),
  );

/** What is wrong with a policy template whoever uses it: defaults of the wrong form, unknown placeholders, its size. */
const templateFaults = (template: PolicyTemplate): Fault[] => {
  const withoutDefault = samplesOf(template, (name) => template.variables[name]?.default === undefined);
  const defaults = faultsWith(template, "aa", withoutDefault)
    .filter(({ pointer }) => pointer.startsWith(variablesPointer))
    .map((fault) => ({ ...fault, pointer: `/variables${fault.pointer.slice(variablesPointer.length)}/default` }));
  return [
    ...defaults,
    ...faultsWith(
      template,
      "aa",
      samplesOf(template, () => true),
    ),
  ];
};

export const policyTemplateFaults = (templates: readonly SetupDocument<PolicyTemplate>[]): SetupFault[] =>
  templates.flatMap(({ source, value }) =>
    value === undefined ? [] : templateFaults(value).map((fault) => ({ ...fault, source })),
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
