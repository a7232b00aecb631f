import { describe, expect, test } from "vitest";
import { type Context, holds, operatorNames, withVariables } from "#domain/proof/condition.ts";

const key = "aws:x";

/** Each operator with a value of the policy, values of requests that it holds for, and values that it does not hold for. */
const rows: readonly (readonly [operator: string, policy: unknown, yes: readonly string[], no: readonly string[]])[] = [
  ["StringEquals", "a*", ["a*"], ["ab", "A*", ""]],
  ["StringNotEquals", "a", ["b", "A"], ["a"]],
  ["StringEqualsIgnoreCase", "aB", ["ab", "AB"], ["a", "abc"]],
  ["StringNotEqualsIgnoreCase", "aB", ["abc"], ["AB"]],
  ["StringLike", "a?/*", ["ab/", "ab/c/d"], ["a/b", "Ab/", "ab"]],
  ["StringLike", "a${*}", ["a*"], ["ab"]],
  ["StringNotLike", "a*", ["b"], ["a", "ab"]],
  ["ArnEquals", "arn:aws:s3:::a*", ["arn:aws:s3:::ab"], ["arn:aws:s3:::b"]],
  ["ArnLike", "arn:aws:s3:::a*", ["arn:aws:s3:::ab"], ["arn:aws:s3:::b"]],
  ["ArnNotEquals", "arn:aws:s3:::a*", ["arn:aws:s3:::b"], ["arn:aws:s3:::ab"]],
  ["ArnNotLike", "arn:aws:s3:::a*", ["arn:aws:s3:::b"], ["arn:aws:s3:::ab"]],
  ["NumericEquals", "10", ["10", "10.0"], ["11", "", "ten"]],
  ["NumericNotEquals", "10", ["11"], ["10"]],
  ["NumericLessThan", "10", ["9"], ["10", "", "x"]],
  ["NumericLessThanEquals", "10", ["10"], ["11"]],
  ["NumericGreaterThan", "10", ["11"], ["10"]],
  ["NumericGreaterThanEquals", "10", ["10"], ["9"]],
  ["DateEquals", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:00Z"], ["2026-01-02T00:00:00Z", "1767225600"]],
  ["DateNotEquals", "2026-01-01T00:00:00Z", ["2026-01-02T00:00:00Z"], ["2026-01-01T00:00:00Z"]],
  ["DateLessThan", "2026-01-01T00:00:00Z", ["2025-12-31T23:59:59Z"], ["2026-01-01T00:00:00Z"]],
  ["DateLessThanEquals", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:00Z"], ["2026-01-01T00:00:01Z"]],
  ["DateGreaterThan", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:01Z"], ["2026-01-01T00:00:00Z"]],
  ["DateGreaterThanEquals", "2026-01-01T00:00:00Z", ["2026-01-01T00:00:00Z"], ["2025-12-31T23:59:59Z"]],
  ["Bool", true, ["true", "True"], ["false"]],
  ["BinaryEquals", "QmF6", ["QmF6"], ["qmf6"]],
  ["IpAddress", "203.0.113.0/24", ["203.0.113.7"], ["203.0.114.7", "2001:db8::1"]],
  ["NotIpAddress", "203.0.113.0/24", ["203.0.114.7"], ["203.0.113.7"]],
  ["Null", "true", [], ["", "a"]],
  ["Null", "false", ["", "a"], []],
];

const ifUnknown = false;

test("every operator has a row", () => {
  expect(new Set(rows.map(([operator]) => operator))).toEqual(new Set(operatorNames));
});

describe.each(rows)("%s %j", (operator, policy, yes, no) => {
  const condition = { [operator]: { [key]: policy } };

  test("holds for what it says, and for nothing else", () => {
    for (const value of yes) expect(holds(condition, { [key]: value }, ifUnknown), value).toBe(true);
    for (const value of no) expect(holds(condition, { [key]: value }, ifUnknown), value).toBe(false);
  });

  test("is the same for a key in another case", () => {
    for (const value of yes) expect(holds(condition, { "AWS:X": value }, ifUnknown), value).toBe(true);
  });

  test("of a request without the key holds where it is negated, or with IfExists", () => {
    const isNegated = operator.includes("Not") || (operator === "Null" && policy === "true");
    expect(holds(condition, {}, ifUnknown)).toBe(isNegated);
    if (operator !== "Null") expect(holds({ [`${operator}IfExists`]: { [key]: policy } }, {}, ifUnknown)).toBe(true);
  });
});

describe("with several values", () => {
  const like = { "aws:x": ["a*", "b*"] };
  const many: Context = { "aws:x": ["a1", "c1"] };

  test.each([
    ["StringLike", { "aws:x": "b1" }, true],
    ["StringNotLike", { "aws:x": "b1" }, false],
    ["StringNotLike", { "aws:x": "c1" }, true],
    ["ForAnyValue:StringLike", many, true],
    ["ForAnyValue:StringLike", {}, false],
    ["ForAnyValue:StringNotLike", many, true],
    ["ForAnyValue:StringNotLike", {}, false],
    ["ForAllValues:StringLike", many, false],
    ["ForAllValues:StringLike", { "aws:x": ["a1", "b1"] }, true],
    ["ForAllValues:StringLike", {}, true],
    ["ForAllValues:StringLike", { "aws:x": [] }, true],
    ["ForAllValues:StringNotLike", many, false],
  ])("%s of %j is %j", (operator, context, expected) => {
    expect(holds({ [operator]: like }, context, ifUnknown)).toBe(expected);
  });

  test("all operators and all keys must hold", () => {
    const condition = { StringEquals: { "aws:x": "a", "aws:y": "b" }, Bool: { "aws:z": "true" } };
    const context = { "aws:x": "a", "aws:y": "b", "aws:z": "true" };
    expect(holds(condition, context, ifUnknown)).toBe(true);
    for (const name of Object.keys(context))
      expect(holds(condition, { ...context, [name]: "c" }, ifUnknown)).toBe(false);
  });
});

describe("what nobody understands comes to what the caller says", () => {
  test.each([
    ["an operator that does not exist", { StringLikes: { "aws:x": "a" } }],
    ["a value that is no text", { StringLike: { "aws:x": { a: 1 } } }],
    ["an operator without a key", { StringLike: {} }],
    ["a condition without an operator", {}],
    ["a key that stands twice under one operator", { StringLike: { "aws:x": "b", "AWS:X": "c" } }],
  ])("%s", (_what, condition) => {
    expect([true, false].map((unknown) => holds(condition, { "aws:x": "a" }, unknown))).toEqual([true, false]);
  });

  test("no condition always holds", () => {
    expect(holds(undefined, {}, false)).toBe(true);
  });
});

test("a policy variable is the request's value as text, its default, or nothing", () => {
  const context = { "aws:PrincipalTag/team": "a*", "aws:many": ["x", "y"] };
  expect(withVariables("${aws:PrincipalTag/team}/*", context)).toBe("a${*}/*");
  expect(withVariables("${aws:principaltag/TEAM}", context)).toBe("a${*}");
  expect(withVariables("${aws:other, 'all'}", context)).toBe("all");
  expect(withVariables("${aws:other}", context)).toBeUndefined();
  expect(withVariables("${aws:many}", context)).toBeUndefined();
  expect(withVariables("${*}${?}${$}", context)).toBe("${*}${?}${$}");
});
