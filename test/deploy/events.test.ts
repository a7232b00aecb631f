import { describe, expect, it } from "vitest";
import { functionNames } from "../../build.ts";
import {
  account,
  arnOf,
  arnText,
  custom,
  functions,
  idOf,
  ofType,
  resources,
  roleOf,
  statementsOf,
} from "./deployed.ts";
import { at, fieldsOf, listOf } from "./serverless-file.ts";

describe("events", () => {
  const rules = ofType("AWS::Events::Rule");
  const statementsFor = (policy: string) =>
    listOf(at(resources[policy], "Properties", "PolicyDocument", "Statement")).map(fieldsOf);
  const eventsRules = [arnOf("SubmissionRequestedRule"), arnOf("ObjectCreatedRule")];

  it("go through a queue, which a burst can wait in", () => {
    const targets = rules.map(([id, rule]) => [
      id,
      listOf(at(rule, "Properties", "Targets")).map((to) => at(to, "Arn")),
    ]);
    expect(Object.fromEntries(targets)).toEqual({
      SubmissionRequestedRule: [arnOf("EventsQueue")],
      ObjectCreatedRule: [arnOf("EventsQueue")],
      JobRunChangedRule: [arnOf("JobRunChangesQueue")],
    });
    expect(at(resources["SubmissionRequestedRule"], "Properties", "EventBusName")).toEqual({ Ref: "Bus" });
    expect(at(resources["ObjectCreatedRule"], "Properties", "EventPattern", "detail", "bucket", "name")).toEqual(
      custom("bucketNames"),
    );
  });

  it("come to their queue from the rules, and from nobody else but an operator", () => {
    const [, allow, deny] = statementsFor("EventsQueuePolicy");
    expect(at(allow, "Condition")).toEqual({ ArnEquals: { "aws:SourceArn": eventsRules } });
    expect(deny).toEqual({
      Sid: "FromNobodyElse",
      Effect: "Deny",
      Principal: "*",
      Action: "sqs:SendMessage",
      Resource: arnOf("EventsQueue"),
      Condition: {
        ArnNotEquals: { "aws:SourceArn": eventsRules },
        ArnNotLike: { "aws:PrincipalArn": custom("operatorArns") },
      },
    });
    expect(custom("operatorArns").map(arnText)).toEqual([`arn:aws:iam::${account}:role/sluice/operators/*`]);
  });

  it("that cannot be handed over are kept", () => {
    const undelivered = arnOf("UndeliveredEventsQueue");
    for (const [id, rule] of rules) {
      for (const target of listOf(at(rule, "Properties", "Targets"))) {
        const RetryPolicy = { MaximumRetryAttempts: 185 };
        expect(target, id).toMatchObject({ DeadLetterConfig: { Arn: undelivered }, RetryPolicy });
      }
    }
    const [, allow] = statementsFor("UndeliveredEventsQueuePolicy");
    const named = listOf(at(allow, "Condition", "ArnEquals", "aws:SourceArn")).map(idOf);
    expect(named.toSorted()).toEqual(rules.map(([id]) => id).toSorted());
  });

  it("that the function fails on are kept", () => {
    const failed = arnOf("FailedEventsQueue");
    expect(at(functions, "events", "destinations", "onFailure")).toEqual({ type: "sqs", arn: failed });
    const sending = statementsOf("events").filter(({ Action }) => Action === "sqs:SendMessage");
    expect(sending.map(({ Resource }) => Resource)).toContainEqual(failed);
  });

  it("of job runs come in every state, also in those that are not known yet", () => {
    expect(at(resources["JobRunChangedRule"], "Properties", "EventPattern")).toMatchObject({
      source: ["aws.emr-serverless"],
      "detail-type": ["EMR Serverless Job Run State Change"],
    });
    const { detail } = fieldsOf(at(resources["JobRunChangedRule"], "Properties", "EventPattern"));
    expect(detail).toEqual({ applicationId: custom("applicationIds") });
  });

  it("of source sluice are put by the functions only, and no bus policy lets anyone in", () => {
    const policies = ofType("AWS::Events::EventBusPolicy").map(([, policy]) => at(policy, "Properties", "Statement"));
    expect(policies).toEqual([
      expect.objectContaining({
        Effect: "Deny",
        Condition: {
          StringEquals: { "events:source": "sluice" },
          ArnNotEquals: { "aws:PrincipalArn": functionNames.map((name) => arnOf(roleOf(name))) },
        },
      }),
    ]);
  });
});
