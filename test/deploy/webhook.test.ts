import { describe, expect, it } from "vitest";
import { compilePattern } from "#local/events/event-pattern.ts";
import { sampleEvent } from "#test/contracts/events.ts";
import { at, type Fields, fieldsOf, listOf, resourcesOf, serverlessFile, type Value } from "./serverless-file.ts";

const url = "https://hooks.example.com/sluice";
const on = serverlessFile({ webhook: "on", webhookUrl: url });
const resources = resourcesOf(on);
const propertiesOf = (id: string): Fields => fieldsOf(at(resources[id], "Properties"));
const arnOf = (id: string) => ({ "Fn::GetAtt": [id, "Arn"] });
const statementsOf = (document: Value): Fields[] => listOf(at(document, "Statement")).map(fieldsOf);

describe("the webhook", () => {
  it("is off by default, and adds nothing to a deployment then", () => {
    const off = Object.keys(resourcesOf(serverlessFile()));
    expect(off.filter((id) => id.startsWith("Webhook"))).toEqual([]);
    const added = Object.keys(resources).filter((id) => !off.includes(id));
    expect(added.sort()).toEqual([
      "WebhookConnection",
      "WebhookDestination",
      "WebhookRole",
      "WebhookRule",
      "WebhookUndeliveredQueue",
      "WebhookUndeliveredQueuePolicy",
    ]);
  });

  it("is called over HTTPS with a key that stands in a secret, and in no file", () => {
    expect(propertiesOf("WebhookDestination")).toMatchObject({
      ConnectionArn: arnOf("WebhookConnection"),
      HttpMethod: "POST",
      InvocationEndpoint: url,
    });
    expect(url).toMatch(/^https:/);
    const parameters = at(propertiesOf("WebhookConnection"), "AuthParameters", "ApiKeyAuthParameters");
    expect(parameters).toEqual({
      ApiKeyName: "X-Api-Key",
      ApiKeyValue: "{{resolve:secretsmanager:sluice/webhook:SecretString:apiKey}}",
    });
  });

  const { EventPattern: pattern, EventBusName: bus, Targets: targets, Name: ruleName } = propertiesOf("WebhookRule");
  const [target] = listOf(targets);

  const event = (own: Fields) => {
    const { detailType, detail } = sampleEvent();
    return { source: detail.source, "detail-type": detailType, detail, ...own };
  };

  it("gets the ends of submissions from Sluice's bus, and nothing that others put there", () => {
    const fits = compilePattern(JSON.stringify(pattern));
    expect(bus).toEqual({ Ref: "Bus" });
    expect(fits(event({}))).toBe(true);
    expect(fits(event({ "detail-type": "Submission Refused" }))).toBe(true);
    expect(fits(event({ "detail-type": "Submission Requested" }))).toBe(false);
    expect(fits(event({ source: "acme.jobs" }))).toBe(false);
  });

  it("may be one tenant's: the pattern is looked up in the tenant of the event", () => {
    const ofTenant = (tenantId: string) => {
      const own = { ...fieldsOf(pattern), detail: { data: { tenantId: [tenantId] } } };
      return compilePattern(JSON.stringify(own))(event({}));
    };
    expect(ofTenant("acme")).toBe(true);
    expect(ofTenant("globex")).toBe(false);
    expect(at(pattern, "detail", "data", "tenantId")).toEqual(listOf(at(on, "custom", "webhookTenants")));
  });

  it("gets the CloudEvents document, is tried for a day, and what it does not take is kept", () => {
    expect(target).toMatchObject({
      Arn: arnOf("WebhookDestination"),
      RoleArn: arnOf("WebhookRole"),
      InputPath: "$.detail",
      RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      DeadLetterConfig: { Arn: arnOf("WebhookUndeliveredQueue") },
    });
    expect(propertiesOf("WebhookUndeliveredQueue")).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
    const [tls, allow, ...more] = statementsOf(propertiesOf("WebhookUndeliveredQueuePolicy")["PolicyDocument"]);
    expect(tls).toMatchObject({ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } });
    expect(allow).toMatchObject({
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: arnOf("WebhookUndeliveredQueue"),
      Condition: { ArnEquals: { "aws:SourceArn": arnOf("WebhookRule") } },
    });
    expect(more).toEqual([]);
  });

  it("is called under a role that this one rule may take, for this one destination", () => {
    const { AssumeRolePolicyDocument: trust, Policies: policies } = propertiesOf("WebhookRole");
    expect(statementsOf(trust)).toEqual([
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: {
          ArnEquals: {
            "aws:SourceArn": {
              "Fn::Sub": `arn:\${AWS::Partition}:events:\${AWS::Region}:\${AWS::AccountId}:rule/sluice/${ruleName}`,
            },
          },
        },
      },
    ]);
    expect(listOf(policies).flatMap((policy) => statementsOf(at(policy, "PolicyDocument")))).toEqual([
      {
        Sid: "CallTheWebhook",
        Effect: "Allow",
        Action: "events:InvokeApiDestination",
        Resource: arnOf("WebhookDestination"),
      },
    ]);
  });
});
