import { describe, expect, test } from "vitest";
import { budgetNotes, policyBudget } from "#domain/plan/policy-budget.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

const arn = "arn:aws:iam::111122223333:policy/read";
const other = "arn:aws:iam::aws:policy/Other";
const document = { Version: "2012-10-17", Statement: [] };
const minified = JSON.stringify(document).length;
const setup = sampleSetup();

describe("policyBudget()", () => {
  test("counts the policy and the documents of its managed policies, minified, against one limit", () => {
    expect(policyBudget(100, [arn], [{ arn, document }])).toEqual({
      characters: 100,
      managedCharacters: minified,
      unknownArns: [],
      limit: 2048,
      left: 2048 - 100 - minified,
    });
  });

  test("names the managed policies that it knows nothing of, and counts no document of another's", () => {
    const found = policyBudget(
      100,
      [arn, other],
      [
        { arn, document },
        { arn: `${arn}2`, document },
      ],
    );
    expect(found).toMatchObject({ managedCharacters: minified, unknownArns: [other] });
  });

  test("has less than nothing left where both are too many", () => {
    expect(policyBudget(2048, [arn], [{ arn, document }]).left).toBe(-minified);
  });
});

describe("budgetNotes() tells what an author should know", () => {
  const notesOf = (characters: number, arns: readonly string[] = []) =>
    budgetNotes(setup, policyBudget(characters, arns, [{ arn, document }]));

  test("from 80 % of the limit on: the size, the longest values, and that there is another limit", () => {
    expect(notesOf(1638)).toEqual([]);
    expect(notesOf(1639)).toEqual([
      "the policy has 1639 of 2048 characters when rendered and minified",
      "the longest values that still fit, each beside the others as they are: bucket 63, tenant.id 39",
      "AWS also limits policies in packed form: 1639 characters may be too many for that, and nobody can compute it: try a job with them",
    ]);
  });

  test("with the managed policies counted in", () => {
    expect(notesOf(1638 - minified, [arn])).toEqual([]);
    expect(notesOf(1639 - minified, [arn])[0]).toBe(
      `the policy has 1639 of 2048 characters when rendered and minified, ${minified} of them at least in its managed policies`,
    );
  });

  test("of managed policies whose text nobody knows", () => {
    expect(notesOf(100, [arn, other])).toEqual([
      `the text of managed policies without a file counts as well, and must fit the ${1948 - minified} characters left: ${other}`,
    ]);
  });
});
