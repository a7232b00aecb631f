import { describe, expect, it } from "vitest";
import { functionNames } from "../../build.ts";
import { account, arnOf, arnText, custom, functions, idOf, ofType, resources, statementFor } from "./deployed.ts";
import { at, fieldsOf, listOf, type Value } from "./serverless-file.ts";

describe("applications", () => {
  it("are the same ones in all three lists", () => {
    const ids = custom("applicationIds").map((id) => (typeof id === "string" ? id : at(id, "wildcard")));
    const prefix = `arn:aws:emr-serverless:us-east-1:${account}:/applications/`;
    expect(custom("applicationArns").map(arnText)).toEqual(ids.map((id) => `${prefix}${id}`));
    expect(custom("jobRunArns").map(arnText)).toEqual(ids.map((id) => `${prefix}${id}/jobruns/*`));
    expect(ids.length).toBeGreaterThan(0);
  });
});

describe("queues", () => {
  const queues = ofType("AWS::SQS::Queue");
  const policies = ofType("AWS::SQS::QueuePolicy").map(([, policy]) => fieldsOf(policy["Properties"]));
  const sources = functionNames.flatMap((name) =>
    listOf(at(functions, name, "events")).flatMap((event) => {
      const sqs = at(event, "sqs");
      return sqs === undefined ? [] : [{ name, sqs: fieldsOf(sqs) }];
    }),
  );

  it("feed functions that report each failed message, or whose messages are all the same", () => {
    const reported = sources.map(({ name, sqs }) => [name, sqs["functionResponseType"]]);
    expect(Object.fromEntries(reported)).toEqual({
      queue: "ReportBatchItemFailures",
      events: "ReportBatchItemFailures",
      dispatch: undefined,
      "job-run-changed": "ReportBatchItemFailures",
    });
  });

  it("wake as few dispatchers as Lambda allows", () => {
    const wakes = sources.find(({ name }) => name === "dispatch")?.sqs;
    expect(wakes).toMatchObject({ arn: arnOf("WakeQueue"), batchSize: 10, maximumConcurrency: 2 });
  });

  it("wait at least 6 times as long as their function may take", () => {
    for (const { name, sqs } of sources) {
      const visibility = at(resources[idOf(sqs["arn"])], "Properties", "VisibilityTimeout");
      expect(visibility).toBeGreaterThanOrEqual(6 * Number(at(functions, name, "timeout")));
    }
  });

  const tries: Readonly<Record<string, number>> = { queue: 100, events: 100, dispatch: 3, "job-run-changed": 20 };

  it("hand what fails again and again to a dead-letter queue of their own, which keeps it longer", () => {
    for (const { name, sqs } of sources) {
      const queue = fieldsOf(at(resources[idOf(sqs["arn"])], "Properties"));
      const redrive = fieldsOf(queue["RedrivePolicy"]);
      expect(redrive["maxReceiveCount"]).toBe(tries[name]);
      const dead = fieldsOf(at(resources[idOf(redrive["deadLetterTargetArn"])], "Properties"));
      expect(dead["QueueName"]).toBe(`${queue["QueueName"]}-dlq`);
      expect(dead["MessageRetentionPeriod"]).toBeGreaterThan(Number(queue["MessageRetentionPeriod"]));
      const allowed = listOf(at(dead, "RedriveAllowPolicy", "sourceQueueArns")).map(arnText);
      expect(allowed).toEqual([`arn:aws:sqs:us-east-1:${account}:${queue["QueueName"]}`]);
      expect(listOf(statementFor(name, "sqs:ReceiveMessage")["Resource"])).toEqual([sqs["arn"]]);
    }
  });

  it("keep a quarantined message as long as SQS can, in no order: one queue takes those of FIFO queues as well", () => {
    expect(at(resources["QuarantineQueue"], "Properties")).toEqual({
      QueueName: "sluice-quarantine",
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it("are encrypted, and take nothing without TLS", () => {
    for (const [id, queue] of queues) {
      expect(at(queue, "Properties", "SqsManagedSseEnabled"), id).toBe(true);
      const own = policies.filter(({ Queues }) => listOf(Queues).some((ref) => at(ref, "Ref") === id));
      expect(own, id).toHaveLength(1);
      expect(listOf(at(own[0], "PolicyDocument", "Statement"))).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Principal: "*",
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  it("take messages of EventBridge from the rules of this stack only", () => {
    const allowing = policies.flatMap(({ PolicyDocument }) =>
      listOf(at(PolicyDocument, "Statement")).filter((statement) => at(statement, "Effect") === "Allow"),
    );
    expect(allowing).toHaveLength(3);
    for (const statement of allowing) {
      expect(at(statement, "Principal")).toEqual({ Service: "events.amazonaws.com" });
      expect(at(statement, "Action")).toBe("sqs:SendMessage");
      expect(listOf(at(statement, "Condition", "ArnEquals", "aws:SourceArn")).length).toBeGreaterThan(0);
    }
  });

  it("let nobody else put an event where it is believed, or will be when it is moved back", () => {
    const rules = ["SubmissionRequestedRule", "ObjectCreatedRule"].map(arnOf);
    const handlesFailures = {
      ArnNotEquals: { "aws:PrincipalArn": arnOf("EventsRole") },
      Bool: { "aws:PrincipalIsAWSService": "false" },
    };
    const denied: Record<string, Value> = {
      EventsQueue: {
        ArnNotEquals: { "aws:SourceArn": rules },
        ArnNotLike: { "aws:PrincipalArn": custom("operatorArns") },
      },
      EventsDeadLetterQueue: handlesFailures,
      FailedEventsQueue: handlesFailures,
      UndeliveredEventsQueue: { ArnNotEquals: { "aws:SourceArn": [arnOf("JobRunChangedRule"), ...rules] } },
    };
    for (const [id, Condition] of Object.entries(denied)) {
      const [own] = policies.filter(({ Queues }) => listOf(Queues).some((ref) => at(ref, "Ref") === id));
      expect(listOf(at(own, "PolicyDocument", "Statement")), id).toContainEqual(
        expect.objectContaining({ Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Condition }),
      );
    }
  });

  it("let no queue of anybody's name them as its dead-letter queue, where an event is believed", () => {
    for (const id of ["EventsQueue", "FailedEventsQueue", "UndeliveredEventsQueue"]) {
      expect(at(resources[id], "Properties", "RedriveAllowPolicy"), id).toEqual({ redrivePermission: "denyAll" });
    }
  });
});
