import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { type Breach, leakBreach } from "./breach.ts";
import { asExample } from "./example.ts";
import { findText } from "./find-text.ts";
import { allValues } from "./inclusion.ts";
import { leakOf } from "./leak.ts";
import { reachOfShared, tellsNamesOnly } from "./meet.ts";
import { readPattern } from "./pattern.ts";
import { type Member, subjectOfMember, textOf } from "./prove-tenants.ts";
import { subjectOf } from "./subject.ts";
import type { TenantSubject } from "./tenant-subject.ts";
import { type Meet, meetsIn, type Place } from "./territories.ts";

const most = { meets: 20, comparisons: 5_000_000 };

/** What a template shares, as far as it must meet no territory: of "*" the ARNs of its actions' services. */
const sharedTexts = (template: PolicyTemplate): string[] =>
  subjectOf(template)
    .shared.filter((set) => !tellsNamesOnly(set))
    .flatMap((set) => reachOfShared(set).map(({ text }) => text));

const placesOf = (members: readonly Member[]): Place[] => {
  const places: Place[] = [];
  const shared = new Map<string, number | undefined>();
  const texts = new Map<PolicyTemplate, readonly string[]>();
  for (const [tenant, { provable, values }] of members.entries()) {
    const { policyTemplate } = provable;
    for (const text of policyTemplate.territory) places.push({ tenant, kind: "territory", text: textOf(text, values) });
    const ofTemplate = texts.get(policyTemplate) ?? sharedTexts(policyTemplate);
    texts.set(policyTemplate, ofTemplate);
    for (const one of ofTemplate) {
      const text = textOf(one, values);
      shared.set(text, shared.has(text) ? undefined : tenant);
    }
  }
  for (const [text, tenant] of shared) places.push({ kind: "shared", text, ...(tenant !== undefined && { tenant }) });
  return places;
};

const partsOf = (text: string) => [readPattern(text, "widest") ?? []];

/** A text at which two places meet. */
const textAt = ({ one, other }: Meet): string => {
  const wanted = { all: [allValues(partsOf(one.text), {}), allValues(partsOf(other.text), {})], none: [] };
  const found = findText(wanted);
  return found.verdict === "found" ? asExample(found.text, wanted) : other.text;
};

const leakBetween = (from: TenantSubject, to: TenantSubject): Breach | undefined => {
  for (const reach of from.reaches) {
    const leak = leakOf(reach, from, to.territory);
    if (leak !== undefined) {
      return leakBreach(reach, leak, { template: from, tenantId: from.tenantId, otherTenantId: to.tenantId });
    }
  }
  return undefined;
};

/** One side's breach: its own place meets the other tenant's territory. */
const breachOf = (own: Place, meet: Meet, from: TenantSubject, to: TenantSubject): Breach => {
  const text = textAt(meet);
  const theirs = own === meet.one ? meet.other : meet.one;
  const what = own.kind === "shared" ? "what all share" : `the territory of tenant "${from.tenantId}"`;
  const message = `${what}, "${own.text}", meets the territory of tenant "${to.tenantId}", "${theirs.text}", at ${text}`;
  const leak = leakBetween(from, to);
  return {
    ...(leak ?? { verdict: "leak", template: from.template, tenantId: from.tenantId, otherTenantId: to.tenantId }),
    rule: own.kind,
    witness: text,
    message: leak === undefined ? message : `${leak.message}; ${message}`,
    path: [own.kind],
  };
};

/** Both tenants of two territories that meet; a tenant that shares what meets a territory. */
const breachesOf = (meet: Meet, members: readonly Member[]): Breach[] =>
  [meet.one, meet.other].flatMap((own) => {
    const theirs = own === meet.one ? meet.other : meet.one;
    if (theirs.kind !== "territory" || theirs.tenant === undefined) return [];
    // What several tenants share is anybody's but the owner's.
    const at = own.tenant ?? members.findIndex((_member, number) => number !== theirs.tenant);
    const [member, owner] = [members[at], members[theirs.tenant]];
    const from = member === undefined ? undefined : subjectOfMember(member);
    const to = owner === undefined ? undefined : subjectOfMember(owner);
    return from === undefined || to === undefined ? [] : [breachOf(own, meet, from, to)];
  });

/** Tenants whose territories meet, or meet what is shared. `complete`: whether every pair was compared. */
export const apartBreaches = (
  members: readonly Member[],
): { readonly breaches: readonly Breach[]; readonly complete: boolean } => {
  const { meets, complete } = meetsIn(placesOf(members), most);
  return { breaches: meets.flatMap((meet) => breachesOf(meet, members)), complete: complete || meets.length > 0 };
};
