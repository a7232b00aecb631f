import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { longestJob, renderExecutionPolicy } from "#domain/plan/execution-policy.ts";
import { longestValues, templateSize } from "#domain/plan/longest-values.ts";
import { samplePolicyTemplate, sampleTenant } from "#test/helpers/setup.ts";

const ids = { submissionId: longestJob["submission.id"], applicationId: longestJob["application.id"] };

/** Text that JSON writes with escapes, so that characters and JSON's characters are not the same. */
const wide = (length: number): string => 'é"\\'.repeat(length).slice(0, length);

const variables = {
  folder: { type: "path" },
  short: { type: "bucket" },
  code: { type: "bucket", pattern: "{{tenant.id}}-jobs" },
};

const templateOf = (...resources: readonly string[]) =>
  samplePolicyTemplate({
    variables,
    territory: [],
    document: {
      Version: "2012-10-17",
      Statement: resources.map((Resource, at) => ({
        Sid: `S${at}`,
        Effect: "Allow",
        Action: at % 2 === 0 ? "s3:GetObject" : "s3:PutObject",
        Resource,
      })),
    },
  });

type Template = ReturnType<typeof templateOf>;

const subjectOf = (tenantId: string, folder: string, short: string) => ({
  tenantId,
  variables: { folder, short, code: `${tenantId}-jobs` },
});

const fits = (template: Template, subject: ReturnType<typeof subjectOf>): boolean => {
  const rendered = renderExecutionPolicy(template, { ...ids, ...subject });
  if (rendered.verdict === "refused") expect(rendered.faults[0]?.wanted).toContain("at most 2048 characters");
  return rendered.verdict === "rendered";
};

/** A template of statements that have the placeholders at some places, and so much other text that some values fit and some do not. */
const template = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        "arn:aws:s3:::{{variables.short}}/{{variables.folder}}/*",
        "arn:aws:s3:::{{variables.code}}/{{ tenant.id }}/*",
        "arn:aws:s3:::a/{{tenant.id}}/{{submission.id}}",
        "arn:aws:s3:::b/{{variables.folder}}",
      ),
      { minLength: 1, maxLength: 5 },
    ),
    fc.integer({ min: 1, max: 900 }),
  )
  .map(([resources, text]) => templateOf(...resources, `arn:aws:s3:::${wide(text)}`));

const subject = fc.tuple(
  fc.integer({ min: 2, max: 39 }),
  fc.integer({ min: 1, max: 120 }),
  fc.integer({ min: 3, max: 63 }),
);

describe("longestValues() is exact", () => {
  test("a value of that length fits beside the others as they are, and one of a character more does not", () => {
    let bounded = 0;
    fc.assert(
      fc.property(template, subject, (one, [id, path, bucket]) => {
        const given = subjectOf("t".repeat(id), "f".repeat(path), "b".repeat(bucket));
        const tenant = sampleTenant({
          tenantId: given.tenantId,
          policy: { template: "own-prefix", variables: given.variables },
        });
        fc.pre(fits(one, given));
        const longest = longestValues({ tenant, policyTemplate: one });
        const withLength = (name: string, length: number) =>
          ({
            "tenant.id": subjectOf("t".repeat(length), given.variables.folder, given.variables.short),
            "variables.folder": subjectOf(given.tenantId, "f".repeat(length), given.variables.short),
            "variables.short": subjectOf(given.tenantId, given.variables.folder, "b".repeat(length)),
          })[name];
        const ends: Readonly<Record<string, number>> = { "tenant.id": 39, "variables.short": 63 };
        for (const [name, most] of Object.entries(longest)) {
          const [full, over] = [withLength(name, most), withLength(name, most + 1)];
          if (full === undefined || over === undefined) throw new Error(`${name} is told, and goes with the tenant id`);
          expect(fits(one, full), `${name} of ${most}`).toBe(true);
          if (most === ends[name]) continue;
          bounded += 1;
          expect(fits(one, over), `${name} of ${most + 1}`).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
    expect(bounded).toBeGreaterThan(100);
  });

  test("with what managed policies take of the limit", () => {
    const policyTemplate = templateOf("arn:aws:s3:::{{variables.folder}}");
    const tenant = sampleTenant({
      policy: { template: "own-prefix", variables: subjectOf("acme", "f", "bbb").variables },
    });
    const alone = longestValues({ tenant, policyTemplate })["variables.folder"];
    expect(longestValues({ tenant, policyTemplate }, 500)["variables.folder"]).toBe(Number(alone) - 500);
    expect(longestValues({ tenant, policyTemplate }, 5000)["variables.folder"]).toBe(0);
  });
});

describe("templateSize()", () => {
  test("is the size of the longest policy, where all values have an end", () => {
    const one = templateOf("arn:aws:s3:::{{variables.short}}/{{tenant.id}}/*", "arn:aws:s3:::{{variables.code}}/*");
    const rendered = renderExecutionPolicy(one, { ...ids, ...subjectOf("t".repeat(39), "f", "b".repeat(63)) });
    expect(rendered).toMatchObject({ verdict: "rendered" });
    const characters = rendered.verdict === "rendered" ? rendered.characters : 0;
    expect(templateSize(one)).toEqual({ verdict: "any-value", characters, names: [], limit: 2048 });
  });

  test("tells how long the values may be that have none, beside the longest of the others", () => {
    const one = templateOf(
      "arn:aws:s3:::{{variables.short}}/{{variables.folder}}/*",
      "arn:aws:s3:::{{tenant.id}}/{{variables.folder}}",
    );
    const { characters, ...size } = templateSize(one);
    expect(size).toEqual({ verdict: "up-to", names: ["variables.folder"], limit: 2048 });
    const longest = (folder: number) => subjectOf("t".repeat(39), "f".repeat(folder), "b".repeat(63));
    expect([fits(one, longest(characters)), fits(one, longest(characters + 1))]).toEqual([true, false]);
  });

  test("cuts the ones that have an end too, where these alone are too long", () => {
    const one = templateOf(
      ...Array.from(
        { length: 16 },
        (_one, at) => `arn:aws:s3:::{{variables.short}}/{{tenant.id}}/${at}/${"x".repeat(20)}`,
      ),
    );
    const { characters, ...size } = templateSize(one);
    expect(size).toEqual({ verdict: "up-to", names: ["variables.short", "tenant.id"], limit: 2048 });
    const upTo = (most: number) => subjectOf("t".repeat(most), "f", "b".repeat(most));
    expect([fits(one, upTo(characters)), fits(one, upTo(characters + 1))]).toEqual([true, false]);
  });
});
