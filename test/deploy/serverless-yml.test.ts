import { describe, expect, it } from "vitest";
import { listPrices } from "#domain/cost/list-prices.ts";
import { reserveMs } from "#handlers/deadline.ts";
import { functionNames } from "../../build.ts";
import { callLimits, clientConfig } from "../../src/functions/client-config.ts";
import { readConfig } from "../../src/functions/config.ts";
import { account, file, functions } from "./deployed.ts";
import { at, fieldsOf, listOf, serverlessFile, type Value } from "./serverless-file.ts";

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
      EventsDeadLetterQueue: `https://sqs.us-east-1.amazonaws.com/${account}/sluice-events-dlq`,
      "EventsQueue.Arn": `arn:aws:sqs:us-east-1:${account}:sluice-events`,
    };
    const quarantines: Record<string, Value> = {
      queue: values.QuarantineQueue,
      events: values.EventsDeadLetterQueue,
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
      quarantineQueueUrl: quarantines[name],
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

  it.each(["queue", "events", "job-run-changed"])(
    "leaves %s time for the call under way, and for its messages",
    (name) => {
      const { maxAttempts, requestHandler } = clientConfig(callLimits);
      const [underWay, tried] = [maxAttempts * requestHandler.requestTimeout + 1000, requestHandler.requestTimeout];
      // Into quarantine, and back to the queue.
      expect(underWay + 2 * tried).toBeLessThan(reserveMs);
      expect(reserveMs).toBeLessThan(1000 * Number(at(functions, name, "timeout")));
    },
  );

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
