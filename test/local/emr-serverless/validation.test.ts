import { describe, expect, test } from "vitest";
import { applicationId, createLocalCore, failureOf, request, spark } from "./local-core.ts";

function refusal(members: object): { type: unknown; status: unknown; message: string } {
  const { call } = createLocalCore();
  return failureOf(() => call("StartJobRun", request(members)));
}

describe("StartJobRun", () => {
  test("reports a fault in AWS's words", () => {
    expect(refusal({ clientToken: "acme:42" })).toEqual({
      type: "ValidationException",
      status: 400,
      message:
        "1 validation error detected: Value 'acme:42' at 'clientToken' failed to satisfy constraint: " +
        "Member must satisfy regular expression pattern: [A-Za-z0-9._-]+",
    });
  });

  test("reports every fault at once", () => {
    const { message } = refusal({
      clientToken: "x".repeat(65),
      executionRoleArn: undefined,
      mode: "BOTH",
      executionTimeoutMinutes: 1_000_001,
      retryPolicy: { maxAttempts: 0 },
    });
    expect(message).toBe(
      "5 validation errors detected: " +
        `Value '${"x".repeat(65)}' at 'clientToken' failed to satisfy constraint: Member must have length less than or equal to 64; ` +
        "Value null at 'executionRoleArn' failed to satisfy constraint: Member must not be null; " +
        "Value '1000001' at 'executionTimeoutMinutes' failed to satisfy constraint: Member must have value less than or equal to 1000000; " +
        "Value 'BOTH' at 'mode' failed to satisfy constraint: Member must satisfy enum value set: [BATCH, STREAMING]; " +
        "Value '0' at 'retryPolicy.maxAttempts' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  });

  test("names the faults of tags together, and echoes them", () => {
    const { message } = refusal({ tags: { naïve: "x".repeat(257) } });
    expect(message).toMatch(/^2 validation errors detected: Value '\{naïve=x+\}' at 'tags'/);
    expect(message).toContain("Map keys must satisfy constraint: [Member must have length less than or equal to 128, ");
    expect(message).toContain(
      "Map value must satisfy constraint: [Member must have length less than or equal to 256, ",
    );
  });

  test("does not echo sensitive members", () => {
    const { message } = refusal({ jobDriver: { sparkSubmit: { entryPoint: "secret ".repeat(1000) } } });
    expect(message).toBe(
      "1 validation error detected: Value at 'jobDriver.sparkSubmit.entryPoint' failed to satisfy constraint: " +
        "Member must have length less than or equal to 4096",
    );
  });

  test.each([
    ["none", {}],
    ["sparkSubmit, hive", { ...spark("--verbose"), hive: { query: "select 1" } }],
  ])("wants exactly one member of a union: found %s", (found, jobDriver) => {
    expect(refusal({ jobDriver }).message).toBe(
      "1 validation error detected: Value at 'jobDriver' failed to satisfy constraint: " +
        `Exactly one of [sparkSubmit, hive] must be set: found ${found}`,
    );
  });

  test("takes a policy of 2,048 characters and refuses one more", () => {
    const policy = (length: number) => ({ executionIamPolicy: { policy: "x".repeat(length) } });
    expect(createLocalCore().start(policy(2048))).toMatch(/^00/);
    expect(refusal(policy(2049)).message).toMatch(
      /at 'executionIamPolicy.policy' failed to satisfy constraint: Member must have length less than or equal to 2048$/,
    );
  });

  test("refuses a policy with characters above U+00FF", () => {
    expect(refusal({ executionIamPolicy: { policy: "“quoted”" } }).message).toContain(
      "Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
    );
  });

  test.each([
    ["11 managed policies", { executionIamPolicy: { policyArns: Array(11).fill("arn:aws:iam::aws:policy/Read") } }],
    ["a short policy ARN", { executionIamPolicy: { policyArns: ["arn:aws:iam"] } }],
    [
      "1,025 arguments",
      { jobDriver: { sparkSubmit: { entryPoint: "s3://b/j.py", entryPointArguments: Array(1025).fill("") } } },
    ],
    [
      "an alias for a key",
      {
        configurationOverrides: {
          diskEncryptionConfiguration: { encryptionKeyArn: "arn:aws:kms:us-east-1:111122223333:alias/x" },
        },
      },
    ],
    ["a blank name", { name: "   " }],
    ["an application id in capitals", { applicationId: "00F1" }],
    ["no job driver", { jobDriver: undefined }],
    ["an empty job driver", { jobDriver: {} }],
    ["two job drivers", { jobDriver: { ...spark("--verbose"), hive: { query: "select 1" } } }],
    ["the driver of the other engine", { jobDriver: { hive: { query: "select 1" } } }],
    ["a role that is none", { executionRoleArn: "arn:aws:iam::111122223333:user/somebody" }],
    ["51 tags", { tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, ""])) }],
    ["a reserved tag", { tags: { "AWS:cloudformation": "x" } }],
    ["a batch run without a timeout", { executionTimeoutMinutes: 0 }],
    ["11 attempts", { retryPolicy: { maxAttempts: 11 } }],
  ])("refuses %s", (_, members) => {
    expect(refusal(members)).toMatchObject({ type: "ValidationException", status: 400 });
  });

  test.each([1, 4])("refuses a timeout of %i minutes in the service's own words", (executionTimeoutMinutes) => {
    expect(refusal({ executionTimeoutMinutes }).message).toBe("RunTimeout must be at least 5 minutes.");
  });

  test.each([
    [
      "empty arguments",
      { jobDriver: { sparkSubmit: { entryPoint: "s3://b/j.py", entryPointArguments: ["", "a b"] } } },
    ],
    ["50 tags", { tags: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, ""])) }],
    ["a streaming run without a timeout", { executionTimeoutMinutes: 0, mode: "STREAMING" }],
    ["a name in any script", { name: "夜間 №1" }],
    ["members that are null", { name: null, tags: null }],
  ])("takes %s", (_, members) => {
    expect(createLocalCore().start(members)).toMatch(/^00/);
  });

  test("cannot read a number where a text belongs", () => {
    expect(refusal({ name: 42 })).toMatchObject({ type: "SerializationException", status: 400 });
  });

  test("refuses a role of another account", () => {
    expect(refusal({ executionRoleArn: "arn:aws:iam::444455556666:role/jobs" })).toEqual({
      type: "AccessDeniedException",
      status: 403,
      message: "Cross-account pass role is not allowed.",
    });
  });

  test("answers 404 for an application that is not there", () => {
    expect(refusal({ applicationId: "00nobody" })).toEqual({
      type: "ResourceNotFoundException",
      status: 404,
      message: "Application 00nobody does not exist",
    });
  });

  test("refuses a terminated application", () => {
    const { call } = createLocalCore();
    call("DeleteApplication", { applicationId });
    expect(failureOf(() => call("StartJobRun", request()))).toMatchObject({
      type: "ValidationException",
      message: `Application ${applicationId} is terminated. Cannot start job run.`,
    });
  });
});

describe("other operations", () => {
  test("answer 404 for a job run that is not there, or is another application's", () => {
    const other = "00otherapplicat1";
    const { call, start } = createLocalCore({ applications: [{ applicationId }, { applicationId: other }] });
    const jobRunId = start();
    for (const key of [
      { applicationId, jobRunId: "00nobody" },
      { applicationId: other, jobRunId },
    ]) {
      for (const operation of ["GetJobRun", "CancelJobRun", "ListJobRunAttempts", "GetDashboardForJobRun"]) {
        expect(failureOf(() => call(operation, key))).toMatchObject({ type: "ResourceNotFoundException", status: 404 });
      }
    }
  });

  test("answer 404 for an attempt that was never made", () => {
    const { start, call } = createLocalCore();
    const jobRunId = start();
    expect(failureOf(() => call("GetJobRun", { applicationId, jobRunId, attempt: 2 })).status).toBe(404);
  });

  test("list at most 50 job runs a page, and eight of the nine states", () => {
    const { call } = createLocalCore();
    const list = (members: object) => failureOf(() => call("ListJobRuns", { applicationId, ...members })).message;
    expect(list({ maxResults: 51 })).toContain("at 'maxResults' failed to satisfy constraint: Member must have value");
    const states = ["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS", "FAILED", "CANCELLING", "CANCELLED"];
    expect(call("ListJobRuns", { applicationId, states })).toEqual({ jobRuns: [] });
    expect(list({ states: [...states, "QUEUED"] })).toContain("Member must have length less than or equal to 8");
    expect(list({ nextToken: "bm9uZQ" })).toBe("The nextToken is invalid");
  });
});
