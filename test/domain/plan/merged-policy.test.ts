import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { mergedPolicy } from "#domain/plan/merged-policy.ts";
import { evaluate } from "#domain/proof/evaluate.ts";
import { statementsOf } from "#domain/proof/statement.ts";

const statementList = z.array(z.record(z.string(), z.unknown()));
const mergeCase = z.strictObject({ name: z.string(), statements: statementList, merged: statementList });

const cases = z
  .array(mergeCase)
  .parse(JSON.parse(readFileSync(new URL("../../cases/merged-policy.json", import.meta.url), "utf8")));

const policy = <T>(Statement: T) => ({ Version: "2012-10-17", Statement });

describe("mergedPolicy(), cases of merged-policy.json", () => {
  test.each(cases)("$name", ({ statements, merged }) => {
    expect(JSON.stringify(mergedPolicy(policy(statements)))).toBe(JSON.stringify(policy(merged)));
  });
});

test("mergedPolicy() keeps a policy of one statement that is in no list", () => {
  const one = { Effect: "Allow", Action: ["s3:GetObject", "s3:getobject"], Resource: "*" };
  expect(mergedPolicy(policy(one))).toEqual(policy({ ...one, Action: "s3:GetObject" }));
});

/** Few entries, so that statements often have some of them, or all, in common. */
const actions = ["s3:GetObject", "s3:getobject", "s3:PutObject", "s3:*Object", "s3:ListBucket", "*"];
const resources = [
  "arn:aws:s3:::a/*",
  "arn:aws:s3:::a/b",
  "arn:aws:s3:::*",
  "arn:aws:s3:::b/${aws:PrincipalTag/t}",
  "*",
];
const conditions = [
  undefined,
  { StringLike: { "s3:prefix": ["a", "b*"] } },
  { StringLike: { "s3:prefix": ["b*", "a", "a"] } },
  { StringLikeIfExists: { "s3:prefix": "a" } },
  { StringLikeIfExists: { "s3:prefix": ["a"] } },
  { "ForAllValues:StringNotEquals": { "s3:prefix": ["a", "b"] } },
  { StringNotEquals: { "s3:prefix": "a" }, Null: { "s3:prefix": "false" } },
];

const oneOrMore = (entries: readonly string[]) =>
  fc.oneof(fc.constantFrom(...entries), fc.array(fc.constantFrom(...entries), { minLength: 1, maxLength: 3 }));

const statement = fc
  .record({
    Sid: fc.option(fc.stringMatching(/^[A-Z]{0,3}$/), { nil: undefined }),
    Effect: fc.constantFrom("Allow", "Allow", "Deny"),
    actions: fc.tuple(fc.constantFrom("Action", "Action", "Action", "NotAction"), oneOrMore(actions)),
    resources: fc.tuple(fc.constantFrom("Resource", "Resource", "Resource", "NotResource"), oneOrMore(resources)),
    Condition: fc.constantFrom(undefined, undefined, undefined, ...conditions),
  })
  .map(({ Sid, Effect, actions: [action, called], resources: [resource, reached], Condition }) => ({
    ...(Sid !== undefined && { Sid }),
    Effect,
    [action]: called,
    [resource]: reached,
    ...(Condition !== undefined && { Condition }),
  }));

const document = fc.array(statement, { minLength: 1, maxLength: 6 }).map(policy);

const calls = actions
  .filter((one) => !one.includes("*"))
  .concat("s3:DeleteObject", "glue:GetTable")
  .flatMap((action) =>
    ["arn:aws:s3:::a", "arn:aws:s3:::a/b", "arn:aws:s3:::a/c", "arn:aws:s3:::b/t", "arn:aws:s3:::c/x"].flatMap(
      (resource) =>
        [{}, { "s3:prefix": "a" }, { "s3:prefix": "bb" }, { "s3:prefix": "c", "aws:PrincipalTag/t": "t" }].map(
          (context) => ({
            action,
            resource,
            context,
          }),
        ),
    ),
  );

const verdictsOf = (given: unknown): string[] => {
  const statements = statementsOf(given);
  if (statements === undefined) throw new Error("the policy is none");
  return calls.map((call) => evaluate([{ name: "case", statements }], call).verdict);
};

describe("mergedPolicy(), whatever the policy is", () => {
  test("answers every call as the policy does", () => {
    const sizes = { merged: 0, all: 0 };
    fc.assert(
      fc.property(document, (one) => {
        const merged = mergedPolicy(one);
        sizes.all += 1;
        if (JSON.stringify(merged) !== JSON.stringify(one)) sizes.merged += 1;
        expect(verdictsOf(merged)).toEqual(verdictsOf(one));
      }),
      { numRuns: 500 },
    );
    expect(sizes.merged, "policies that had something to merge").toBeGreaterThan(sizes.all / 4);
  });

  test("is never longer, and shorter by each statement that is gone", () => {
    fc.assert(
      fc.property(document, (one) => {
        const merged = mergedPolicy(one);
        const gone = one.Statement.length - (statementsOf(merged)?.length ?? 0);
        const shorter = JSON.stringify(one).length - JSON.stringify(merged).length;
        expect(shorter).toBeGreaterThanOrEqual(gone);
      }),
    );
  });

  test("is merged already", () => {
    fc.assert(
      fc.property(document, (one) => {
        const merged = mergedPolicy(one);
        expect(JSON.stringify(mergedPolicy(merged))).toBe(JSON.stringify(merged));
      }),
    );
  });

  test("has no Sid that the policy does not have, and none more often", () => {
    fc.assert(
      fc.property(document, (one) => {
        const sidsOf = (given: unknown) =>
          (statementsOf(given) ?? []).map(({ label }) => label).filter((label) => !label.startsWith("#"));
        const left = sidsOf(one);
        for (const sid of sidsOf(mergedPolicy(one))) {
          expect(left).toContain(sid);
          left.splice(left.indexOf(sid), 1);
        }
      }),
    );
  });
});
