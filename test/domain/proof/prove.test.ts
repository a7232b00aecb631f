import { describe, expect, test } from "vitest";
import type { Provable } from "#domain/proof/provable.ts";
import { prove, todaysBreaches } from "#domain/proof/prove.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { digest } from "./brute-force.ts";

const managedArn = "arn:aws:iam::111122223333:policy/read-reference";

interface Own {
  readonly variables?: Readonly<Record<string, string>>;
  readonly managed?: object;
}

/** A tenant of a template; with `managed`, it has one managed policy of this document. */
const tenantOf =
  (template: object) =>
  (tenantId: string, { variables = {}, managed }: Own = {}): Provable => ({
    tenant: {
      tenantId,
      policy: {
        template: "t",
        variables,
        managedPolicyArns: managed === undefined ? [] : [managedArn],
        acknowledged: [],
      },
    },
    policyTemplate: policyTemplateSchema.parse({ name: "t", ...template }),
    ...(managed !== undefined && { managedPolicies: [{ arn: managedArn, document: { ...managed } }] }),
  });

const allow = (action: string, resource: string) => ({
  Version: "2012-10-17",
  Statement: [{ Sid: "Read", Effect: "Allow", Action: action, Resource: resource }],
});

/** Objects below the id. */
const prefixed = tenantOf({
  territory: ["arn:aws:s3:::lake/{{tenant.id}}/*"],
  document: allow("s3:GetObject", "arn:aws:s3:::lake/{{tenant.id}}/*"),
});

/** A bucket that is no other tenant's. */
const bucketed = tenantOf({
  variables: { bucket: { type: "bucket", unique: true } },
  territory: ["arn:aws:s3:::{{variables.bucket}}/*"],
  document: allow("s3:GetObject", "arn:aws:s3:::{{variables.bucket}}/*"),
});

const many = (one: (tenantId: string, at: number) => Provable, count = 250): Provable[] =>
  Array.from({ length: count }, (_, at) => one(`t${String(at).padStart(3, "0")}`, at));

const verdictsOf = (provables: readonly Provable[]) => {
  const report = prove(provables, { digest });
  return { ...report, verdicts: new Set(report.tenants.map(({ verdict }) => verdict)) };
};

describe("of many tenants with one fault the first are told, and none is proven", () => {
  test("where all have too much by a managed policy", () => {
    const managed = allow("s3:*", "*");
    const { breaches, verdicts, tenants } = verdictsOf(many((tenantId) => prefixed(tenantId, { managed })));
    expect(breaches.length).toBeLessThan(250);
    expect(breaches.at(-1)?.message).toMatch(/^and \d+ more that are not proven \(t\d+, .*, …\): mend these first$/);
    expect(verdicts).toEqual(new Set(["leak", "not-proven"]));
    expect(tenants.filter(({ proof }) => proof !== undefined)).toEqual([]);
  });

  test("where each has another's bucket", () => {
    const { breaches, verdicts } = verdictsOf(
      many((tenantId, at) => bucketed(tenantId, { variables: { bucket: `bucket-${at >> 1}` } })),
    );
    expect(breaches.filter(({ rule }) => rule === "unique").length).toBeLessThanOrEqual(100);
    expect(verdicts).not.toContain("proven");
  });

  test("where the territories of pairs meet", () => {
    const open = tenantOf({
      variables: { prefix: { type: "path" } },
      territory: ["arn:aws:s3:::lake/{{variables.prefix}}/*"],
      document: allow("s3:GetObject", "arn:aws:s3:::lake/{{variables.prefix}}/*"),
    });
    const pairs = (tenantId: string, at: number) => open(tenantId, { variables: { prefix: `p${at >> 1}` } });
    const { verdicts } = verdictsOf(many(pairs));
    expect(verdicts).not.toContain("proven");
  });

  test("and a tenant without the fault beside them is", () => {
    const managed = allow("s3:*", "*");
    const all = many((tenantId) => prefixed(tenantId, { managed }));
    const sound = prefixed("zeta");
    const { tenants } = prove([...all, sound], { digest });
    // Others reach its data, and it reaches nobody's.
    expect(tenants.at(-1)).toMatchObject({ tenantId: "zeta", verdict: "proven" });
  });
});

describe("a managed policy", () => {
  test("is judged by its document, not by its ARN: two tenants may have been given different ones", () => {
    const deny = { Version: "2012-10-17", Statement: { Effect: "Deny", Action: "iam:*", Resource: "*" } };
    const tight = prefixed("acme", { managed: deny });
    const leaky = prefixed("globex", { managed: allow("s3:GetObject", "arn:aws:s3:::lake/*") });
    for (const order of [
      [tight, leaky],
      [leaky, tight],
    ]) {
      const { tenants, breaches } = prove(order, { digest });
      expect(tenants.find(({ tenantId }) => tenantId === "globex")?.verdict).toBe("leak");
      expect(breaches).toContainEqual(
        expect.objectContaining({ rule: "reach", tenantId: "globex", otherTenantId: "acme", policy: managedArn }),
      );
    }
  });

  test.each([{}, { StringLike: {} }, { StringLikeIfExists: { "aws:x": "*" }, StringLike: {} }])(
    "whose Deny has the condition %j takes nothing away: IAM's grammar has no such condition",
    (Condition) => {
      const statement = { Action: "s3:GetObject", Resource: "*" };
      const managed = (condition: object) => ({
        Version: "2012-10-17",
        Statement: [
          { ...statement, Effect: "Allow" },
          { ...statement, Effect: "Deny", ...condition },
        ],
      });
      const verdictOf = (condition: object) =>
        prove([prefixed("acme", { managed: managed(condition) }), prefixed("globex")], { digest }).tenants[0]?.verdict;
      expect(verdictOf({})).toBe("proven");
      expect(verdictOf({ Condition })).toBe("leak");
    },
  );

  test("whose listing has a prefix twice, in upper and in lower case, is held by neither", () => {
    const listing = (prefixes: object) => ({
      Version: "2012-10-17",
      Statement: {
        Effect: "Allow",
        Action: "s3:ListBucket",
        Resource: "arn:aws:s3:::lake",
        Condition: { StringLike: prefixes },
      },
    });
    const verdictOf = (prefixes: object) =>
      prove([prefixed("acme", { managed: listing(prefixes) }), prefixed("globex")], { digest }).tenants[0]?.verdict;
    expect(verdictOf({ "s3:prefix": "acme/*" })).toBe("proven");
    expect(verdictOf({ "s3:prefix": "acme/*", "S3:Prefix": "*" })).toBe("leak");
  });

  test("has one document in AWS: where tenants were given different ones, none of them is proven", () => {
    const own = (tenantId: string, folder: string) =>
      prefixed(tenantId, { managed: allow("s3:GetObject", `arn:aws:s3:::lake/${tenantId}/${folder}/*`) });
    const { tenants, breaches } = prove([own("acme", "in"), prefixed("beta"), own("globex", "out")], { digest });
    expect(tenants.map(({ verdict }) => verdict)).toEqual(["not-proven", "proven", "not-proven"]);
    expect(breaches.map(({ message }) => message)).toContain(
      `managed policy ${managedArn} has one document with tenant "acme" and another with tenant "globex": give both the one that AWS has`,
    );
  });
});

describe("a name in Glue", () => {
  const database = "arn:aws:glue:us-east-1:111122223333:database/{{variables.db}}";
  const named = tenantOf({
    variables: { db: { type: "name" } },
    territory: [database],
    document: allow("glue:GetDatabase", database),
  });

  test("is the same in upper and in lower case: two tenants that have it are not proven", () => {
    const both = [named("acme", { variables: { db: "Sales" } }), named("globex", { variables: { db: "sales" } })];
    const breaches = todaysBreaches(both);
    expect(breaches.map(({ rule, tenantId }) => [rule, tenantId])).toEqual([["territory", "acme"]]);
    expect(
      todaysBreaches([named("acme", { variables: { db: "Sales" } }), named("globex", { variables: { db: "stock" } })]),
    ).toEqual([]);
  });

  test("and in S3 it is another", () => {
    const folder = "arn:aws:s3:::lake/{{variables.db}}/*";
    const own = tenantOf({
      variables: { db: { type: "name" } },
      territory: [folder],
      document: allow("s3:GetObject", folder),
    });
    const both = [own("acme", { variables: { db: "Sales" } }), own("globex", { variables: { db: "sales" } })];
    expect(todaysBreaches(both)).toEqual([]);
  });
});

test("One fault of several templates is told of each", () => {
  const writing = (name: string) =>
    policyTemplateSchema.parse({
      name,
      territory: [`arn:aws:s3:::${name}/{{tenant.id}}/*`],
      shared: [{ actions: ["s3:PutObject"], resources: ["arn:aws:s3:::common/*"] }],
      document: allow("s3:GetObject", `arn:aws:s3:::${name}/{{tenant.id}}/*`),
    });
  const { breaches } = prove([], { digest, templates: [writing("one"), writing("two")] });
  expect(breaches.map(({ template, path }) => [template, path])).toEqual([
    ["one", ["shared", 0]],
    ["two", ["shared", 0]],
  ]);
});

describe("a multi-Region key", () => {
  const keyed = tenantOf({
    variables: { key: { type: "arn", unique: true } },
    territory: ["{{variables.key}}"],
    document: allow("kms:Decrypt", "{{variables.key}}"),
  });
  const key = (region: string, id: string) => ({
    variables: { key: `arn:aws:kms:${region}:111122223333:key/${id}` },
  });

  test("is one key in every Region: two tenants that have it are not proven", () => {
    const one = keyed("acme", key("us-east-1", "mrk-1234abcd12ab34cd56ef1234567890ab"));
    const other = keyed("globex", key("eu-west-1", "mrk-1234abcd12ab34cd56ef1234567890ab"));
    const { tenants, breaches } = prove([one, other], { digest });
    expect(tenants.map(({ verdict }) => verdict)).not.toContain("proven");
    expect(breaches.map(({ rule }) => rule)).toContain("unique");
  });

  test("of another id is another key, and so is a key of one Region", () => {
    const all = [
      keyed("acme", key("us-east-1", "mrk-1234abcd12ab34cd56ef1234567890ab")),
      keyed("beta", key("us-east-1", "mrk-0234abcd12ab34cd56ef1234567890ab")),
      keyed("gamma", key("us-east-1", "1234abcd-12ab-34cd-56ef-1234567890ab")),
      keyed("globex", key("eu-west-1", "1234abcd-12ab-34cd-56ef-1234567890ab")),
    ];
    expect(prove(all, { digest }).verdict).toBe("proven");
  });

  test("of a tenant may not be shared under the ARN of another Region", () => {
    const shared = tenantOf({
      variables: { key: { type: "arn", unique: true, pattern: "arn:aws:kms:us-east-1:111122223333:key/*" } },
      territory: ["{{variables.key}}"],
      shared: [{ actions: ["kms:Decrypt"], resources: ["arn:aws:kms:eu-west-1:111122223333:key/mrk-1a"], reason: "-" }],
      document: allow("kms:Decrypt", "{{variables.key}}"),
    });
    const { tenants } = prove(
      [shared("acme", key("us-east-1", "mrk-1a")), shared("beta", key("us-east-1", "mrk-2b"))],
      {
        digest,
      },
    );
    expect(tenants.map(({ verdict }) => verdict)).not.toContain("proven");
  });
});
