import { type Fault, faultAt } from "#domain/fault.ts";
import { codePrefixes } from "#domain/plan/entry-points.ts";
import { wantedByBound } from "#domain/rails/bounds.ts";
import type { Engine } from "#domain/rails/engines.ts";
import { guardRailFaults } from "#domain/rails/guard-rails.ts";
import { withSystemProperties } from "#domain/rails/java-options.ts";
import { means, meanTheSame } from "#domain/rails/setting.ts";
import type { PropertyRules } from "./property-rules.ts";
import type { TenantDraft } from "./setup-documents.ts";

/** A property that the tenant's file itself sets, and where. */
interface OwnProperty {
  readonly key: string;
  readonly value: string;
  readonly path: readonly string[];
}

const ownProperties = ({ field }: Engine, rules: PropertyRules): OwnProperty[] =>
  (["default", "enforced"] as const).flatMap((list) =>
    Object.entries(rules[list]).map(([key, value]) => ({ key, value, path: [field, list, key] })),
  );

/** Defaults that a job could never set itself: what is meant is either an enforced property or a narrower rule. */
const forbiddenDefaults = ({ name, field }: Engine, { default: defaults, forbidden }: PropertyRules): Fault[] =>
  Object.keys(defaults).flatMap((key) => {
    const rule = forbidden.find((pattern) => means(pattern, key));
    const wanted = `a ${name} property that no forbidden rule matches, and "${rule}" does: move it to enforced`;
    return rule === undefined ? [] : [faultAt([field, "default", key], key, wanted)];
  });

const beyondBounds = ({ key, value, path }: OwnProperty, { bounded }: PropertyRules): Fault[] =>
  Object.entries(bounded).flatMap(([name, bound]) => {
    const wanted = meanTheSame(name, key) ? wantedByBound(bound, value) : undefined;
    return wanted === undefined ? [] : [faultAt(path, value, `${wanted}, as bounded says`)];
  });

/**
 * Whether a tenant's own properties keep its own rules and the guard rails, which hold for everybody: also who writes the
 * file has to say why one is let down.
 */
export const propertyRuleFaults = ({ tenant, tenantId }: TenantDraft, engine: Engine): Fault[] => {
  const { entryPoints = [], guardRails } = tenant;
  const rules = tenant[engine.field];
  if (rules === undefined || guardRails === undefined) return [];
  const own = ownProperties(engine, rules);
  const settings = own.flatMap((property) => withSystemProperties({ ...property, reader: engine.reader }));
  return [
    ...forbiddenDefaults(engine, rules),
    ...own.flatMap((property) => beyondBounds(property, rules)),
    ...guardRailFaults(settings, {
      prefixes: codePrefixes({ entryPoints, tenantId }),
      acknowledged: guardRails.acknowledged,
    }),
  ];
};
