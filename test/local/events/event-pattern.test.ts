import { describe, expect, test } from "vitest";
import { compilePattern, InvalidPatternError } from "#local/events/event-pattern.ts";

const matches = (pattern: object, event: object) => compilePattern(JSON.stringify(pattern))(event);

/** The operator, on the field `a`; the value of `a`, or nothing for no such field; whether it matches. */
type Case = [operator: unknown, value: unknown, expected: boolean];
const nothing = Symbol("nothing");

const cases: Record<string, Case[]> = {
  "exact values": [
    ["x", "x", true],
    ["x", "X", false],
    ["x", nothing, false],
    ["", "", true],
    [300, 300.0, true],
    [300, "300", false],
    ["300", 300, false],
    [null, null, true],
    [null, nothing, false],
    [null, "", false],
    [true, true, true],
    [true, "true", false],
    ["x", { x: "x" }, false],
  ],
  "arrays of the event": [
    ["x", ["y", "x"], true],
    ["x", ["y", "z"], false],
    ["x", [], false],
    ["x", [["x"]], true],
    [{ prefix: "x" }, ["y", "xy"], true],
  ],
  prefix: [
    [{ prefix: "ab" }, "abc", true],
    [{ prefix: "ab" }, "ab", true],
    [{ prefix: "ab" }, "cab", false],
    [{ prefix: "" }, "x", true],
    [{ prefix: "1" }, 12, false],
    [{ prefix: "ab" }, nothing, false],
    [{ prefix: { "equals-ignore-case": "AB" } }, "abc", true],
  ],
  suffix: [
    [{ suffix: ".py" }, "job.py", true],
    [{ suffix: ".py" }, "job.pyc", false],
    [{ suffix: { "equals-ignore-case": ".PNG" } }, "a.png", true],
  ],
  "equals-ignore-case": [
    [{ "equals-ignore-case": "Alice" }, "ALICE", true],
    [{ "equals-ignore-case": "Alice" }, "alices", false],
    [{ "equals-ignore-case": "1" }, 1, false],
  ],
  wildcard: [
    [{ wildcard: "dir/*.png" }, "dir/a/b.png", true],
    [{ wildcard: "dir/*.png" }, "dir/a.jpg", false],
    [{ wildcard: "*" }, "", true],
    [{ wildcard: "a.c" }, "abc", false],
    [{ wildcard: "a*c*e" }, "abcde", true],
    [{ wildcard: "a\\*b" }, "a*b", true],
    [{ wildcard: "a\\*b" }, "axb", false],
    [{ wildcard: "a\\\\*" }, "a\\b", true],
    [{ wildcard: "a*" }, "a\nb", true],
    [{ wildcard: "(a)[*]" }, "(a)[x]", true],
  ],
  "anything-but": [
    [{ "anything-but": "x" }, "y", true],
    [{ "anything-but": "x" }, "x", false],
    [{ "anything-but": "x" }, nothing, false],
    [{ "anything-but": 5 }, 6, true],
    [{ "anything-but": ["x", "y"] }, "y", false],
    [{ "anything-but": ["x", "y"] }, "z", true],
    [{ "anything-but": [1, 2] }, 2, false],
    [{ "anything-but": "x" }, ["x", "y"], true],
    [{ "anything-but": "x" }, ["x", "x"], false],
    [{ "anything-but": { prefix: "in" } }, "initialising", false],
    [{ "anything-but": { prefix: "in" } }, "ready", true],
    [{ "anything-but": { prefix: ["in", "re"] } }, "ready", false],
    [{ "anything-but": { suffix: ".tmp" } }, "a.tmp", false],
    [{ "anything-but": { suffix: [".tmp", ".bak"] } }, "a.txt", true],
    [{ "anything-but": { "equals-ignore-case": ["A", "b"] } }, "B", false],
    [{ "anything-but": { wildcard: "*/tmp/*" } }, "a/tmp/b", false],
    [{ "anything-but": { wildcard: "*/tmp/*" } }, "a/b", true],
  ],
  numeric: [
    [{ numeric: ["=", 5] }, 5, true],
    [{ numeric: ["=", 5] }, "5", false],
    [{ numeric: ["<", 5] }, 4.9, true],
    [{ numeric: ["<=", 5] }, 5, true],
    [{ numeric: [">", 5] }, 5, false],
    [{ numeric: [">=", 5] }, 5, true],
    [{ numeric: [">", 0, "<=", 5] }, 5, true],
    [{ numeric: [">", 0, "<=", 5] }, 5.1, false],
    [{ numeric: [">", 0, "<=", 5] }, 0, false],
    [{ numeric: ["=", -3.5e2] }, -350, true],
  ],
  exists: [
    [{ exists: true }, "x", true],
    [{ exists: true }, null, true],
    [{ exists: true }, nothing, false],
    [{ exists: true }, { b: 1 }, false],
    [{ exists: false }, nothing, true],
    [{ exists: false }, "", false],
    [{ exists: false }, [], true],
  ],
  cidr: [
    [{ cidr: "10.0.0.0/24" }, "10.0.0.255", true],
    [{ cidr: "10.0.0.0/24" }, "10.0.1.0", false],
    [{ cidr: "2001:db8::/32" }, "2001:db8::1", true],
    [{ cidr: "10.0.0.0/24" }, "host", false],
  ],
};

for (const [name, list] of Object.entries(cases)) {
  describe(`compilePattern() with ${name}`, () => {
    for (const [operator, value, expected] of list) {
      const event = value === nothing ? {} : { a: value };
      const verb = expected ? "matches" : "does not match";
      test(`${JSON.stringify(operator)} ${verb} ${JSON.stringify(event)}`, () => {
        expect(matches({ a: [operator] }, event)).toBe(expected);
      });
    }
  });
}

test("compilePattern() takes any entry of a list", () => {
  const pattern = { state: ["FAILED", { prefix: "SUCC" }, { exists: false }] };
  expect([{ state: "FAILED" }, { state: "SUCCESS" }, {}].every((event) => matches(pattern, event))).toBe(true);
  expect(matches(pattern, { state: "RUNNING" })).toBe(false);
});

test("compilePattern() wants every field, at every depth", () => {
  const pattern = {
    source: ["aws.s3"],
    detail: { bucket: { name: ["data"] }, object: { key: [{ suffix: ".json" }] } },
  };
  const event = (name: string, key: string) => ({ source: "aws.s3", detail: { bucket: { name }, object: { key } } });
  expect(matches(pattern, event("data", "a.json"))).toBe(true);
  expect(matches(pattern, event("data", "a.csv"))).toBe(false);
  expect(matches(pattern, event("other", "a.json"))).toBe(false);
  expect(matches(pattern, { source: "aws.s3" })).toBe(false);
  expect(matches(pattern, { source: "aws.s3", detail: "data" })).toBe(false);
});

test("compilePattern() takes an absent object for absent fields", () => {
  const pattern = { detail: { error: { code: [{ exists: false }] } } };
  expect(matches(pattern, {})).toBe(true);
  expect(matches(pattern, { detail: { error: { code: 5 } } })).toBe(false);
});

test("compilePattern() wants one object of an array to match as a whole", () => {
  const pattern = { detail: { jobs: { state: ["FAILED"], tenant: ["acme"] } } };
  const event = (...jobs: object[]) => ({ detail: { jobs } });
  expect(matches(pattern, event({ state: "SUCCESS", tenant: "acme" }, { state: "FAILED", tenant: "acme" }))).toBe(true);
  expect(matches(pattern, event({ state: "SUCCESS", tenant: "acme" }, { state: "FAILED", tenant: "globex" }))).toBe(
    false,
  );
});

test("compilePattern() takes one alternative of $or, beside the other fields", () => {
  const pattern = { source: ["a"], $or: [{ c: [{ numeric: [">", 10] }] }, { d: { e: ["x"] } }] };
  expect(matches(pattern, { source: "a", c: 11 })).toBe(true);
  expect(matches(pattern, { source: "a", d: { e: "x" } })).toBe(true);
  expect(matches(pattern, { source: "a", c: 1 })).toBe(false);
  expect(matches(pattern, { source: "b", c: 11 })).toBe(false);
});

test("compilePattern() takes $or inside of an object and inside of $or", () => {
  const pattern = { detail: { $or: [{ a: [1] }, { $or: [{ b: [2] }, { c: [3] }] }] } };
  expect(matches(pattern, { detail: { c: 3 } })).toBe(true);
  expect(matches(pattern, { detail: { c: 4 } })).toBe(false);
});

test("compilePattern() does not find what an object inherits", () => {
  expect(matches({ constructor: [{ exists: true }] }, {})).toBe(false);
});

test.each([
  ["[]", "Filter is not an object"],
  ["{", "Event pattern is not valid"],
  ["{}", "Empty patterns are not allowed"],
  ['{"a":[]}', "Empty arrays are not allowed"],
  ['{"a":{}}', "Empty objects are not allowed"],
  ['{"a":"x"}', '"a" must be an object or an array'],
  ['{"a":[["x"]]}', "an array inside of an array"],
  ['{"a":[{"like":"x"}]}', "Unrecognized match type like"],
  ['{"a":[{"prefix":"x","suffix":"y"}]}', "Unrecognized match type prefix, suffix"],
  ['{"a":[{"prefix":5}]}', "prefix match pattern must be a string"],
  ['{"a":[{"prefix":{"wildcard":"x"}}]}', "prefix takes a string or equals-ignore-case"],
  ['{"a":[{"wildcard":"a**b"}]}', "Consecutive wildcard characters"],
  ['{"a":[{"wildcard":"a\\\\b"}]}', "Invalid escape character"],
  ['{"a":[{"numeric":["~",5]}]}', "Unrecognized numeric range operator: ~"],
  ['{"a":[{"numeric":[">","5"]}]}', "must be numeric"],
  ['{"a":[{"numeric":[]}]}', "numeric takes one or two comparisons"],
  ['{"a":[{"exists":"yes"}]}', "exists must be true or false"],
  ['{"a":[{"anything-but":[]}]}', "Empty arrays are not allowed"],
  ['{"a":[{"anything-but":[null]}]}', "only strings and numbers"],
  ['{"a":[{"anything-but":{"numeric":["=",1]}}]}', "Unsupported anything-but pattern: numeric"],
  ['{"a":[{"cidr":"10.0.0.0/33"}]}', "Malformed CIDR"],
])("compilePattern(%j) throws: %s", (pattern, message) => {
  expect(() => compilePattern(pattern)).toThrow(InvalidPatternError);
  expect(() => compilePattern(pattern)).toThrow(message);
});
