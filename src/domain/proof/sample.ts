import { fill } from "#domain/placeholder.ts";
import type { PolicyTemplate, VariableType } from "#domain/tenant/policy-template.ts";
import { type TenantSubject, tenantSubject } from "./tenant-subject.ts";

/** A value of each type, of a tenant. */
const plain: Readonly<Record<VariableType, (tenantId: string) => string>> = {
  segment: (tenantId) => `of-${tenantId}`,
  path: (tenantId) => `of/${tenantId}`,
  bucket: (tenantId) => `of-${tenantId}`,
  name: (tenantId) => `of_${tenantId}`,
  arn: (tenantId) => `arn:aws:s3:::of-${tenantId}`,
};

const shared = "all";

/**
 * Values of a template's variables for a tenant that does not exist: the defaults where the tenants may share them, else
 * text as short as the patterns allow. A variable that nothing ties to its tenant has the same value in every tenant,
 * for nothing forbids that.
 */
export const sampleValues = (template: PolicyTemplate, tenantId: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.variables).map(([name, { type, pattern, unique = false, default: value }]) => {
      if (value !== undefined && !unique && pattern?.includes("{{") !== true) return [name, value];
      const own = unique ? tenantId : shared;
      if (pattern === undefined) return [name, plain[type](own)];
      const text = fill(pattern, () => tenantId).replaceAll("?", "x");
      return [name, text.replaceAll("*", unique ? tenantId : "x")];
    }),
  );

const shortest: Readonly<Record<VariableType, string>> = {
  segment: "s",
  path: "p",
  bucket: "bbb",
  name: "n",
  arn: "arn:aws:s3:::b",
};

/** The shortest values of a template's variables: what does not render with them renders with nothing. */
export const shortestValues = (template: PolicyTemplate, tenantId: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(template.variables).map(([name, { type, pattern }]) => {
      if (pattern === undefined || pattern === "*") return [name, shortest[type]];
      const text = fill(pattern, () => tenantId).replaceAll("?", "0");
      // One character each is enough for every form, and none is not.
      return [name, text.replaceAll("*", "0")];
    }),
  );

/** Pairs of ids that tell one leak from another: one that goes on where the other ends, in front, behind, or not at all. */
const pairs: readonly (readonly [string, string])[] = [
  ["acme", "acme2"],
  ["acme", "acme-x"],
  ["acme", "xacme"],
  ["acme", "x-acme"],
  ["acme", "globex"],
];

/** Pairs of tenants of two templates, as a person would think of them. A template without samples has none. */
export const samplePairs = (
  one: PolicyTemplate,
  other: PolicyTemplate,
): (readonly [from: TenantSubject, to: TenantSubject])[] =>
  pairs.flatMap(([from, to]) => {
    const first = tenantSubject(one, from, sampleValues(one, from));
    const second = tenantSubject(other, to, sampleValues(other, to));
    return first === undefined || second === undefined ? [] : [[first, second] as const];
  });
