import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arnPrefix,
  bruteForce,
  candidates,
  isConfirmed,
  provenToday,
  provenUniversally,
  type Sample,
  type Tenant,
  type TestStatement,
  tenantsOf,
} from "./brute-force.ts";

/** Patterns that are near to right more often than by chance: names of the tenant, with what may stand beside them. */
const body = fc.oneof(
  fc.constantFrom(
    "a/{{tenant.id}}/*",
    "a/{{tenant.id}}",
    "{{tenant.id}}/*",
    "b/{{tenant.id}}/*",
    "{{variables.v}}/*",
    "a/{{variables.v}}/*",
    "{{tenant.id}}-b/*",
    "a/{{tenant.id}}/b*",
  ),
  fc
    .array(fc.constantFrom("a", "b", "/", "-", "*", "?", "{{tenant.id}}", "{{variables.v}}", "/{{tenant.id}}/"), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join("").replaceAll("}}{{", "}}/{{")),
);
const arn = fc.oneof(
  { weight: 8, arbitrary: body.map((text) => arnPrefix + text) },
  { weight: 1, arbitrary: fc.constant("*") },
);
const arns = fc.array(arn, { minLength: 1, maxLength: 2 });
const action = fc.constantFrom("s3:GetObject", "s3:PutObject", "s3:*Object", "s3:*", "s3:ListBucket", "s3:List*", "*");
const actionList = fc.array(action, { minLength: 1, maxLength: 2 });
const prefix = fc.constantFrom(
  "{{tenant.id}}/",
  "{{tenant.id}}/*",
  "{{tenant.id}}*",
  "",
  "*",
  "{{tenant.id}}",
  "a/{{tenant.id}}/*",
);
const operator = fc.constantFrom(
  "StringLike",
  "StringEquals",
  "StringLikeIfExists",
  "StringNotLike",
  "ForAllValues:StringLike",
  "ForAnyValue:StringLike",
);
const prefixCondition = fc
  .tuple(operator, fc.array(prefix, { minLength: 1, maxLength: 2 }))
  .map(([name, values]) => ({ [name]: { "s3:prefix": values } }));
const condition = fc.oneof(
  prefixCondition,
  prefixCondition.map((one) => ({ ...one, StringEquals: { ...one["StringEquals"], "s3:delimiter": ["/"] } })),
  prefixCondition.map((one) => ({ ...one, Null: { "s3:prefix": ["false"] } })),
);

const statement: fc.Arbitrary<TestStatement> = fc
  .record({
    Effect: fc.constantFrom("Allow" as const, "Allow" as const, "Deny" as const),
    named: fc.oneof(
      { weight: 6, arbitrary: fc.record({ Action: actionList }) },
      { weight: 1, arbitrary: fc.record({ NotAction: actionList }) },
    ),
    at: fc.oneof(
      { weight: 6, arbitrary: fc.record({ Resource: arns }) },
      { weight: 1, arbitrary: fc.record({ NotResource: arns }) },
    ),
    on: fc.option(condition, { nil: undefined }),
  })
  .map(({ Effect, named, at, on }) => ({ Effect, ...named, ...at, ...(on !== undefined && { Condition: on }) }));

/** Statements that fit the territory more often than by chance. */
const fitting = (territory: readonly string[]): fc.Arbitrary<TestStatement> =>
  fc.oneof(
    fc.constantFrom<TestStatement>(
      { Effect: "Allow", Action: ["s3:GetObject"], Resource: territory },
      { Effect: "Allow", Action: ["s3:*"], Resource: territory },
      { Effect: "Deny", NotAction: ["s3:GetObject"], Resource: ["*"] },
      { Effect: "Deny", Action: ["*"], NotResource: territory },
      { Effect: "Deny", Action: ["s3:List*"], Resource: ["*"] },
      {
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [`${arnPrefix}a`],
        Condition: { StringLike: { "s3:prefix": ["{{tenant.id}}/*"] } },
      },
      {
        Effect: "Deny",
        Action: ["s3:ListBucket"],
        Resource: ["*"],
        Condition: { StringNotLike: { "s3:prefix": ["{{tenant.id}}/*"] } },
      },
    ),
    statement,
  );

const variable = fc.constantFrom<Sample["variables"][string]>(
  { type: "segment" },
  { type: "segment", unique: true },
  { type: "segment", pattern: "{{tenant.id}}-b" },
  { type: "segment", pattern: "{{tenant.id}}-*" },
  { type: "segment", pattern: "a*" },
  { type: "segment", pattern: "*-b", unique: true },
);

const sample: fc.Arbitrary<Sample> = fc
  .record({
    variables: variable.map((v) => ({ v })),
    territory: arns.filter((all) => !all.includes("*")),
    sharedArns: fc.option(arns, { nil: undefined, freq: 2 }),
  })
  .chain(({ variables, territory, sharedArns }) =>
    fc.array(fitting(territory), { minLength: 1, maxLength: 3 }).map((statements) => ({
      variables,
      territory,
      shared: sharedArns === undefined ? [] : [{ actions: ["s3:Get*"], resources: sharedArns, reason: "A test." }],
      statements,
    })),
  );

test("what is proven for all tenants that could be, no trying of tenants, values and calls refutes", {
  timeout: 120_000,
}, () => {
  let proven = 0;
  fc.assert(
    fc.property(sample, (one) => {
      if (provenUniversally(one).verdict !== "proven") return;
      proven += 1;
      expect(bruteForce(one)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
  expect(proven, "templates that were proven at all").toBeGreaterThan(5);
});

test("each leak of a template is one: the witness is the other tenant's, and IAM allows the call", {
  timeout: 120_000,
}, () => {
  let leaks = 0;
  fc.assert(
    fc.property(sample, (one) => {
      for (const breach of provenUniversally(one).breaches) {
        if (breach.verdict !== "leak") continue;
        leaks += 1;
        const { tenantId = "", otherTenantId = "", witness = "" } = breach;
        expect(tenantId).not.toBe(otherTenantId);
        const tenants = [tenantId, otherTenantId].map((id) => candidates(one, id, witness));
        expect(isConfirmed(one, breach, [tenants[0] ?? [], tenants[1] ?? []]), breach.message).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
  expect(leaks, "leaks that were found at all").toBeGreaterThan(20);
});

/** Tenants with values, as a folder would have them: one of each id at most. */
const members = (one: Sample): fc.Arbitrary<Tenant[]> => {
  const all = tenantsOf(one);
  return fc
    .shuffledSubarray(all, { minLength: Math.min(2, all.length), maxLength: Math.min(6, all.length) })
    .map((some) => [...new Map(some.map((tenant) => [tenant.tenantId, tenant])).values()]);
};

const withMembers = sample.chain((one) => members(one).map((tenants) => ({ one, tenants })));

test("of today's tenants no leak is told that is none, and what is proven no trying refutes", {
  timeout: 120_000,
}, () => {
  const counts = { leaks: 0, proven: 0 };
  fc.assert(
    fc.property(withMembers, ({ one, tenants }) => {
      const breaches = provenToday(one, tenants);
      if (breaches.length === 0) {
        counts.proven += 1;
        expect(bruteForce(one, tenants)).toBeUndefined();
      }
      for (const breach of breaches) {
        if (breach.verdict !== "leak") continue;
        counts.leaks += 1;
        const [from, to] = [breach.tenantId, breach.otherTenantId].map((id) =>
          tenants.filter(({ tenantId }) => tenantId === id),
        );
        // Today's check of unique values is another breach: the tenants of this one may share some.
        const anyValues = { ...one, variables: {} };
        expect(isConfirmed(anyValues, breach, [from ?? [], to ?? []]), breach.message).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
  expect(counts.leaks, "leaks that were found at all").toBeGreaterThan(5);
  expect(counts.proven, "folders that were proven at all").toBeGreaterThan(2);
});
