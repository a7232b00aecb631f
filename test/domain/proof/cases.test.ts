import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { prove } from "#domain/proof/prove.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";
import { tenantSchema } from "#domain/tenant/tenant.ts";
import { digest } from "./brute-force.ts";

const record = z.record(z.string(), z.unknown());

/** One case of test/cases/proof: a template, and for a leaky one the statement that is refused and why. */
const proofCase = z.strictObject({
  name: z.string(),
  refused: z.optional(
    z.strictObject({
      statement: z.optional(z.string()),
      verdict: z.enum(["leak", "not-proven"]),
      rule: z.optional(z.string()),
    }),
  ),
  variables: z.optional(record),
  territory: z.array(z.string()),
  shared: z.optional(z.array(record)),
  statements: z.array(record),
  acknowledged: z.optional(z.array(z.string())),
});

type ProofCase = z.infer<typeof proofCase>;

const casesIn = (file: string): ProofCase[] =>
  z.array(proofCase).parse(JSON.parse(readFileSync(new URL(`../../cases/proof/${file}`, import.meta.url), "utf8")));

/** The proof of the template for any two tenants; of a tenant as well where nothing of the template needs values. */
const proofOf = ({ variables = {}, territory, shared = [], statements, acknowledged = [] }: ProofCase) => {
  const policyTemplate = policyTemplateSchema.parse({
    name: "case",
    variables,
    territory,
    shared,
    document: { Version: "2012-10-17", Statement: statements },
  });
  const tenant = tenantSchema.parse({
    tenantId: "acme",
    applications: { main: "00f1abc" },
    executionRoleArn: "arn:aws:iam::111122223333:role/job",
    policy: {
      template: "case",
      variables: Object.fromEntries(Object.keys(variables).map((name) => [name, values[name] ?? ""])),
      acknowledged: acknowledged.map((action) => ({ action, reason: "A test." })),
    },
  });
  return prove([{ tenant, policyTemplate }], { digest });
};

/** What tenant acme has for the variables of the cases. */
const values: Readonly<Record<string, string>> = {
  bucket: "acme-jobs",
  lake: "sluice-lake",
  code: "acme-jobs",
  db: "acme_etl",
  sale: "Sale",
  path: "acme/data",
  folder: "acme-data",
  key: "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555",
};

describe("leaky templates", () => {
  const cases = casesIn("leaky.json");

  test.each(cases)("$name", (one) => {
    const { verdict, breaches } = proofOf(one);
    expect(verdict).not.toBe("proven");
    const { statement, rule, verdict: wanted } = one.refused ?? {};
    const found = breaches.filter(
      (breach) =>
        breach.verdict === wanted &&
        (statement === undefined || breach.statement === statement) &&
        (rule === undefined || breach.rule === rule),
    );
    expect(found, breaches.map(({ message }) => message).join("\n")).not.toEqual([]);
    for (const { witness = "" } of wanted === "leak" ? found : []) {
      expect(witness).toMatch(/^arn:/);
      // A bucket that cannot be would make the reader doubt the rest.
      if (witness.startsWith("arn:aws:s3:::"))
        expect(witness.slice(13)).toMatch(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/|$)/);
    }
  });

  test("are sixty at least, and each says what is refused", () => {
    expect(cases.length).toBeGreaterThanOrEqual(60);
    for (const { name, refused } of cases) expect(refused, name).toBeDefined();
  });
});

describe("tight templates", () => {
  const cases = casesIn("tight.json");

  test.each(cases)("$name", (one) => {
    const { verdict, breaches } = proofOf(one);
    expect(breaches.map(({ message }) => message)).toEqual([]);
    expect(verdict).toBe("proven");
  });

  test("are forty at least", () => {
    expect(cases.length).toBeGreaterThanOrEqual(40);
  });
});
