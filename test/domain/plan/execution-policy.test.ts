import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { mapStrings } from "#domain/placeholder.ts";
import { type PolicySubject, type RenderedPolicy, renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { type PolicyTemplate, policyTemplateSchema, variableTypes } from "#domain/tenant/policy-template.ts";
import { samplePolicyTemplate } from "#test/helpers/setup.ts";

/** One case of test/cases/execution-policy: a template and a tenant's values, and the policy or the refusal they give. */
const policyCase = z.strictObject({
  name: z.string(),
  template: z.record(z.string(), z.unknown()),
  tenant: z.strictObject({
    tenantId: z.string(),
    variables: z.optional(z.record(z.string(), z.string())),
  }),
  policy: z.optional(z.unknown()),
  text: z.optional(z.string()),
  characters: z.optional(z.number()),
  refused: z.optional(z.array(z.string())),
});

const folder = new URL("../../cases/execution-policy/", import.meta.url);
const casesIn = (file: string) => z.array(policyCase).parse(JSON.parse(readFileSync(new URL(file, folder), "utf8")));

const templateOf = (template: object): PolicyTemplate => policyTemplateSchema.parse({ name: "case", ...template });

const rendered = (template: PolicyTemplate, tenant: Partial<PolicySubject>): RenderedPolicy =>
  renderExecutionPolicy(template, {
    tenantId: "acme",
    submissionId: "req.abc",
    applicationId: "00f1abc",
    variables: {},
    ...tenant,
  });

const linesOf = ({ faults }: { faults: readonly { pointer: string; message: string }[] }): string[] =>
  faults.map(({ pointer, message }) => `${pointer} ${message}`);

describe.each(readdirSync(folder).sort())("renderExecutionPolicy(), cases of %s", (file) => {
  test.each(casesIn(file))("$name", ({ template, tenant, refused, policy, text, characters }) => {
    const { variables = {}, tenantId } = tenant;
    const found = rendered(templateOf(template), { tenantId, variables });
    if (found.verdict === "refused") {
      expect(linesOf(found)).toStrictEqual(refused);
      return;
    }
    expect(refused).toBeUndefined();
    expect(found.characters).toBe(found.policy.length);
    if (policy !== undefined) expect(JSON.parse(found.policy)).toStrictEqual(policy);
    if (text !== undefined) expect(found.policy).toBe(text);
    if (characters !== undefined) expect(found.characters).toBe(characters);
  });
});

test("every case expects something", () => {
  for (const file of readdirSync(folder)) {
    for (const { name, policy, text, characters, refused } of casesIn(file)) {
      expect(
        [policy, text, characters, refused].some((wanted) => wanted !== undefined),
        name,
      ).toBe(true);
    }
  }
});

/** A template with every placeholder that there is, each in the place that its type is made for. */
const everyPlaceholder = samplePolicyTemplate({
  variables: Object.fromEntries(variableTypes.map((type) => [type, { type }])),
  document: {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [
          "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/{{variables.segment}}/*",
          "arn:aws:s3:::{{variables.bucket}}/{{variables.path}}/{{submission.id}}/{{tenant.id}}/*",
          "arn:aws:glue:eu-west-1:111122223333:database/{{variables.name}}",
          "{{variables.arn}}",
        ],
        Condition: { StringLike: { "s3:prefix": ["{{tenant.id}}/*", "${aws:PrincipalTag/team}/{{tenant.id}}/*"] } },
      },
    ],
  },
});

const tenantId = fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,38}$/);

const accepted: Record<(typeof variableTypes)[number], fc.Arbitrary<string>> = {
  segment: fc.stringMatching(/^[A-Za-z0-9_.=+@:-]{1,40}$/),
  path: fc.stringMatching(/^[A-Za-z0-9_=+@:-]{1,10}(\/[A-Za-z0-9_.=+@:-]{1,10}){0,3}$/),
  bucket: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  name: fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,40}$/),
  arn: fc.stringMatching(/^arn:aws:[a-z0-9-]{1,8}:[a-z0-9-]{0,8}:\d{0,12}:[A-Za-z0-9_.=+@:/-]{1,40}$/),
};

/** Text of every kind, also of the characters that mean something in JSON, in IAM or in a path. */
const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom('"', "\\", "{", "}", "*", "?", "$", "/", ".", "\n", "\u0000", "a", "é", "Ā", ",", ":"),
  }),
  fc.constantFrom("__proto__", "constructor", "{{tenant.id}}", '","Resource":"*', "${*}"),
);

const shapeOf = (document: unknown): unknown => mapStrings(document, () => "text");

const segmentsOf = (policy: string): string[] => {
  const texts: string[] = [];
  mapStrings(JSON.parse(policy), (text) => texts.push(text));
  return texts.flatMap((text) => text.split(/[/:]/));
};

describe("renderExecutionPolicy(), whatever the values are", () => {
  test("no tenant's policy names another tenant's id as a path segment", () => {
    fc.assert(
      fc.property(tenantId, tenantId, fc.record(accepted), (own, other, variables) => {
        const values = Object.values(variables).flatMap((value) => value.split(/[/:]/));
        fc.pre(
          own !== other && !values.includes(other) && !segmentsOf(JSON.stringify(everyPlaceholder)).includes(other),
        );
        const found = rendered(everyPlaceholder, { tenantId: own, variables });
        fc.pre(found.verdict === "rendered");
        expect(segmentsOf(found.policy)).toContain(own);
        expect(segmentsOf(found.policy)).not.toContain(other);
      }),
    );
  });

  test("the policy is the template's document with other texts, and with no wildcard or variable of a value's", () => {
    const values = fc.record(
      Object.fromEntries(variableTypes.map((type) => [type, fc.oneof(accepted[type], hostile)])),
    );
    const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;
    const document = JSON.stringify(everyPlaceholder.document);
    fc.assert(
      fc.property(tenantId, values, (own, variables) => {
        const found = rendered(everyPlaceholder, { tenantId: own, variables });
        if (found.verdict === "refused") return;
        expect(shapeOf(JSON.parse(found.policy))).toStrictEqual(shapeOf(everyPlaceholder.document));
        expect(count(found.policy, /[*?$]/g)).toBe(count(document, /[*?$]/g));
      }),
    );
  });

  test("rendering never throws, and a refusal always says why", () => {
    const variables = fc.dictionary(fc.oneof(fc.constantFrom(...variableTypes), hostile), hostile);
    fc.assert(
      fc.property(variables, hostile, (values, text) => {
        const template = structuredClone(everyPlaceholder);
        const statement = { Effect: "Allow" as const, Action: "s3:GetObject", Resource: [text] };
        const found = rendered(
          { ...template, document: { Version: "2012-10-17", Statement: [statement] } },
          { variables: values },
        );
        expect(found.verdict === "rendered" || found.faults.length > 0).toBe(true);
      }),
    );
  });

  test("what was rendered before, for whomever, changes nothing", () => {
    const subject = fc.record(
      {
        tenantId: fc.constantFrom("acme", "globex"),
        submissionId: fc.constantFrom("req.one", "req.two"),
        applicationId: fc.constantFrom("00f1", "00f2"),
        variables: fc.constantFrom(
          { segment: "s", path: "p/q", bucket: "data", name: "dwh", arn: "arn:aws:s3:::x" },
          { segment: "t", path: "p/q", bucket: "data", name: "dwh", arn: "arn:aws:s3:::x" },
          { segment: "*" },
        ),
      },
      { requiredKeys: [] },
    );
    const resource = "arn:aws:s3:::{{variables.bucket}}/{{tenant.id}}/{{variables.segment}}/*";
    const statement = { Effect: "Allow" as const, Action: "s3:GetObject", Resource: resource };
    const withoutSubmission = {
      ...everyPlaceholder,
      document: { Version: "2012-10-17" as const, Statement: statement },
    };
    fc.assert(
      fc.property(fc.constantFrom(everyPlaceholder, withoutSubmission), fc.array(subject), (template, subjects) => {
        for (const each of subjects) {
          expect(rendered(template, each)).toStrictEqual(rendered(structuredClone(template), each));
        }
      }),
    );
  });

  test("the same values give the same policy, byte for byte", () => {
    const variables = { segment: "s", path: "p/q", bucket: "data", name: "dwh", arn: "arn:aws:s3:::x" };
    expect(rendered(everyPlaceholder, { variables })).toStrictEqual(rendered(everyPlaceholder, { variables }));
  });
});

describe("a policy template's keys and fixed texts", () => {
  const statement = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
  const documentWith = (own: object) => ({
    name: "x",
    document: { Version: "2012-10-17", Statement: [{ ...statement, ...own }] },
  });

  test.each([
    ["a condition key", { Condition: { StringEquals: { "aws:PrincipalTag/{{tenant.id}}": "x" } } }],
    ["a misspelt placeholder in a condition key", { Condition: { StringEquals: { "aws:{{tenant id}}": "x" } } }],
    ["an action", { Action: "s3:{{tenant.id}}" }],
    ["a statement id", { Sid: "{{tenant.id}}" }],
  ])("take no placeholder: it would stay in the policy: %s", (_place, own) => {
    expect(policyTemplateSchema.safeParse(documentWith(own)).success).toBe(false);
    expect(policyTemplateSchema.safeParse(documentWith({})).success).toBe(true);
  });
});
