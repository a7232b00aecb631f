import type { Reach } from "./grants.ts";
import type { Leak } from "./leak.ts";
import { comparisonsOf, listingNames } from "./listing.ts";
import type { Subject } from "./subject.ts";

/** The rule that a breach breaks; docs/proof.md has them by these names. */
export type Rule = "reach" | "listing" | "territory" | "shared" | "escalation" | "managed-policy" | "unique" | "size";

/** Why something is not proven. A leak has a witness that IAM's own rules confirm. */
export interface Breach {
  readonly verdict: "leak" | "not-proven";
  readonly rule: Rule;
  readonly template: string;
  /** Whose jobs may, and whose data; of a template alone these are tenants as they could be. */
  readonly tenantId?: string;
  readonly otherTenantId?: string;
  /** The policy template or the ARN of the managed policy, and the statement's Sid or `#2`. */
  readonly policy?: string;
  readonly statement?: string;
  readonly action?: string;
  /** An ARN of the other tenant's. */
  readonly witness?: string;
  readonly message: string;
  /** Where it stands in the policy template, or in the tenant's file where `inTenant` says so. */
  readonly path: readonly PropertyKey[];
  readonly inTenant?: true;
}

const isTied = (text: string): boolean => /\{\{\s*tenant\.id/.test(text);

/** Where the statement of a reach stands: in the template's document, or at the tenant's managed policies. */
const placeOf = ({ policy, statement }: Reach, template: string, field: string): Pick<Breach, "path" | "inTenant"> =>
  policy === template
    ? { path: ["document", ...statement.path, field] }
    : { path: ["policy", "managedPolicyArns"], inTenant: true };

/** The texts of a statement's resources in the template, where an id is still a placeholder. */
const writtenResources = (reach: Reach, template: Subject): readonly string[] => {
  const same = template.policies
    .flatMap(({ name, statements }) => statements.map((statement) => ({ name, statement })))
    .find(({ name, statement }) => name === reach.policy && statement.path.join() === reach.statement.path.join());
  return same?.statement.resource ?? reach.statement.resource ?? [];
};

const resourceAdvice = (written: string, shown: string): string => {
  const cut = shown.length > 60 ? `…${shown.slice(-40)}` : shown;
  const open = /\{\{\s*tenant\.id\s*\}\}([*?]|.)/.exec(written);
  if (!isTied(written)) return `resource "${cut}" must name the tenant, or lie in the territory or in what is shared`;
  if (open !== null && open[1] !== "/" && open[1] !== ":") return `resource "${cut}" must end the tenant id with "/"`;
  if (/[*?][^/:]*\{\{\s*tenant\.id/.test(written)) return `resource "${cut}" must begin the tenant id with "/"`;
  return `resource "${cut}" must lie in the territory or in what is shared`;
};

const accessAdvice = (reach: Reach, template: Subject): string => {
  const { statement } = reach;
  if (statement.notResource !== undefined) return "NotResource allows every other ARN: name the tenant's with Resource";
  const written = writtenResources(reach, template);
  const worst = written.findIndex((text) => !isTied(text) || /\{\{\s*tenant\.id\s*\}\}[^/:]/.test(text));
  const at = Math.max(worst, 0);
  return resourceAdvice(written[at] ?? "*", statement.resource?.[at] ?? "*");
};

const listingAdvice = ({ statement, actions }: Reach): string => {
  const prefixes = comparisonsOf(statement.condition).filter(({ key }) => key === "s3:prefix");
  const [first] = prefixes;
  const [written = ""] = actions.any;
  const what = listingNames[written] ?? written;
  if (listingNames[written] === undefined) return `${what} reaches all that is below: name what is the tenant's own`;
  if (first === undefined) return `${what} must be held to the tenant's prefixes by StringLike on s3:prefix`;
  if (prefixes.some(({ ifExists }) => ifExists)) {
    return `${first.operator}IfExists lets a request without s3:prefix list everything: use ${first.operator}`;
  }
  if (prefixes.some(({ set }) => set)) {
    return `a set operator on s3:prefix lets a request without it list everything: use ${first.operator} alone`;
  }
  if (first.operator.includes("Not") || first.operator === "Null") {
    return `${first.operator} on s3:prefix lets a request without it list everything: use StringLike`;
  }
  const shown = (first.values ?? []).map((value) => `"${value}"`).join(", ");
  return `s3:prefix ${shown} must end the tenant id with "/"`;
};

const adviceOf = (reach: Reach, template: Subject): string =>
  reach.kind === "listing" ? listingAdvice(reach) : accessAdvice(reach, template);

const where = ({ policy, statement }: Reach): string => `(statement "${statement.label}" of policy "${policy}")`;

const withContext = ({ request, arn }: Leak): string => {
  const { action, resource, context } = request;
  const keys = Object.entries(context).map(([key, value]) => `${key} "${value}"`);
  const told = resource === arn ? "" : `, which tells ${arn}`;
  return `${action} ${resource}${keys.length === 0 ? "" : ` with ${keys.join(", ")}`}${told}`;
};

/** A grant that reaches another tenant's territory, with the call that does. */
export const leakBreach = (
  reach: Reach,
  leak: Leak,
  { template, tenantId, otherTenantId }: { template: Subject; tenantId: string; otherTenantId: string },
): Breach => ({
  verdict: "leak",
  rule: reach.kind === "listing" ? "listing" : "reach",
  template: template.template,
  tenantId,
  otherTenantId,
  policy: reach.policy,
  statement: reach.statement.label,
  action: leak.request.action,
  witness: leak.arn,
  message: `tenant "${tenantId}" may ${withContext(leak)} of tenant "${otherTenantId}" ${where(reach)}: ${adviceOf(reach, template)}`,
  ...placeOf(reach, template.template, reach.kind === "listing" ? "Action" : fieldOf(reach)),
});

const fieldOf = ({ statement }: Reach): string => (statement.resource === undefined ? "NotResource" : "Resource");

/** A grant that lies outside, where no call on another's territory was found. */
export const unheldBreach = (reach: Reach, template: Subject, tenantId?: string): Breach => {
  const { any } = reach.actions;
  const what = reach.statement.resource?.join(", ") ?? `all but ${reach.statement.notResource?.join(", ")}`;
  const who = tenantId === undefined ? "a tenant" : `tenant "${tenantId}"`;
  return {
    verdict: "not-proven",
    rule: reach.kind === "listing" ? "listing" : "reach",
    template: template.template,
    ...(tenantId !== undefined && { tenantId }),
    policy: reach.policy,
    statement: reach.statement.label,
    message: `${who} may ${any.join(", ")} on ${what} ${where(reach)}, which is not all in the territory or shared: ${adviceOf(reach, template)}`,
    ...placeOf(reach, template.template, reach.kind === "listing" ? "Action" : fieldOf(reach)),
  };
};
