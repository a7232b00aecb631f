import { type LongestValues, templateSize } from "#domain/plan/longest-values.ts";
import type { PolicyBudget } from "#domain/plan/policy-budget.ts";
import type { PolicyTemplate } from "#domain/tenant/policy-template.ts";

const plainName = (name: string): string => name.replace(/^variables\./, "");

/** How the policies of a tenant stand against their limit. */
export const budgetText = ({
  characters,
  managedCharacters,
  limit,
  left,
}: Omit<PolicyBudget, "unknownArns">): string => {
  const managed = managedCharacters === 0 ? "" : `, at least ${managedCharacters} more in its managed policies`;
  return `${characters} of ${limit} characters${managed}, ${left} left`;
};

/** How long the tenant's values may be. */
export const longestText = (values: LongestValues): string => {
  const told = Object.entries(values).map(([name, characters]) => `${plainName(name)} ${characters}`);
  return `longest values that fit, each beside the others as they are: ${told.join(", ") || "it has none"}`;
};

/** How long a template's policies become, whoever uses it. */
export const templateSizeLine = (template: PolicyTemplate): string => {
  const size = templateSize(template);
  const file = `policies/${template.name}.yaml`;
  if (size.verdict === "any-value") {
    return `${file}: at most ${size.characters} of ${size.limit} characters, whatever its tenants' values are`;
  }
  const names = size.names.map(plainName).join(", ");
  return `${file}: fits ${size.limit} characters where ${names} ${size.names.length === 1 ? "has" : "have"} at most ${size.characters}${size.names.length === 1 ? "" : " each"}, however long its tenants' other values are`;
};
