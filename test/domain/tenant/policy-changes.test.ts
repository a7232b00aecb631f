import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { policyChanges } from "#domain/tenant/policy-changes.ts";

type Fields = Readonly<Record<string, unknown>>;

const policy = (...Statement: readonly Fields[]) => ({ Version: "2012-10-17", Statement });

const read = { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::lake/acme/*"] };
const list = {
  Sid: "List",
  Effect: "Allow",
  Action: "s3:ListBucket",
  Resource: "arn:aws:s3:::lake",
  Condition: { StringLike: { "s3:prefix": ["acme/", "acme/*"] } },
};
const keep = { Sid: "Keep", Effect: "Deny", Action: "s3:DeleteObject", Resource: "arn:aws:s3:::lake/acme/kept/*" };

/** What becomes of one statement that has these fields instead: the directions of its parts. */
const partsOf = (before: Fields, own: Fields): string[] =>
  policyChanges(policy(before), policy({ ...before, ...own })).flatMap(({ parts }) =>
    parts.map(({ part, change, value, direction }) => `${change} ${part} ${value}: ${direction}`),
  );

describe("policyChanges()", () => {
  test("finds nothing where policies say the same in another way", () => {
    const one = policy(read, list);
    const other = policy({ ...list, Action: ["s3:ListBucket"] }, { ...read, Action: "s3:GetObject" });
    expect(policyChanges(one, other)).toEqual([]);
  });

  test("matches statements by their Sid, wherever they stand", () => {
    const changes = policyChanges(policy(read, list, keep), policy(list, { ...read, Action: "s3:PutObject" }));
    expect(changes.map(({ statement, change, direction }) => [statement, change, direction])).toEqual([
      ["Read", "changed", "grows or shrinks"],
      ["Keep", "removed", "grows"],
    ]);
  });

  test("takes a statement under another Sid for the same one, as often as it is there", () => {
    expect(policyChanges(policy(read, list), policy({ ...list, Sid: "Listing" }, read))).toEqual([]);
    const twice = policyChanges(policy(list), policy({ ...list, Sid: "A" }, { ...list, Sid: "B" }));
    expect(twice.map(({ statement, change }) => [statement, change])).toEqual([["B", "added"]]);
  });

  test("counts statements that have no Sid of their own", () => {
    const { Sid: _sid, ...nameless } = read;
    const changes = policyChanges(
      policy(nameless, nameless),
      policy(nameless, { ...nameless, Action: "s3:PutObject" }),
    );
    expect(changes.map(({ statement }) => statement)).toEqual(["statement 2"]);
    const twice = policyChanges(policy(read), policy(read, { ...read, Action: "s3:*" }));
    expect(twice.map(({ statement, direction }) => [statement, direction])).toEqual([["statement 2", "grows"]]);
  });

  test("knows which way each entry of a statement moves", () => {
    expect(partsOf(read, { Action: ["s3:GetObject", "s3:PutObject"] })).toEqual(["added Action s3:PutObject: grows"]);
    expect(partsOf(read, { Resource: ["arn:aws:s3:::lake/acme/in/*"] })).toEqual([
      "removed Resource arn:aws:s3:::lake/acme/*: shrinks",
      "added Resource arn:aws:s3:::lake/acme/in/*: same",
    ]);
    expect(partsOf(read, { Action: ["s3:Get*"] })).toEqual([
      "removed Action s3:GetObject: same",
      "added Action s3:Get*: grows",
    ]);
    const not = { Sid: "Not", Effect: "Allow", NotAction: ["iam:*"], NotResource: ["arn:aws:s3:::lake/b/*"] };
    expect(partsOf(not, { NotAction: ["iam:*", "sts:*"] })).toEqual(["added NotAction sts:*: shrinks"]);
    expect(partsOf(not, { NotResource: ["arn:aws:s3:::lake/b/c/*"] })).toEqual([
      "removed NotResource arn:aws:s3:::lake/b/*: grows",
      "added NotResource arn:aws:s3:::lake/b/c/*: same",
    ]);
  });

  test("knows which way conditions move", () => {
    expect(partsOf(list, { Condition: { StringLike: { "s3:prefix": ["acme/", "acme/*", ""] } } })).toEqual([
      "added StringLike s3:prefix : grows",
    ]);
    expect(partsOf(list, { Condition: { StringLike: { "s3:prefix": ["acme/"] } } })).toEqual([
      "removed StringLike s3:prefix acme/*: shrinks",
    ]);
    expect(partsOf(list, { Condition: undefined })).toEqual([
      "removed StringLike s3:prefix acme/: grows",
      "removed StringLike s3:prefix acme/*: grows",
    ]);
    expect(partsOf(read, { Condition: { Bool: { "aws:SecureTransport": true } } })).toEqual([
      "added Bool aws:SecureTransport true: shrinks",
    ]);
    const not = { ...read, Condition: { StringNotLike: { "s3:prefix": ["a/*"] } } };
    expect(partsOf(not, { Condition: { StringNotLike: { "s3:prefix": ["a/*", "b/*"] } } })).toEqual([
      "added StringNotLike s3:prefix b/*: shrinks",
    ]);
  });

  test("turns everything round for a Deny", () => {
    expect(partsOf(keep, { Action: ["s3:DeleteObject", "s3:PutObject"] })).toEqual([
      "added Action s3:PutObject: shrinks",
    ]);
    expect(partsOf(keep, { Condition: { Bool: { "aws:SecureTransport": false } } })).toEqual([
      "added Bool aws:SecureTransport false: grows",
    ]);
    const turned = policyChanges(policy(keep), policy({ ...keep, Effect: "Allow" }));
    expect(turned.map(({ effect, change, direction }) => [effect, change, direction])).toEqual([
      ["Deny", "removed", "grows"],
      ["Allow", "added", "grows"],
    ]);
  });
});

/** IAM's own rules on a small scale: patterns with "*" and "?", conditions on one key that may be absent. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(text);

interface Request {
  readonly action: string;
  readonly resource: string;
  readonly prefix: string | undefined;
}

const anyMatches = (values: unknown, text: string): boolean =>
  [values].flat().some((pattern) => matches(String(pattern), text));

const holds = (operator: string, values: unknown, prefix: string | undefined): boolean => {
  if (operator === "StringLike") return prefix !== undefined && anyMatches(values, prefix);
  if (operator === "StringLikeIfExists") return prefix === undefined || anyMatches(values, prefix);
  return prefix === undefined || !anyMatches(values, prefix);
};

const applies = (statement: Fields, { action, resource, prefix }: Request): boolean => {
  const conditions = Object.entries((statement["Condition"] ?? {}) as Record<string, Record<string, unknown>>);
  return (
    (statement["Action"] === undefined
      ? !anyMatches(statement["NotAction"], action)
      : anyMatches(statement["Action"], action)) &&
    (statement["Resource"] === undefined
      ? !anyMatches(statement["NotResource"], resource)
      : anyMatches(statement["Resource"], resource)) &&
    conditions.every(([operator, keys]) => holds(operator, keys["s3:prefix"], prefix))
  );
};

const allows = ({ Statement }: { Statement: readonly Fields[] }, request: Request): boolean => {
  const found = Statement.filter((statement) => applies(statement, request));
  return found.length > 0 && found.every(({ Effect }) => Effect === "Allow");
};

describe("policyChanges() beside an evaluator", () => {
  const actions = ["s3:Get", "s3:GetX", "s3:Put"];
  const texts = ["a", "b", "aa", "ab", "a/b"];
  const requests = actions.flatMap((action) =>
    texts.flatMap((resource) => [undefined, "a", "b"].map((prefix): Request => ({ action, resource, prefix }))),
  );
  const listOf = (...values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
  const actionList = listOf("s3:Get", "s3:Get*", "s3:GetX", "s3:Put", "s3:*");
  const resourceList = listOf("*", "a", "a*", "a/*", "?", "b", "a?");
  const statement = fc
    .record({
      Sid: fc.constantFrom("One", "Two"),
      Effect: fc.constantFrom("Allow", "Allow", "Deny"),
      action: fc.tuple(fc.constantFrom("Action", "Action", "NotAction"), actionList),
      resource: fc.tuple(fc.constantFrom("Resource", "Resource", "NotResource"), resourceList),
      condition: fc.option(
        fc.tuple(fc.constantFrom("StringLike", "StringNotLike", "StringLikeIfExists"), listOf("a", "b", "*")),
        { nil: undefined },
      ),
    })
    .map(({ Sid, Effect, action, resource, condition }) => ({
      ...{ Sid, Effect, [action[0]]: action[1], [resource[0]]: resource[1] },
      ...(condition && { Condition: { [condition[0]]: { "s3:prefix": condition[1] } } }),
    }));
  const policies = fc
    .uniqueArray(statement, { selector: ({ Sid }) => Sid, minLength: 1, maxLength: 2 })
    .map((statements) => policy(...statements));

  test("nothing that is newly allowed goes without a change that grows, nothing that is lost without one that shrinks", () => {
    const property = fc.property(policies, policies, (before, after) => {
      const directions = policyChanges(before, after).map(({ direction }) => direction);
      const told = (word: "grows" | "shrinks") => directions.some((one) => one === word || one === "grows or shrinks");
      for (const request of requests) {
        const [was, is] = [allows(before, request), allows(after, request)];
        if (is && !was) expect(told("grows"), JSON.stringify(request)).toBe(true);
        if (was && !is) expect(told("shrinks"), JSON.stringify(request)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 3000 });
  });
});
