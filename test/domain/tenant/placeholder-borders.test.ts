import { describe, expect, test } from "vitest";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";

const statement = { Effect: "Allow", Action: "s3:GetObject" };

const accepts = (own: object): boolean =>
  policyTemplateSchema.safeParse({
    name: "borders",
    document: { Version: "2012-10-17", Statement: [{ ...statement, ...own }] },
  }).success;

/** Every place of a text in a statement that placeholders may stand in. */
const places: [string, (text: string) => object][] = [
  ["Resource", (Resource) => ({ Resource })],
  ["a list of Resource", (text) => ({ Resource: ["arn:aws:s3:::x", text] })],
  ["NotResource", (NotResource) => ({ NotResource })],
  ["a Condition", (text) => ({ Resource: "*", Condition: { StringLike: { "s3:prefix": text } } })],
  ["a list of a Condition", (text) => ({ Resource: "*", Condition: { StringLike: { "s3:prefix": ["x", text] } } })],
];

describe.each(places)("a placeholder in %s", (_place, own) => {
  test.each([
    "{{tenant.id}}",
    "{{ tenant.id }}/*",
    "arn:aws:s3:::data/{{tenant.id}}/*",
    "arn:aws:s3:::data-{{tenant.id}}/*",
    "arn:aws:s3:::{{tenant.id}}-data/*",
    "arn:aws:s3:::data/{{tenant.id}}*",
    "arn:aws:s3:::data/{{tenant.id}}/{{submission.id}}/*",
    "${aws:PrincipalTag/team}/{{tenant.id}}/*",
  ])("may stand beside any text, for the proof decides what it reaches: %s", (text) => {
    expect(accepts(own(text))).toBe(true);
  });

  test.each([
    "arn:aws:s3:::{{variables.bucket}}{{tenant.id}}/*",
    "arn:aws:s3:::data/{{tenant.id}}{{submission.id}}",
    "arn:aws:s3:::data/{{tenant.id}}}",
    "${aws:PrincipalTag/{{tenant.id}}}",
    "${aws:PrincipalTag/{{tenant.id}}/x}",
  ])("must not touch another value's border or stand in a variable of IAM's: %s", (text) => {
    expect(accepts(own(text))).toBe(false);
  });
});
