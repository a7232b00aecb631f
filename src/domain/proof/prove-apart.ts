import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { type Breach, leakBreach } from "./breach.ts";
import { mayBeCaseless } from "./caseless.ts";
import { asExample } from "./example.ts";
import { findText } from "./find-text.ts";
import { allValues } from "./inclusion.ts";
import { leakOf } from "./leak.ts";
import { reachOfShared, tellsNamesOnly } from "./meet.ts";
import type { Member } from "./own-values.ts";
import { readPattern } from "./pattern.ts";
import { subjectOfMember, textOf } from "./prove-tenants.ts";
import { subjectOf } from "./subject.ts";
import type { TenantSubject } from "./tenant-subject.ts";
import { type Meet, meetsIn, type Place } from "./territories.ts";

const most = { meets: 20, comparisons: 5_000_000 };

/** What a template shares, as far as it must meet no territory: of "*" the ARNs of its actions' services. */
const sharedTexts = (template: PolicyTemplate): string[] =>
  subjectOf(template)
    .shared.filter((set) => !tellsNamesOnly(set))
    .flatMap((set) => reachOfShared(set).map(({ text }) => text));

/** A multi-Region key is the same one under the ARN of each Region. */
const inEveryRegion = (text: string): string => text.replace(/^(arn:[^:]*:kms:)[^:]*(:[^:]*:key\/mrk-)/, "$1*$2");

const placesOf = (members: readonly Member[]): Place[] => {
  const places: Place[] = [];
  const shared = new Map<string, number[]>();
  const texts = new Map<PolicyTemplate, readonly string[]>();
  for (const [tenant, { provable, values }] of members.entries()) {
    const { policyTemplate } = provable;
    for (const written of policyTemplate.territory) {
      places.push({ tenant, kind: "territory", text: inEveryRegion(textOf(written, values)) });
    }
    const ofTemplate = texts.get(policyTemplate) ?? sharedTexts(policyTemplate);
    texts.set(policyTemplate, ofTemplate);
    for (const one of ofTemplate) {
      const text = inEveryRegion(textOf(one, values));
      const sharers = shared.get(text) ?? [];
      // Two are enough to name one that is not the owner.
      if (sharers.length < 2 && !sharers.includes(tenant)) sharers.push(tenant);
      shared.set(text, sharers);
    }
  }
  for (const [text, sharers] of shared) {
    const [tenant, other] = sharers;
    const whose = other === undefined && tenant !== undefined ? { tenant } : { sharers };
    places.push({ kind: "shared", text, ...whose });
  }
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
    witness: leak?.witness ?? text,
    message: leak === undefined ? message : `${leak.message}; ${message}`,
    path: [own.kind],
  };
};

/** Both tenants of two territories that meet; a tenant that shares what meets a territory. */
const breachesOf = (meet: Meet, members: readonly Member[]): Breach[] =>
  [meet.one, meet.other].flatMap((own) => {
    const theirs = own === meet.one ? meet.other : meet.one;
    if (theirs.kind !== "territory" || theirs.tenant === undefined) return [];
    const at = own.tenant ?? own.sharers?.find((number) => number !== theirs.tenant);
    const [member, owner] = [at === undefined ? undefined : members[at], members[theirs.tenant]];
    const from = member === undefined ? undefined : subjectOfMember(member);
    const to = owner === undefined ? undefined : subjectOfMember(owner);
    return from === undefined || to === undefined ? [] : [breachOf(own, meet, from, to)];
  });

/** What became of comparing all territories. */
export interface JudgedTerritories {
  /** The first ones, to be told. */
  readonly breaches: readonly Breach[];
  /** Every tenant that is not proven by the pairs that were compared. */
  readonly unproven: ReadonlySet<string>;
  /** Whether every pair was compared. */
  readonly complete: boolean;
}

/** Judges whether the tenants' territories are apart, and apart from what is shared. */
export const judgeTerritories = (members: readonly Member[]): JudgedTerritories => {
  const all = placesOf(members);
  const caseless = all.filter(({ text }) => mayBeCaseless(text));
  const found = [meetsIn(all, most), meetsIn(caseless, most, { caseless: true })];
  const ids = members.map(({ provable }) => provable.tenant.tenantId);
  // What several tenants share is anybody's.
  const unproven = found
    .flatMap(({ places }) => [...places])
    .flatMap(({ tenant }) => (tenant === undefined ? ids : (ids[tenant] ?? [])));
  return {
    breaches: found.flatMap(({ meets }) => meets).flatMap((meet) => breachesOf(meet, members)),
    unproven: new Set(unproven),
    complete: found.every(({ complete }) => complete),
  };
};
