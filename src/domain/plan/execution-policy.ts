import { type Fault, faultAt } from "#domain/fault.ts";
import { fill, mapStrings, placeholdersIn } from "#domain/placeholder.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { mergedPolicy } from "./merged-policy.ts";
import { variableValues } from "./variable-values.ts";

/**
 * Most characters of the inline policy and the managed policies' text together (EMR Serverless User Guide, "Execution
 * IAM policy"). STS also counts a packed binary form that nobody can compute beforehand.
 */
export const maxExecutionPolicyCharacters = 2048;

/** The longest ids that a job can have (service model 2021-07-13: ClientToken and ApplicationId). */
export const longestJob = { "submission.id": "s".repeat(64), "application.id": "0".repeat(64) };

/** Characters that an inline session policy may have (service model 2021-07-13, JobRunExecutionIamPolicy). */
const policyCharacters = /^[\t\n\r\u0020-\u00ff]+$/;

export interface PolicySubject {
  readonly tenantId: string;
  readonly submissionId: string;
  readonly applicationId: string;
  readonly variables: Readonly<Record<string, string>>;
}

export type RenderedPolicy =
  | { readonly verdict: "rendered"; readonly policy: string; readonly characters: number }
  | { readonly verdict: "refused"; readonly faults: readonly Fault[] };

const refused = (faults: readonly Fault[]): RenderedPolicy => ({ verdict: "refused", faults });

const unknownNames = (
  { document, territory, shared }: PolicyTemplate,
  known: Readonly<Record<string, string>>,
): Fault[] => {
  const faults: Fault[] = [];
  mapStrings({ document, territory, shared }, (text, path) => {
    const unknown = placeholdersIn(text).filter((name) => !Object.hasOwn(known, name));
    for (const name of unknown) {
      faults.push(faultAt(path, name, `a known placeholder (${Object.keys(known).join(", ")})`));
    }
    return text;
  });
  return faults;
};

/** What was rendered last of a template; without a submission id where the policy is the same for every submission. */
interface Kept {
  readonly tenantPart: string;
  readonly submissionId: string | undefined;
  readonly rendered: RenderedPolicy;
}

const lastOf = new WeakMap<PolicyTemplate, Kept>();

/**
 * The execution policy of one job. What it is made of is mostly the tenant's, so the tenant's next job mostly has the same
 * text: it is rendered once for each state of the tenant's files.
 */
export const renderExecutionPolicy = (template: PolicyTemplate, subject: PolicySubject): RenderedPolicy => {
  const { submissionId, ...ofTenant } = subject;
  const tenantPart = JSON.stringify(ofTenant);
  const last = lastOf.get(template);
  if (last?.tenantPart === tenantPart && (last.submissionId ?? submissionId) === submissionId) return last.rendered;
  const rendered = render(template, subject);
  const isOwn = JSON.stringify(template.document).includes("submission.id");
  lastOf.set(template, { tenantPart, rendered, submissionId: isOwn ? submissionId : undefined });
  return rendered;
};

/** The values that a job's policy has of its tenant, and of itself. */
const knownValues = (template: PolicyTemplate, subject: PolicySubject) => {
  const { values, faults } = variableValues(template, subject.variables, subject.tenantId);
  const ofTenant: Record<string, string> = {
    "tenant.id": subject.tenantId,
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`variables.${key}`, value])),
  };
  const ofJob = { "submission.id": subject.submissionId, "application.id": subject.applicationId };
  return { ofTenant, ofJob, faults };
};

/** The document with these values; other placeholders stay, each in one spelling. */
export const filledDocument = (document: unknown, values: Readonly<Record<string, string>>): unknown =>
  mapStrings(document, (text) =>
    fill(text, (name) => (Object.hasOwn(values, name) ? (values[name] ?? "") : `{{${name}}}`)),
  );

/**
 * The parsed template with its placeholders filled, its statements merged, minified, as the one string that
 * `executionIamPolicy.policy` takes. Values are checked before they are put in, so no value can change what the policy
 * means; JSON is written once, so none can break out of its string. What is the job's own is put in last: merged is what
 * was proved, whatever the job's ids are.
 */
const render = (template: PolicyTemplate, subject: PolicySubject): RenderedPolicy => {
  const { ofTenant, ofJob, faults } = knownValues(template, subject);
  if (faults.length > 0) return refused(faults);
  const unknown = unknownNames(template, { "tenant.id": "", ...ofJob, ...ofTenant });
  if (unknown.length > 0) return refused(unknown);
  const merged = mergedPolicy(filledDocument(template.document, ofTenant));
  const policy = JSON.stringify(filledDocument(merged, ofJob));
  if (!policyCharacters.test(policy)) {
    return refused([faultAt(["document"], template.name, "a policy whose characters are all at most U+00FF")]);
  }
  if (policy.length > maxExecutionPolicyCharacters) {
    const wanted = `a policy of at most ${maxExecutionPolicyCharacters} characters when rendered and minified`;
    return refused([faultAt(["document"], policy.length, wanted)]);
  }
  return { verdict: "rendered", policy, characters: policy.length };
};
