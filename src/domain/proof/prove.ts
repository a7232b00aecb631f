import type { Digest } from "#domain/request/request-key.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import type { Breach } from "./breach.ts";
import { type Member, uniqueBreaches } from "./own-values.ts";
import { type Provable, type TenantProof, tenantProofOf, valuesOf } from "./provable.ts";
import { judgeTerritories } from "./prove-apart.ts";
import { crossBreaches, type ReadTemplate, readTemplate, templateBreaches } from "./prove-templates.ts";
import { documentBreaches, judgeMembers } from "./prove-tenants.ts";

/** `leak`: a call was found that IAM allows. `not-proven`: none was found, and nothing shows that there is none. */
export type Verdict = "proven" | "leak" | "not-proven";

interface ProvedTemplate {
  readonly template: string;
  readonly verdict: Verdict;
  /** What holds only because the check of today's tenants held it. */
  readonly assumptions: readonly string[];
}

interface ProvedTenant {
  readonly tenantId: string;
  readonly verdict: Verdict;
  /** Where it is proven. */
  readonly proof?: TenantProof;
}

export interface ProofReport {
  readonly verdict: Verdict;
  /** For all tenants that could ever be. */
  readonly templates: readonly ProvedTemplate[];
  /** For today's tenants. */
  readonly tenants: readonly ProvedTenant[];
  readonly breaches: readonly Breach[];
}

/** Breaches of tenants that are told; of ten thousand tenants with one fault the first are enough. */
const mostBreaches = 100;

const verdictOf = (breaches: readonly Breach[]): Verdict => {
  if (breaches.length === 0) return "proven";
  return breaches.some(({ verdict }) => verdict === "leak") ? "leak" : "not-proven";
};

const assumptionsOf = ({ variables }: PolicyTemplate): string[] =>
  Object.entries(variables)
    .filter(([, { unique }]) => unique === true)
    .map(([name]) => `no other tenant has the value of variable "${name}"`);

/** Why a template's tenants are not proven to stay apart from each other and from every other template's. */
const breachesOfTemplate = (one: ReadTemplate, all: readonly ReadTemplate[]): Breach[] => [
  ...templateBreaches(one),
  ...all.flatMap((other) => (one === other ? [] : crossBreaches(one, other))),
];

const incomplete: Breach = {
  verdict: "not-proven",
  rule: "territory",
  template: "",
  message: "there are too many pairs of territories to compare: let each begin with fixed text and its tenant's id",
  path: ["territory"],
};

interface Judged {
  /** The first ones, to be told. */
  readonly breaches: readonly Breach[];
  /** Every tenant that is not proven, whether or not a breach tells of it. */
  readonly unproven: ReadonlySet<string>;
}

/** Tenants that are not proven, and of whom no breach is told. */
const untold = (unproven: ReadonlySet<string>, breaches: readonly Breach[]): Breach[] => {
  const told = new Set(breaches.map(({ tenantId }) => tenantId));
  const others = [...unproven].filter((tenantId) => !told.has(tenantId)).sort();
  if (others.length === 0) return [];
  const shown = others.length > 5 ? `${others.slice(0, 5).join(", ")}, …` : others.join(", ");
  return [
    {
      verdict: "not-proven",
      rule: "reach",
      template: "",
      message: `and ${others.length} more that are not proven (${shown}): mend these first`,
      path: [],
    },
  ];
};

/** `isApart`: whether the templates' territories were proved to be apart for all tenants that could be, and what they share. */
const judge = (members: readonly Member[], isApart: boolean): Judged => {
  const own = judgeMembers(members, mostBreaches);
  const apart = judgeTerritories(members);
  const unique = uniqueBreaches(members);
  const documents = documentBreaches(members);
  // What holds for all tenants that could be holds for today's, where these have values that the template may assume.
  const isKnown = apart.complete || isApart;
  const ids = members.map(({ provable }) => provable.tenant.tenantId);
  const unproven = new Set([
    ...own.unproven,
    ...apart.unproven,
    ...[...unique, ...documents].flatMap(({ tenantId }) => tenantId ?? []),
    ...(isKnown ? [] : ids),
  ]);
  const breaches = [
    ...own.breaches,
    ...unique.slice(0, mostBreaches),
    ...documents.slice(0, mostBreaches),
    ...apart.breaches,
    ...(isKnown ? [] : [incomplete]),
  ];
  return { unproven, breaches: [...breaches, ...(isKnown ? untold(unproven, breaches) : [])] };
};

/** The same template is one object from here on, also where each tenant was read by itself. */
const shareTemplates = (
  provables: readonly Provable[],
  templates: readonly PolicyTemplate[],
): { readonly provables: readonly Provable[]; readonly templates: readonly PolicyTemplate[] } => {
  const byText = new Map<string, PolicyTemplate>();
  const known = new Map<PolicyTemplate, PolicyTemplate>();
  const shared = (template: PolicyTemplate): PolicyTemplate => {
    const found = known.get(template);
    if (found !== undefined) return found;
    const text = JSON.stringify(template);
    const first = byText.get(text) ?? template;
    byText.set(text, first);
    known.set(template, first);
    return first;
  };
  const all = templates.map(shared);
  const ofTenants = provables.map((one) => ({ ...one, policyTemplate: shared(one.policyTemplate) }));
  return { provables: ofTenants, templates: [...new Set([...all, ...ofTenants.map((one) => one.policyTemplate)])] };
};

/** Each fault once: with a witness where there is one, and between real tenants before possible ones. */
const withoutRepeats = (breaches: readonly Breach[]): Breach[] => {
  const leaksFirst = breaches.toSorted(
    (one, other) => Number(other.verdict === "leak") - Number(one.verdict === "leak"),
  );
  const seen = new Set<string>();
  return leaksFirst.filter(({ rule, template, policy, statement, path, tenantId, inTenant }) => {
    const key = JSON.stringify([rule, template, policy, statement, path, inTenant === true && tenantId]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

const membersOf = (provables: readonly Provable[]): Member[] =>
  provables.flatMap((provable) => {
    const values = valuesOf(provable);
    return values === undefined ? [] : [{ provable, values }];
  });

/** Why these tenants are not proven to stay apart with the values that they have; nothing where they are. */
export const todaysBreaches = (provables: readonly Provable[]): readonly Breach[] =>
  withoutRepeats(judge(membersOf(shareTemplates(provables, []).provables), false).breaches);

/**
 * Proves that no tenant reaches another's territory: for each policy template, whatever the tenants and their values will
 * be, and for today's tenants with the values that they have. `templates` are those that are to be proved besides the
 * tenants' own. A tenant whose values do not fit its template is not judged, and has no proof.
 */
export const prove = (
  given: readonly Provable[],
  { digest, templates: others = [] }: { readonly digest: Digest; readonly templates?: readonly PolicyTemplate[] },
): ProofReport => {
  const { provables, templates } = shareTemplates(given, others);
  const read = templates.map(readTemplate);
  const universal = new Map(read.map((one) => [one.template, breachesOfTemplate(one, read)]));
  const members = membersOf(provables);
  const valuesById = new Map(members.map(({ provable, values }) => [provable.tenant.tenantId, values]));
  const open = [...universal.values()].flat().some(({ rule }) => rule === "territory" || rule === "shared");
  const todays = judge(members, !open);
  const byTenant = Map.groupBy(todays.breaches, ({ tenantId }) => tenantId);
  const breaches = withoutRepeats([...todays.breaches, ...[...universal.values()].flat()]);
  const judged = (provable: Provable): ProvedTenant => {
    const { tenantId } = provable.tenant;
    const own = byTenant.get(tenantId) ?? [];
    const told = verdictOf([...own, ...(universal.get(provable.policyTemplate) ?? [])]);
    const values = valuesById.get(tenantId);
    const verdict = told === "proven" && todays.unproven.has(tenantId) ? "not-proven" : told;
    if (values === undefined) return { tenantId, verdict: "not-proven" };
    return { tenantId, verdict, ...(verdict === "proven" && { proof: tenantProofOf(provable, values, digest) }) };
  };
  return {
    verdict: verdictOf(breaches),
    templates: read.map(({ template }) => ({
      template: template.name,
      verdict: verdictOf(universal.get(template) ?? []),
      assumptions: assumptionsOf(template),
    })),
    tenants: provables.map(judged),
    breaches,
  };
};
