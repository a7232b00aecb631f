import { fill } from "#domain/placeholder.ts";
import type { ManagedPolicy } from "#domain/tenant/managed-policy.ts";
import { type Breach, leakBreach, unheldBreach } from "./breach.ts";
import { type Escalation, escalationsOf } from "./escalations.ts";
import type { Reach } from "./grants.ts";
import { leakOf } from "./leak.ts";
import type { Member } from "./own-values.ts";
import { managedOf } from "./provable.ts";
import { isHeld, type Subject, subjectOf, type Values } from "./subject.ts";
import { type TenantSubject, tenantSubject } from "./tenant-subject.ts";

/** Calls of real tenants on each other's territories that are tried, to name them where the template leaks anyway. */
const mostPairs = 300;

/** Remembers by what a policy is made of, so that ten thousand tenants of one template are read once. */
const remembering = <T>(): ((key: string, make: () => T) => T) => {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make();
    known.set(key, made);
    return made;
  };
};

const idOf = ({ provable }: Member): string => provable.tenant.tenantId;

const escalationBreach = ({ reach, action, pattern }: Escalation, template: string, tenantId: string): Breach => ({
  verdict: "not-proven",
  rule: "escalation",
  template,
  tenantId,
  policy: reach.policy,
  statement: reach.statement.label,
  action,
  message: `tenant "${tenantId}" may ${action} (statement "${reach.statement.label}" of policy "${reach.policy}"), by which a job can get more than its policy gives: deny it, or acknowledge "${pattern}" with a reason in policy.acknowledged of the tenant's file`,
  path: ["policy"],
  inTenant: true,
});

const unknownBreach = (arn: string, template: string, tenantId: string): Breach => ({
  verdict: "not-proven",
  rule: "managed-policy",
  template,
  tenantId,
  policy: arn,
  message: `tenant "${tenantId}" may do anything by managed policy ${arn}, as far as is known: put its document into policies/managed/`,
  path: ["policy", "managedPolicyArns"],
  inTenant: true,
});

const documentBreach = (arn: string, member: Member, other: Member): Breach => ({
  verdict: "not-proven",
  rule: "managed-policy",
  template: member.provable.policyTemplate.name,
  tenantId: idOf(member),
  otherTenantId: idOf(other),
  policy: arn,
  message: `managed policy ${arn} has one document with tenant "${idOf(member)}" and another with tenant "${idOf(other)}": give both the one that AWS has`,
  path: ["policy", "managedPolicyArns"],
  inTenant: true,
});

/** A member of one template, with its values and its managed policies. */
export const subjectOfMember = ({ provable }: Member): TenantSubject | undefined => {
  const { tenant, policyTemplate } = provable;
  return tenantSubject(policyTemplate, tenant.tenantId, tenant.policy.variables, managedOf(provable).known);
};

/** The grants of a tenant that are neither its own nor shared; with real tenants that they reach, where there are some. */
const reachBreaches = (member: Member, members: readonly Member[], template: Subject): Breach[] => {
  const from = subjectOfMember(member);
  if (from === undefined) return [];
  const unheld = from.reaches.filter((reach) => !isHeld(reach, from));
  if (unheld.length === 0) return [];
  const others = members
    .filter((other) => other !== member)
    .slice(0, mostPairs)
    .flatMap((other) => subjectOfMember(other) ?? []);
  return unheld.map((reach) => leakTo(reach, from, others, template) ?? unheldBreach(reach, template, from.tenantId));
};

const leakTo = (
  reach: Reach,
  from: TenantSubject,
  others: readonly TenantSubject[],
  template: Subject,
): Breach | undefined => {
  for (const to of others) {
    const leak = leakOf(reach, from, to.territory);
    if (leak !== undefined) {
      return leakBreach(reach, leak, { template, tenantId: from.tenantId, otherTenantId: to.tenantId });
    }
  }
  return undefined;
};

/** Managed policies by number: two documents of one ARN are two policies. */
const numbering = (): ((policy: ManagedPolicy) => number) => {
  const numbers = new Map<ManagedPolicy, number>();
  const byText = new Map<string, number>();
  return (policy) => {
    const known = numbers.get(policy);
    if (known !== undefined) return known;
    const text = JSON.stringify(policy.document);
    const number = byText.get(`${policy.arn} ${text}`) ?? byText.size;
    byText.set(`${policy.arn} ${text}`, number);
    numbers.set(policy, number);
    return number;
  };
};

/** What is wrong with the tenants' policies each by itself. */
export interface JudgedMembers {
  /** The first ones, to be told. */
  readonly breaches: readonly Breach[];
  /** Every tenant that is not proven, also those of whom nothing more is told. */
  readonly unproven: ReadonlySet<string>;
}

/**
 * Judges the tenants' policies each by itself: grants outside of the territory and of what is shared, escalations that
 * nobody acknowledged, managed policies that nobody knows. Every tenant is judged; about so many breaches are told.
 */
export const judgeMembers = (members: readonly Member[], most: number): JudgedMembers => {
  const templates = [...new Set(members.map(({ provable }) => provable.policyTemplate))];
  const numbers = new Map(templates.map((template, at) => [template, at]));
  const numberOf = numbering();
  const subjects = remembering<{ readonly subject: Subject; readonly isHeld: boolean }>();
  const escalating = remembering<readonly Escalation[]>();
  const breaches: Breach[] = [];
  const unproven = new Set<string>();
  for (const member of members) {
    const { tenant, policyTemplate } = member.provable;
    const { known, unknown, files } = managedOf(member.provable);
    const key = JSON.stringify([numbers.get(policyTemplate), files.map(numberOf)]);
    const { subject, isHeld: held } = subjects(key, () => {
      const made = subjectOf(policyTemplate, { values: {}, managed: known });
      return { subject: made, isHeld: made.reaches.every((reach) => isHeld(reach, made)) };
    });
    const actions = tenant.policy.acknowledged.map(({ action }) => action);
    const found = escalating(JSON.stringify([key, actions]), () => escalationsOf(subject, actions));
    const tenantId = idOf(member);
    const isFull = breaches.length >= most;
    const own = [
      ...unknown.map((arn) => unknownBreach(arn, policyTemplate.name, tenantId)),
      ...found.map((one) => escalationBreach(one, policyTemplate.name, tenantId)),
      ...(held || isFull ? [] : reachBreaches(member, members, subject)),
    ];
    // Looking for calls takes its time: who is not held by the template is not proven without it, once enough is told.
    if (own.length > 0 || (isFull && !held)) unproven.add(tenantId);
    if (!isFull) breaches.push(...own);
  }
  return { breaches, unproven };
};

/** Managed policies of which tenants were given different documents: AWS has one, and nobody knows which. */
export const documentBreaches = (members: readonly Member[]): Breach[] => {
  const numberOf = numbering();
  const held = members.flatMap((member) =>
    managedOf(member.provable).files.map((file) => ({ member, arn: file.arn, number: numberOf(file) })),
  );
  /** For each ARN a holder of each document. */
  const holders = new Map<string, Map<number, Member>>();
  for (const { member, arn, number } of held) {
    const known = holders.get(arn) ?? new Map<number, Member>();
    if (!known.has(number)) known.set(number, member);
    holders.set(arn, known);
  }
  return held.flatMap(({ member, arn, number }) => {
    const other = [...(holders.get(arn) ?? [])].find(([theirs]) => theirs !== number)?.[1];
    return other === undefined ? [] : [documentBreach(arn, member, other)];
  });
};

/** A text of a template with a tenant's values; what only a job knows stays a placeholder. */
export const textOf = (text: string, values: Values): string => fill(text, (name) => values[name] ?? `{{${name}}}`);
