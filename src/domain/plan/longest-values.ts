import { fill, placeholdersIn } from "#domain/placeholder.ts";
import type { PolicyTemplate, VariableType } from "#domain/tenant/policy-template.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { filledDocument, longestJob, maxExecutionPolicyCharacters } from "./execution-policy.ts";
import { mergedPolicy } from "./merged-policy.ts";
import { variableValues } from "./variable-values.ts";

/** The most characters that each value may have, by its placeholder's name: `tenant.id`, `variables.lakeBucket`. */
export type LongestValues = Readonly<Record<string, number>>;

/** What a value's own form allows; the others have no end of their own. */
const longestOfType: Readonly<Record<VariableType, number>> = {
  segment: Number.POSITIVE_INFINITY,
  path: Number.POSITIVE_INFINITY,
  bucket: 63,
  name: Number.POSITIVE_INFINITY,
  arn: Number.POSITIVE_INFINITY,
};

/** `[a-z0-9][a-z0-9-]{1,38}`. */
const longestTenantId = 39;

const ownLongest = ({ variables }: PolicyTemplate, name: string): number => {
  const declared = variables[name.replace(/^variables\./, "")];
  return declared === undefined ? longestTenantId : longestOfType[declared.type];
};

/** The values that a pattern gives as soon as the tenant id is known, for there is no wildcard in it. */
const followingValues = ({ variables }: PolicyTemplate): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, { pattern }]) =>
      pattern === undefined || /[*?]/.test(pattern)
        ? []
        : [[`variables.${name}`, fill(pattern, (found) => `{{${found}}}`)]],
    ),
  );

/** A policy's size by what is not filled in: the characters that it has anyway, and how often each placeholder stands. */
interface Measure {
  readonly fixed: number;
  readonly places: ReadonlyMap<string, number>;
}

/**
 * Measures what would be sent: merged, as JSON, with the longest ids of a job. No value has a character that JSON escapes,
 * so one of n characters takes n at each place.
 */
const measure = ({ document }: PolicyTemplate, values: Readonly<Record<string, string>>): Measure => {
  const text = JSON.stringify(filledDocument(mergedPolicy(filledDocument(document, values)), longestJob));
  const places = new Map<string, number>();
  for (const name of placeholdersIn(text)) places.set(name, (places.get(name) ?? 0) + 1);
  return { fixed: fill(text, () => "").length, places };
};

/**
 * How long each value of a tenant may be before its policies have more characters than the limit, beside the other values as
 * they are: at most what the value's own form allows. Where it is like another text of the policy, more may fit, for the same
 * is not said twice. Values that follow from the tenant id by their pattern go with it.
 */
export const longestValues = (
  { tenant, policyTemplate }: Pick<TenantSetup, "tenant" | "policyTemplate">,
  managedCharacters = 0,
): LongestValues => {
  const { values } = variableValues(policyTemplate, tenant.policy.variables, tenant.tenantId);
  const following = followingValues(policyTemplate);
  const own: Record<string, string> = {
    "tenant.id": tenant.tenantId,
    ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`variables.${name}`, value])),
  };
  const names = [...measure(policyTemplate, following).places.keys()];
  return Object.fromEntries(
    names.map((name) => {
      const { [name]: _open, ...others } = name === "tenant.id" ? { ...own, ...following } : own;
      const { fixed, places } = measure(policyTemplate, others);
      const room = maxExecutionPolicyCharacters - managedCharacters - fixed;
      const fitting = Math.floor(room / (places.get(name) ?? 1));
      return [name, Math.max(0, Math.min(ownLongest(policyTemplate, name), fitting))];
    }),
  );
};

/**
 * How large a template's policies become, without managed policies. `any-value`: all fit, and the largest has so many
 * characters. `up-to`: they fit where none of these values has more than so many, and all others are as long as they can be.
 */
export interface TemplateSize {
  readonly verdict: "any-value" | "up-to";
  readonly characters: number;
  readonly names: readonly string[];
  readonly limit: number;
}

/** The size of a template for the longest values that there are, or the longest ones that still fit. */
export const templateSize = (template: PolicyTemplate): TemplateSize => {
  const limit = maxExecutionPolicyCharacters;
  const { fixed, places } = measure(template, followingValues(template));
  const sizeUpTo = (most: number): number =>
    [...places].reduce((sum, [name, count]) => sum + count * Math.min(most, ownLongest(template, name)), fixed);
  const characters = sizeUpTo(Number.POSITIVE_INFINITY);
  if (characters <= limit) return { verdict: "any-value", characters, names: [], limit };
  let most = 0;
  while (sizeUpTo(most + 1) <= limit) most += 1;
  const names = [...places.keys()].filter((name) => ownLongest(template, name) > most);
  return { verdict: "up-to", characters: most, names, limit };
};
