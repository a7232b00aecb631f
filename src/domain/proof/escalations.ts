import { actionOf, actions, coversActions, hasAction } from "./actions.ts";
import type { Reach } from "./grants.ts";
import { isIncluded } from "./inclusion.ts";
import { escalations, judgedServices, plainActions } from "./judged-actions.ts";
import { exampleActions } from "./leak.ts";
import { alwaysHolds } from "./listing.ts";
import { readPattern } from "./pattern.ts";
import { serviceOf } from "./services.ts";
import type { Subject } from "./subject.ts";

/** Whatever no service was judged for: an action of another one may hand out credentials, or do work under another role. */
const unjudged = actions(["*"], [...judgedServices.map((service) => `${service}:*`), ...plainActions]);

/** An Allow of such an action, with one action that it allows. */
export interface Escalation {
  readonly reach: Reach;
  readonly action: string;
  /** The pattern of `escalations` that it is one of; of a service that was not judged, the service's actions. */
  readonly pattern: string;
}

/** What Denies without a condition do on all that the reach has: actions that they take, and lists that they leave over. */
const deniesFor = (reach: Reach, { policies }: Subject) => {
  const denies = policies.flatMap(({ statements }) => statements.filter(({ effect }) => effect === "Deny"));
  const [own = []] = reach.all;
  const total = denies.filter(({ resource = [], condition }) => {
    const taken = resource.flatMap((text) => {
      const parts = readPattern(text, "narrowest");
      return parts === undefined ? [] : [parts];
    });
    return alwaysHolds(condition) && own.every((parts) => isIncluded(parts, taken));
  });
  return {
    taken: total.flatMap(({ action = [] }) => action),
    left: total.flatMap(({ notAction }) => (notAction === undefined ? [] : [notAction])),
  };
};

/** An example as people write it: one that the statement names, or that they know, before one that only the pattern has. */
const exampleOf = (reach: Reach, found: string, pattern: string): string => {
  const [service = ""] = found.split(":");
  return exampleActions(reach.actions, service).find((one) => hasAction(actions([pattern]), one)) ?? found;
};

const servicesOf = ({ actions: { any } }: Reach): string[] => any.map(serviceOf);

/** Patterns that can have an action of the reach: where it names its services, only theirs. */
const patternsFor = (reach: Reach): readonly string[] => {
  const services = servicesOf(reach);
  if (services.some((service) => !/^[a-z0-9-]+$/.test(service))) return escalations;
  return escalations.filter((pattern) => services.includes(serviceOf(pattern)));
};

/** What a tenant's policies let escalate, but for what its file acknowledges. */
export const escalationsOf = (subject: Subject, acknowledged: readonly string[] = []): Escalation[] =>
  subject.reaches.flatMap((reach) => {
    const { taken, left } = deniesFor(reach, subject);
    const without = [...acknowledged, ...taken];
    if (coversActions(actions(without), reach.actions)) return [];
    const known = patternsFor(reach).flatMap((pattern) => {
      const found = actionOf(reach.actions, actions([pattern]), without, left);
      return found === undefined ? [] : [{ reach, action: exampleOf(reach, pattern, pattern), pattern }];
    });
    if (known.length > 0 || servicesOf(reach).every((service) => judgedServices.includes(service))) return known;
    const other = actionOf(reach.actions, unjudged, without, left);
    if (other === undefined) return [];
    const pattern = other.includes(":") ? `${serviceOf(other)}:*` : other;
    return [{ reach, action: exampleOf(reach, other, pattern), pattern }];
  });
