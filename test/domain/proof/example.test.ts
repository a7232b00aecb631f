import { describe, expect, test } from "vitest";
import { asExample } from "#domain/proof/example.ts";
import { literal, type Step } from "#domain/proof/pattern.ts";
import { prove } from "#domain/proof/prove.ts";
import { samplePolicyTemplate } from "#test/helpers/setup.ts";
import { digest } from "./brute-force.ts";

const anyText: Step = { kind: "any-number", set: { kind: "all-but", characters: "", symbols: true } };
const s3 = literal("arn:aws:s3:::");
const lakes = [...s3, anyText, ...literal("-lake/"), anyText];

describe("asExample()", () => {
  const example = (text: string, ...all: readonly (readonly Step[])[]) =>
    asExample(text, { all: all.map((steps) => [steps]), none: [] });

  test("puts letters to the name of a bucket that can be none, and a name behind the last slash", () => {
    expect(example("arn:aws:s3:::-lake/", lakes)).toBe("arn:aws:s3:::x-lake/x");
    expect(example("arn:aws:s3:::a/", [...s3, anyText])).toBe("arn:aws:s3:::axx/x");
  });

  test("leaves a text alone where nothing else is wanted, and where it is no bucket's", () => {
    expect(example("arn:aws:s3:::-lake/", [...s3, ...literal("-lake/")])).toBe("arn:aws:s3:::-lake/");
    const other = [...lakes.slice(0, -1), ...literal("acme")];
    expect(example("arn:aws:s3:::-lake/acme", other)).toBe("arn:aws:s3:::x-lake/acme");
    expect(example("arn:aws:sqs:us-east-1:111122223333:-jobs", [anyText])).toBe(
      "arn:aws:sqs:us-east-1:111122223333:-jobs",
    );
  });
});

describe("a breach between two templates", () => {
  const variables = { lake: { type: "bucket", pattern: "*-lake" } };
  const templateOf = (name: string, arn: string) =>
    samplePolicyTemplate({
      name,
      variables,
      territory: [arn],
      document: {
        Version: "2012-10-17",
        Statement: [{ Sid: "Read", Effect: "Allow", Action: "s3:GetObject", Resource: arn }],
      },
    });
  const tight = templateOf("tight", "arn:aws:s3:::{{variables.lake}}/{{tenant.id}}/*");
  const leaky = templateOf("leaky", "arn:aws:s3:::{{variables.lake}}/{{tenant.id}}*");

  test("has a witness in a bucket that can be, also where no two tenants were found that meet there", () => {
    const { breaches } = prove([], { digest, templates: [tight, leaky] });
    expect(breaches.map(({ template, verdict }) => `${template} ${verdict}`)).toContain("tight not-proven");
    for (const { witness, message } of breaches) {
      expect(witness).toMatch(/^arn:aws:s3:::x-lake\//);
      expect(message).toContain(witness);
    }
  });
});
