import type { ManagedPolicy } from "#domain/tenant/managed-policy.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import { maxExecutionPolicyCharacters } from "./execution-policy.ts";
import { type LongestValues, longestValues } from "./longest-values.ts";

/** How an execution policy and the managed policies beside it stand against the limit that they share. */
export interface PolicyBudget {
  /** Of the execution policy, rendered and minified. */
  readonly characters: number;
  /**
   * Of the managed policies' documents, minified: the least that they can have. Whether AWS counts the white space that
   * they have in IAM is not documented.
   */
  readonly managedCharacters: number;
  /** Managed policies whose documents are not known: their text counts as well. */
  readonly unknownArns: readonly string[];
  readonly limit: number;
  /** Below 0 where they have too many. */
  readonly left: number;
}

export const policyBudget = (
  characters: number,
  arns: readonly string[],
  documents: readonly ManagedPolicy[] = [],
): PolicyBudget => {
  const files = arns.map((arn) => ({ arn, document: documents.find((one) => one.arn === arn)?.document }));
  const managedCharacters = files.reduce(
    (sum, { document }) => sum + (document === undefined ? 0 : JSON.stringify(document).length),
    0,
  );
  const limit = maxExecutionPolicyCharacters;
  return {
    characters,
    managedCharacters,
    unknownArns: files.flatMap(({ arn, document }) => (document === undefined ? [arn] : [])),
    limit,
    left: limit - characters - managedCharacters,
  };
};

/** From how many characters on a policy is told to be near its limit: 80 %. */
const nearlyFull = Math.ceil(maxExecutionPolicyCharacters * 0.8);

const listedValues = (values: LongestValues): string =>
  Object.entries(values)
    .map(([name, characters]) => `${name.replace(/^variables\./, "")} ${characters}`)
    .join(", ");

const nearNotes = (setup: TenantSetup, { characters, managedCharacters, limit }: PolicyBudget): string[] => {
  const used = characters + managedCharacters;
  if (used < nearlyFull) return [];
  const managed = managedCharacters === 0 ? "" : `, ${managedCharacters} of them at least in its managed policies`;
  const longest = longestValues(setup, managedCharacters);
  return [
    `the policy has ${used} of ${limit} characters when rendered and minified${managed}`,
    `the longest values that still fit, each beside the others as they are: ${listedValues(longest)}`,
    `AWS also limits policies in packed form: ${used} characters may be too many for that, and nobody can compute it: try a job with them`,
  ];
};

/** What an author should know of the policies of a setup, where they are near the limit or nobody knows how near. */
export const budgetNotes = (setup: TenantSetup, budget: PolicyBudget): string[] => {
  const { unknownArns, left } = budget;
  const unknown = `the text of managed policies without a file counts as well, and must fit the ${left} characters left: ${unknownArns.join(", ")}`;
  return [...nearNotes(setup, budget), ...(unknownArns.length === 0 ? [] : [unknown])];
};
