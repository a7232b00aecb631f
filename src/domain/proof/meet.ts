import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { spellOut } from "./marked.ts";
import { type Meeting, type MustDiffer, meetingText } from "./meeting.ts";
import { readPattern } from "./pattern.ts";
import { sampleValues } from "./sample.ts";
import { nameActions, serviceOf } from "./services.ts";
import type { SharedSet, Subject, Written } from "./subject.ts";
import { type TenantSubject, tenantSubject } from "./tenant-subject.ts";

/** Ids differ between tenants; so does a `unique` variable from every variable of every other tenant. */
const mustDiffer =
  (one: Subject, other: Subject): MustDiffer =>
  (first, second) => {
    if (first === "tenant.id" || second === "tenant.id") return first === second;
    return isUnique(one, first) || isUnique(other, second);
  };

const isUnique = ({ variables }: Subject, name: string): boolean =>
  variables[name.slice("variables.".length)]?.unique === true;

/** A text that the patterns of two different tenants may share, for some values; nothing where none do. */
export const meetingOf = (
  [one, pattern]: readonly [Subject, Written],
  [other, others]: readonly [Subject, Written],
): Meeting | undefined =>
  meetingText(spellOut(pattern.parts, one.variables), spellOut(others.parts, other.variables), mustDiffer(one, other));

const areNameActions = (all: readonly string[]): boolean => all.every((action) => nameActions.includes(action));

/**
 * What a shared set reaches: of "*" only the ARNs of its actions' services, where all of them tell names. Any other action
 * on "*" counts as one on any ARN: many have no resource type, and s3's and kinesis's are on other services' ARNs too.
 */
export const reachOfShared = ({ entry, resources }: SharedSet): Written[] => {
  const services = [...new Set(entry.actions.map(serviceOf))];
  return resources.flatMap((written) => {
    if (written.text !== "*" || !areNameActions(entry.actions)) return [written];
    return services.map((service) => {
      const text = `arn:*:${service}:*`;
      return { text, parts: readPattern(text, "widest") ?? [] };
    });
  });
};

/** Whether a shared set may meet territories all the same: it tells names only, and says why. */
export const tellsNamesOnly = ({ entry }: SharedSet): boolean =>
  entry.reason !== undefined && areNameActions(entry.actions);

/** The tenants of a meeting, as real ones would be; nothing where such values cannot be. */
export const tenantsOf = (
  meeting: Meeting,
  templates: readonly [PolicyTemplate, PolicyTemplate],
): readonly [TenantSubject, TenantSubject] | undefined => {
  const [one, other] = templates.map((template, at) => {
    const { "tenant.id": tenantId = `sample${at}`, ...values } = meeting.values[at] ?? {};
    const own = Object.entries(values).map(([name, value]) => [name.slice("variables.".length), value]);
    return tenantSubject(template, tenantId, { ...sampleValues(template, tenantId), ...Object.fromEntries(own) });
  });
  if (one === undefined || other === undefined || one.tenantId === other.tenantId) return undefined;
  return [one, other];
};
