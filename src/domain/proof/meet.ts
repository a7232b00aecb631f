import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";
import { inLowerCase, mayBeCaseless } from "./caseless.ts";
import { spellOut } from "./marked.ts";
import { type Meeting, type MustDiffer, meetingText } from "./meeting.ts";
import { comparable } from "./own-values.ts";
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

/**
 * A text that the patterns of two different tenants may share, for some values; nothing where none do. It is in lower case
 * where only the case of Glue's names kept them apart.
 */
export const meetingOf = (
  [one, pattern]: readonly [Subject, Written],
  [other, others]: readonly [Subject, Written],
): Meeting | undefined => {
  const [first, second] = [spellOut(pattern.parts, one.variables), spellOut(others.parts, other.variables)];
  const differing = mustDiffer(one, other);
  const meeting = meetingText(first, second, differing);
  if (meeting !== undefined || ![pattern, others].every(({ text }) => mayBeCaseless(text))) return meeting;
  return meetingText(inLowerCase(first), inLowerCase(second), differing);
};

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

/** The values of a tenant that a meeting makes, with examples of those that it says nothing of. */
const valuesIn = ({ values }: Meeting, at: 0 | 1, template: PolicyTemplate) => {
  const { "tenant.id": tenantId = `sample${at}`, ...met } = values[at];
  const own = Object.entries(met).map(([name, value]) => [name.slice("variables.".length), value]);
  const variables: Record<string, string> = { ...sampleValues(template, tenantId), ...Object.fromEntries(own) };
  return { template, tenantId, variables };
};

type Made = ReturnType<typeof valuesIn>;

/** Whether the one has a value that is to be no other tenant's, and is the other's. */
const takes = (one: Made, other: Made): boolean => {
  const theirs = Object.values(other.variables).map(comparable);
  return Object.entries(one.template.variables).some(
    ([name, { unique }]) => unique === true && theirs.includes(comparable(one.variables[name] ?? "")),
  );
};

/** The tenants of a meeting, as real ones would be; nothing where such values cannot be. */
export const tenantsOf = (
  meeting: Meeting,
  [template, other]: readonly [PolicyTemplate, PolicyTemplate],
): readonly [TenantSubject, TenantSubject] | undefined => {
  const [from, to] = [valuesIn(meeting, 0, template), valuesIn(meeting, 1, other)];
  if (from.tenantId === to.tenantId || takes(from, to) || takes(to, from)) return undefined;
  const [one, theirs] = [from, to].map((made) => tenantSubject(made.template, made.tenantId, made.variables));
  return one === undefined || theirs === undefined ? undefined : [one, theirs];
};
