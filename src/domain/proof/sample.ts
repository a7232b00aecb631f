import { fill } from "#domain/placeholder.ts";
import { variableFault } from "#domain/plan/variable-values.ts";
import type { PolicyTemplate, VariableType } from "#domain/tenant/policy-template.ts";
import { type TenantSubject, tenantSubject } from "./tenant-subject.ts";
import { textsMeet } from "./texts-meet.ts";

/** A value of each type, of a tenant. */
const plain: Readonly<Record<VariableType, (tenantId: string) => string>> = {
  segment: (tenantId) => `of-${tenantId}`,
  path: (tenantId) => `of/${tenantId.replaceAll("-", "/")}`,
  bucket: (tenantId) => `of-${tenantId}`,
  name: (tenantId) => `of_${tenantId}`,
  arn: (tenantId) => `arn:aws:s3:::of-${tenantId}`,
};

const shared = "all";

/** ARNs that a pattern of one may mean: a wildcard stands for several sections of it. */
const arnsOf = (type: VariableType, last: string): string[] =>
  type === "arn" ? [`arn:aws:kms:us-east-1:111122223333:key/${last}`, `arn:aws:s3:::b/${last}`] : [];

const fitting = (type: VariableType, pattern: string, candidates: readonly string[]): string | undefined =>
  candidates.find((text) => variableFault(type, text) === undefined && textsMeet(pattern, text));

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
      const filled = fill(pattern ?? "*", () => tenantId);
      const [short = "", ...longer] = [unique ? tenantId : "x", own].map((text) =>
        filled.replaceAll("?", "x").replaceAll("*", text),
      );
      const candidates = filled === "*" ? [plain[type](own)] : [short, ...longer, ...arnsOf(type, own)];
      return [name, fitting(type, filled, candidates) ?? short];
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
      const filled = fill(pattern, () => tenantId);
      // One character each is enough for every form but an ARN's, and none is not.
      const short = filled.replaceAll("?", "0").replaceAll("*", "0");
      return [name, fitting(type, filled, [short, ...arnsOf(type, "0")]) ?? short];
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

const uniqueOf = (template: PolicyTemplate, tenantId: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(sampleValues(template, tenantId)).filter(([name]) => template.variables[name]?.unique === true),
  );

/** The same values, but where another tenant's value of the same type is one that nothing forbids to have as well. */
const takenFrom = (
  template: PolicyTemplate,
  values: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, own]) => {
      const { type = "segment", pattern = "*", unique = false } = template.variables[name] ?? {};
      if (unique || pattern.includes("{{")) return [name, own];
      const others = Object.values(theirs).filter((value) => value !== own);
      return [name, fitting(type, pattern, others) ?? own];
    }),
  );

/** Pairs of tenants of two templates, as a person would think of them. A template without samples has none. */
export const samplePairs = (
  one: PolicyTemplate,
  other: PolicyTemplate,
): (readonly [from: TenantSubject, to: TenantSubject])[] =>
  pairs.flatMap(([from, to]) => {
    const [own, values] = [sampleValues(one, from), sampleValues(other, to)];
    const first = tenantSubject(one, from, own);
    const second = tenantSubject(other, to, values);
    // A value that both may have is what an open pattern lets happen: in the same variable, or in another one.
    const same = one === other ? tenantSubject(one, from, { ...values, ...uniqueOf(one, from) }) : undefined;
    const taking = tenantSubject(other, to, takenFrom(other, values, own));
    return [
      [first, second],
      [same, second],
      [first, taking],
    ].flatMap(([each, their]) => (each === undefined || their === undefined ? [] : [[each, their] as const]));
  });
