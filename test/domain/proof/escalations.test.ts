import { expect, test } from "vitest";
import { escalationsOf } from "#domain/proof/escalations.ts";
import { statementsOf } from "#domain/proof/statement.ts";
import { subjectOf } from "#domain/proof/subject.ts";
import { policyTemplateSchema } from "#domain/tenant/policy-template.ts";

const template = policyTemplateSchema.parse({
  name: "t",
  document: { Version: "2012-10-17", Statement: { Effect: "Allow", Action: "s3:GetObject", Resource: "*" } },
});

/** The patterns by which a managed policy with these statements escalates: its actions may be spelt as IAM takes them. */
const patternsOf = (given: readonly object[], acknowledged: readonly string[] = []): string[] => {
  const Statement = given.map((one) => ({ Effect: "Allow", Resource: "arn:aws:s3:::lake/*", ...one }));
  const statements = statementsOf({ Version: "2012-10-17", Statement }) ?? [];
  const subject = subjectOf(template, { values: {}, managed: [{ name: "managed", statements }] });
  return [...new Set(escalationsOf(subject, acknowledged).map(({ pattern }) => pattern))];
};

const deny = { Effect: "Deny", Resource: "*" };

test("An action is one by its name, in any case, or by a wildcard that has it", () => {
  expect(patternsOf([{ Action: "S3:putbucketpolicy" }])).toEqual(["s3:PutBucketPolicy"]);
  expect(patternsOf([{ Action: "s3:Put?ucketPolicy" }])).toEqual(["s3:PutBucketPolicy"]);
  expect(patternsOf([{ Action: ["s3:GetObject", "s3:ListBucket", "s3:Get*Tagging"] }])).toEqual([]);
  expect(patternsOf([{ NotAction: ["s3:*", "a*"] }])).toContain("sts:AssumeRole*");
});

test("Any action of a service that nobody judged is one, but for those that only do what they say", () => {
  expect(patternsOf([{ Action: "appflow:StartFlow" }])).toEqual(["appflow:*"]);
  expect(patternsOf([{ Action: "ssm:SendCommand" }])).toEqual(["ssm:*"]);
  expect(patternsOf([{ Action: "ssm:GetParameter" }])).toEqual([]);
  expect(patternsOf([{ Action: "?sm:GetParameter" }])).not.toEqual([]);
  expect(patternsOf([{ Action: "*:GetObject" }])).not.toEqual([]);
});

test("An acknowledgement lets the actions through that it names, and no others", () => {
  const both = { Action: ["sts:AssumeRole", "iam:PassRole"] };
  expect(patternsOf([both], ["sts:AssumeRole"])).toEqual(["iam:*"]);
  expect(patternsOf([both], ["sts:*", "iam:*"])).toEqual([]);
  expect(patternsOf([{ Action: "sts:*" }], ["sts:AssumeRole"])).not.toEqual([]);
});

test("A Deny of all its resources without a condition takes it away", () => {
  const assume = { Action: "sts:AssumeRole" };
  expect(patternsOf([assume, { ...deny, Action: "sts:*" }])).toEqual([]);
  expect(patternsOf([assume, { ...deny, NotAction: "s3:*" }])).toEqual([]);
  expect(patternsOf([assume, { ...deny, Action: "sts:AssumeRole", Resource: "arn:aws:s3:::lake/x*" }])).not.toEqual([]);
  expect(patternsOf([assume, { ...deny, Action: "sts:AssumeRoleWithSAML" }])).not.toEqual([]);
  const Condition = { StringEquals: { "aws:x": "y" } };
  expect(patternsOf([assume, { ...deny, Action: "sts:*", Condition }])).not.toEqual([]);
});
