import { fill } from "#domain/placeholder.ts";
import { type Breach, leakBreach, unheldBreach } from "./breach.ts";
import { type Escalation, escalationsOf } from "./escalations.ts";
import type { Reach } from "./grants.ts";
import { leakOf } from "./leak.ts";
import { managedOf, type Provable } from "./provable.ts";
import { isHeld, type Subject, subjectOf, type Values } from "./subject.ts";
import { type TenantSubject, tenantSubject } from "./tenant-subject.ts";

/** A tenant under proof, its values put in. */
export interface Member {
  readonly provable: Provable;
  readonly values: Values;
}

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

/**
 * What is wrong with the tenants' policies each by itself: grants outside of the territory and of what is shared,
 * escalations that nobody acknowledged, managed policies that nobody knows. At most so many breaches.
 */
export const memberBreaches = (members: readonly Member[], most: number): Breach[] => {
  const templates = [...new Set(members.map(({ provable }) => provable.policyTemplate))];
  const numbers = new Map(templates.map((template, at) => [template, at]));
  const subjects = remembering<{ readonly subject: Subject; readonly isHeld: boolean }>();
  const escalating = remembering<readonly Escalation[]>();
  const breaches: Breach[] = [];
  for (const member of members) {
    if (breaches.length >= most) break;
    const { tenant, policyTemplate } = member.provable;
    const { known, unknown } = managedOf(member.provable);
    const key = JSON.stringify([numbers.get(policyTemplate), known.map(({ name }) => name)]);
    const { subject, isHeld: held } = subjects(key, () => {
      const made = subjectOf(policyTemplate, { values: {}, managed: known });
      return { subject: made, isHeld: made.reaches.every((reach) => isHeld(reach, made)) };
    });
    const actions = tenant.policy.acknowledged.map(({ action }) => action);
    const found = escalating(JSON.stringify([key, actions]), () => escalationsOf(subject, actions));
    const tenantId = idOf(member);
    breaches.push(
      ...unknown.map((arn) => unknownBreach(arn, policyTemplate.name, tenantId)),
      ...found.map((one) => escalationBreach(one, policyTemplate.name, tenantId)),
      ...(held ? [] : reachBreaches(member, members, subject)),
    );
  }
  return breaches;
};

interface Holder {
  readonly tenantId: string;
  readonly name: string;
}

/** Two tenants that have a value, the first ones: enough to know of any tenant whether another has it. */
const holdersOf = (members: readonly Member[]): ReadonlyMap<string, Holder[]> => {
  const holders = new Map<string, Holder[]>();
  for (const { provable, values } of members) {
    const { tenantId } = provable.tenant;
    for (const [name, value] of Object.entries(values)) {
      if (!name.startsWith("variables.")) continue;
      // Glue, for one, does not tell upper from lower case.
      const known = holders.get(value.toLowerCase()) ?? [];
      if (known.length < 2 && !known.some((one) => one.tenantId === tenantId)) known.push({ tenantId, name });
      holders.set(value.toLowerCase(), known);
    }
  }
  return holders;
};

/** Values that are declared to be no other tenant's, and are. */
export const uniqueBreaches = (members: readonly Member[]): Breach[] => {
  const holders = holdersOf(members);
  return members.flatMap(({ provable, values }) => {
    const { tenant, policyTemplate } = provable;
    const unique = Object.entries(policyTemplate.variables).filter(([, declared]) => declared.unique === true);
    return unique.flatMap(([name]): Breach[] => {
      const value = values[`variables.${name}`] ?? "";
      const other = holders.get(value.toLowerCase())?.find(({ tenantId }) => tenantId !== tenant.tenantId);
      if (other === undefined) return [];
      return [
        {
          verdict: "not-proven",
          rule: "unique",
          template: policyTemplate.name,
          tenantId: tenant.tenantId,
          otherTenantId: other.tenantId,
          message: `variable "${name}" of tenant "${tenant.tenantId}" must be no other tenant's: "${value}" is also ${other.name} of tenant "${other.tenantId}"`,
          path: ["policy", "variables", name],
          inTenant: true,
        },
      ];
    });
  });
};

/** A text of a template with a tenant's values; what only a job knows stays a placeholder. */
export const textOf = (text: string, values: Values): string => fill(text, (name) => values[name] ?? `{{${name}}}`);
