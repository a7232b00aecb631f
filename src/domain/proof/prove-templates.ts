import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { type Breach, leakBreach, unheldBreach } from "./breach.ts";
import { asExample } from "./example.ts";
import { findText } from "./find-text.ts";
import type { Reach } from "./grants.ts";
import { allValues } from "./inclusion.ts";
import { type Leak, leakOf } from "./leak.ts";
import { meetingOf, reachOfShared, tellsNamesOnly, tenantsOf } from "./meet.ts";
import { samplePairs } from "./sample.ts";
import { reasonBreaches } from "./shared-reasons.ts";
import { isHeld, type Subject, subjectOf, type Written } from "./subject.ts";
import type { TenantSubject } from "./tenant-subject.ts";

/** A template and all that it lets reach, read once. */
export interface ReadTemplate {
  readonly template: PolicyTemplate;
  readonly subject: Subject;
  /** What is not all territory or shared, for whatever values. */
  readonly unheld: readonly Reach[];
}

export const readTemplate = (template: PolicyTemplate): ReadTemplate => {
  const subject = subjectOf(template);
  return { template, subject, unheld: subject.reaches.filter((reach) => !isHeld(reach, subject)) };
};

/** The same grant of the tenant's own policies, where its values are put in. */
const ownReach = (reach: Reach, subject: Subject, tenant: TenantSubject): Reach | undefined =>
  tenant.reaches[subject.reaches.indexOf(reach)];

/** A leak of a grant between tenants of one template, as they could be. */
const possibleLeak = (
  reach: Reach,
  { template, subject }: ReadTemplate,
): { leak: Leak; reach: Reach; from: TenantSubject; to: TenantSubject } | undefined => {
  const tried = (pairs: Iterable<readonly [TenantSubject, TenantSubject]>) => {
    for (const [from, to] of pairs) {
      const own = ownReach(reach, subject, from);
      const leak = own === undefined ? undefined : leakOf(own, from, to.territory);
      if (own !== undefined && leak !== undefined) return { leak, reach: own, from, to };
    }
    return undefined;
  };
  const meetings = reach.all.flat().flatMap((parts) =>
    subject.territory.flatMap((own) => {
      const meeting = meetingOf([subject, { text: "", parts }], [subject, own]);
      const tenants = meeting === undefined ? undefined : tenantsOf(meeting, [template, template]);
      return tenants === undefined ? [] : [tenants];
    }),
  );
  return tried(samplePairs(template, template)) ?? tried(meetings);
};

/** Every grant of the template lies in the territory or in what is shared. */
const reachBreaches = (read: ReadTemplate): Breach[] =>
  read.unheld.map((reach) => {
    const found = possibleLeak(reach, read);
    if (found === undefined) return unheldBreach(reach, read.subject);
    const { from, to, leak } = found;
    const tenants = { template: read.subject, tenantId: from.tenantId, otherTenantId: to.tenantId };
    return leakBreach(found.reach, leak, tenants);
  });

/** The statement that lets the one tenant do something there. */
const leakAt = (from: TenantSubject, to: TenantSubject): { leak: Leak; reach: Reach } | undefined => {
  for (const reach of from.reaches) {
    const leak = leakOf(reach, from, to.territory);
    if (leak !== undefined) return { leak, reach };
  }
  return undefined;
};

interface Side {
  readonly read: ReadTemplate;
  readonly written: Written;
  readonly path: readonly PropertyKey[];
  readonly kind: "territory" | "shared";
}

const sidesOf = (read: ReadTemplate): Side[] =>
  read.subject.territory.map((written, at) => ({ read, written, path: ["territory", at], kind: "territory" }));

const sharedSidesOf = (read: ReadTemplate): Side[] =>
  read.subject.shared.flatMap((set, at) =>
    tellsNamesOnly(set)
      ? []
      : reachOfShared(set).map((written): Side => ({ read, written, path: ["shared", at], kind: "shared" })),
  );

const meetingMessage = (side: Side, other: Side, text: string): string => {
  const where = other.read === side.read ? "" : ` of policy template "${other.read.template.name}"`;
  const own =
    side.kind === "territory" ? `the territory "${side.written.text}"` : `what is shared, "${side.written.text}",`;
  const advice =
    side.kind === "territory"
      ? 'both must name their tenant in a way that no other value can be read as, or their variables need a "pattern" or "unique: true"'
      : "what is shared must lie outside of every territory";
  return `${own} meets the territory "${other.written.text}"${where} of another tenant at ${text}: ${advice}`;
};

/** Two tenants for whom the patterns really meet: people's own examples first, then the ones that the search made. */
const sureTenants = (side: Side, other: Side, found: ReturnType<typeof tenantsOf>) => {
  const samples = samplePairs(side.read.template, other.read.template);
  for (const [from, to] of [...samples, ...(found === undefined ? [] : [found])]) {
    const own = side.kind === "territory" ? from.territory : from.shared.flatMap(reachOfShared);
    const all = [allValues(partsOf(own), from.variables), allValues(partsOf(to.territory), to.variables)];
    const wanted = { all, none: [] };
    const meets = findText(wanted);
    if (meets.verdict === "found") return { from, to, text: asExample(meets.text, wanted) };
  }
  return undefined;
};

const partsOf = (written: readonly Written[]) => written.map(({ parts }) => parts);

const meetingBreach = (side: Side, other: Side): Breach | undefined => {
  const meeting = meetingOf([side.read.subject, side.written], [other.read.subject, other.written]);
  if (meeting === undefined) return undefined;
  const tenants = tenantsOf(meeting, [side.read.template, other.read.template]);
  const sure = sureTenants(side, other, tenants);
  const wanted = {
    all: [side, other].map(({ read, written }) => allValues([written.parts], read.subject.variables)),
    none: [],
  };
  const witness = sure?.text ?? asExample(meeting.text, wanted);
  const base = {
    rule: side.kind,
    template: side.read.template.name,
    witness,
    message: meetingMessage(side, other, witness),
    path: side.path,
  };
  if (sure === undefined) return { ...base, verdict: "not-proven" };
  const ids = { tenantId: sure.from.tenantId, otherTenantId: sure.to.tenantId };
  const found = leakAt(sure.from, sure.to);
  if (found === undefined) return { ...base, ...ids, verdict: "leak" };
  const leak = leakBreach(found.reach, found.leak, { template: side.read.subject, ...ids });
  return { ...leak, rule: side.kind, message: `${leak.message}; ${base.message}`, path: side.path };
};

/** Territories of two tenants never meet, and nothing that is shared meets one. */
const meetingBreaches = (one: ReadTemplate, other: ReadTemplate): Breach[] => {
  const theirs = sidesOf(other);
  return [...sidesOf(one), ...sharedSidesOf(one)].flatMap((side) => {
    for (const their of theirs) {
      const breach = meetingBreach(side, their);
      if (breach !== undefined) return [breach];
    }
    return [];
  });
};

/** Why a template is not proven for any two tenants that could ever be; nothing where it is. */
export const templateBreaches = (read: ReadTemplate): Breach[] => [
  ...reachBreaches(read),
  ...meetingBreaches(read, read),
  ...reasonBreaches(read.template, read.subject),
];

/** Why tenants of two templates are not proven to stay apart. */
export const crossBreaches = (one: ReadTemplate, other: ReadTemplate): Breach[] => meetingBreaches(one, other);
