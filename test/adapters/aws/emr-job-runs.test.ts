import { EMRServerlessClient } from "@aws-sdk/client-emr-serverless";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { emrJobRuns } from "#adapters/aws/emr-job-runs.ts";
import type { JobRuns } from "#domain/ports.ts";
import { jobRunsContract } from "#test/contracts/job-runs.ts";
import { localConfig } from "#test/helpers/dynamodb.ts";
import { type FakeAnswer, type FakeAws, type RecordedRequest, startFakeAws } from "#test/helpers/fake-aws.ts";
import { sampleInput } from "#test/helpers/submission.ts";

let fake: FakeAws;
let jobRuns: JobRuns;

beforeAll(async () => {
  fake = await startFakeAws();
  jobRuns = emrJobRuns(new EMRServerlessClient(localConfig(fake.endpoint)));
});
beforeEach(() => {
  fake.requests.length = 0;
});
afterAll(async () => {
  await fake.end();
});

const arnOf = (jobRunId: string) =>
  `arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f1/jobruns/${jobRunId}`;

/** As much of EMR Serverless as the promises need. */
const tokenMachine = () => {
  const tokens = new Map<string, { text: string; jobRunId: string }>();
  const runs = new Map<string, { state: string; tags: unknown; name: string }>();
  const start = ({ text, body }: RecordedRequest): FakeAnswer => {
    const { clientToken, tags, name }: { clientToken: string; tags: unknown; name: string } = JSON.parse(
      JSON.stringify(body),
    );
    const first = tokens.get(clientToken);
    if (first !== undefined && first.text !== text) return { status: 409, error: "ConflictException" };
    const jobRunId = first?.jobRunId ?? `00run${runs.size + 1}`;
    if (first === undefined) runs.set(jobRunId, { state: "SUBMITTED", tags, name });
    tokens.set(clientToken, { text, jobRunId });
    return { body: { applicationId: "00f1", jobRunId, arn: arnOf(jobRunId) } };
  };
  const list = (pathname: string) => ({
    jobRuns: pathname !== "/applications/00f1/jobruns" ? [] : [...runs].map(([id, { name }]) => ({ id, name })),
  });
  return {
    runs,
    answer(request: RecordedRequest): FakeAnswer {
      if (request.method === "POST") return start(request);
      const { pathname } = new URL(request.path, "http://emr");
      if (pathname.endsWith("/jobruns")) return { body: list(pathname) };
      const jobRunId = request.path.split("/").at(-1) ?? "";
      const run = runs.get(jobRunId);
      if (run === undefined) return { status: 404, error: "ResourceNotFoundException" };
      if (request.method === "DELETE") {
        if (["SUCCESS", "FAILED", "CANCELLED"].includes(run.state))
          return { status: 400, error: "ValidationException" };
        run.state = "CANCELLING";
        return { body: { applicationId: "00f1", jobRunId } };
      }
      return { body: { jobRun: { jobRunId, arn: arnOf(jobRunId), createdAt: 1_795_348_800.5, ...run } } };
    },
  };
};

jobRunsContract("emrJobRuns", () => {
  const machine = tokenMachine();
  fake.answer(machine.answer);
  return {
    jobRuns,
    end(jobRunId, state) {
      Object.assign(machine.runs.get(jobRunId) ?? {}, { state });
    },
  };
});

describe("emrJobRuns: what is sent", () => {
  const input = sampleInput({
    executionIamPolicy: {
      policy: '{"Version":"2012-10-17","Statement":[ ]}',
      policyArns: ["arn:aws:iam::aws:policy/X"],
    },
    jobDriver: {
      sparkSubmit: {
        entryPoint: "s3://jobs/acme/ä b.py",
        entryPointArguments: ["--date", "", "{{x}}"],
        sparkSubmitParameters: "--conf spark.a=b --conf  spark.c='d e'",
      },
    },
    configurationOverrides: {
      applicationConfiguration: [{ classification: "spark-defaults", properties: { "spark.x": "y" } }],
      monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/acme/" } },
    },
    mode: "STREAMING",
    retryPolicy: { maxAttempts: 3 },
  });

  test.each([
    ["Spark", input],
    ["Hive", sampleInput({ jobDriver: { hive: { query: "s3://jobs/q.sql", parameters: "--hiveconf a=b" } } })],
  ])("the frozen input of a %s job, and nothing else", async (_kind, frozen) => {
    fake.answer(() => ({ body: { jobRunId: "00run1" } }));
    await jobRuns.start(frozen);
    const { applicationId, ...body } = frozen;
    expect(fake.requests).toHaveLength(1);
    expect(fake.requests[0]).toMatchObject({ method: "POST", path: `/applications/${applicationId}/jobruns` });
    expect(fake.requests[0]?.body).toEqual(body);
  });

  test("the same bytes, however often", async () => {
    fake.answer(() => ({ body: { jobRunId: "00run1" } }));
    await jobRuns.start(input);
    await jobRuns.start(JSON.parse(JSON.stringify(input)));
    expect(fake.requests[1]?.text).toBe(fake.requests[0]?.text);
  });
});

describe("emrJobRuns: what AWS repeats of a job", () => {
  const secret = "hunter2-of-acme";
  const parameters = "--conf spark.token=abc";
  const input = sampleInput({
    jobDriver: {
      sparkSubmit: {
        entryPoint: "s3://jobs/acme/a.py",
        entryPointArguments: ["--password", secret, "1"],
        sparkSubmitParameters: parameters,
      },
    },
  });

  test.each([
    ["ValidationException", 400],
    ["AccessDeniedException", 403],
    ["Unheard", 400],
  ])("is in no message of %s, because messages are logged", async (error, status) => {
    const { policy } = input.executionIamPolicy;
    const message = `1 of ${policy}, ${JSON.stringify(policy)}, '${secret}' and ${parameters} is wrong`;
    fake.answer(() => ({ error, status, body: { message } }));
    const thrown: unknown = await jobRuns.start(input).catch((failure: unknown) => failure);
    const cause = thrown instanceof Error ? thrown.cause : undefined;
    const messages = [thrown, cause].map((failure) => (failure instanceof Error ? failure.message : ""));
    expect(messages.join()).toContain(`1 of …, "…", '…' and … is wrong`);
    for (const text of [secret, "2012-10-17", "spark.token"]) expect(messages.join()).not.toContain(text);
  });
});

describe("emrJobRuns: what StartJobRun's errors mean", () => {
  const asked = 'Cannot start job run for submission "req.1": application "00f1"';
  const table: [string, number, object][] = [
    ["ThrottlingException", 400, { code: "ERR_EMR_BUSY", kind: "busy", retryAfterSeconds: 2 }],
    ["TooManyRequestsException", 429, { code: "ERR_EMR_BUSY", kind: "busy" }],
    ["Unheard", 429, { code: "ERR_EMR_BUSY", kind: "busy" }],
    ["ServiceQuotaExceededException", 402, { code: "ERR_EMR_BUSY", kind: "busy", retryAfterSeconds: 30 }],
    [
      "ValidationException",
      400,
      { code: "ERR_EMR_REFUSED", kind: "invalid", message: `${asked} refused it: told why` },
    ],
    ["ConflictException", 409, { code: "ERR_EMR_CONFLICT", kind: "down" }],
    ["AccessDeniedException", 403, { code: "ERR_EMR_DENIED", kind: "down" }],
    ["AccessDenied", 403, { code: "ERR_EMR_DENIED", kind: "down" }],
    ["ResourceNotFoundException", 404, { code: "ERR_APPLICATION_NOT_FOUND", kind: "down" }],
    ["InternalServerException", 500, { code: "ERR_EMR_DOWN", kind: "down" }],
    ["ServiceUnavailable", 503, { code: "ERR_EMR_DOWN", kind: "down" }],
    ["Unheard", 504, { code: "ERR_EMR_DOWN", kind: "down" }],
    ["ExpiredTokenException", 403, { code: "ERR_EMR_DOWN", kind: "down" }],
  ];

  test.each(table)("%s (%i)", async (error, status, wanted) => {
    fake.answer(() => ({ error, status, body: { message: "told why" } }));
    const failure = await jobRuns.start(sampleInput()).then(String, (thrown: unknown) => thrown);
    expect(failure).toMatchObject({ name: "ServiceError", cause: { name: error }, ...wanted });
    expect(failure).toHaveProperty("message", expect.stringContaining(`${asked} `));
  });

  test("an application that cannot be reached is down", async () => {
    const gone = await startFakeAws();
    await gone.end();
    const unreachable = emrJobRuns(new EMRServerlessClient(localConfig(gone.endpoint)));
    await expect(unreachable.start(sampleInput())).rejects.toMatchObject({ code: "ERR_EMR_DOWN" });
  });

  test("missing credentials are down", async () => {
    const credentials = () => Promise.reject(Object.assign(new Error("none"), { name: "CredentialsProviderError" }));
    const lost = emrJobRuns(new EMRServerlessClient({ ...localConfig(fake.endpoint), credentials }));
    await expect(lost.start(sampleInput())).rejects.toMatchObject({ code: "ERR_EMR_DOWN" });
  });

  test("an error that nobody knows comes as it is", async () => {
    fake.answer(() => ({ error: "Unheard", status: 400, body: { message: "of" } }));
    await expect(jobRuns.start(sampleInput())).rejects.toMatchObject({ name: "Unheard", message: "of" });
  });

  test("the policy never comes back in a message", async () => {
    const policy = '{"Version":"2012-10-17","Statement":[{"Sid":"secret"}]}';
    fake.answer(() => ({
      error: "ValidationException",
      body: { message: `Value '${policy}' or ${JSON.stringify(policy)} is not valid` },
    }));
    const failure = jobRuns.start(sampleInput({ executionIamPolicy: { policy } }));
    await expect(failure).rejects.toMatchObject({
      message:
        'Cannot start job run for submission "req.1": application "00f1" refused it: Value \'…\' or "…" is not valid',
    });
  });
});

describe("emrJobRuns: get()", () => {
  test("tells what a completion needs, with times as text and without the job's own content", async () => {
    fake.answer(() => ({
      body: {
        jobRun: {
          applicationId: "00f1",
          jobRunId: "00run1",
          arn: arnOf("00run1"),
          name: "acme-nightly",
          createdBy: "arn:aws:sts::123456789012:assumed-role/sluice/http",
          executionRole: "arn:aws:iam::123456789012:role/jobs",
          executionIamPolicy: { policy: "{}" },
          jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/job.py", entryPointArguments: ["secret"] } },
          state: "FAILED",
          stateDetails: "",
          releaseLabel: "emr-7.12.0",
          mode: "BATCH",
          attempt: 2,
          createdAt: 1_795_348_800.5,
          updatedAt: 1_795_348_900,
          startedAt: 1_795_348_810,
          endedAt: 1_795_348_890.25,
          queuedDurationMilliseconds: 0,
          totalExecutionDurationSeconds: 80,
          totalResourceUtilization: { vCPUHour: 0.5, memoryGBHour: 2, storageGBHour: 0 },
          billedResourceUtilization: { vCPUHour: 0.5, memoryGBHour: 2 },
          tags: { "sluice:tenant": "acme" },
        },
      },
    }));
    expect(await jobRuns.get("00f1", "00run1")).toStrictEqual({
      applicationId: "00f1",
      jobRunId: "00run1",
      arn: arnOf("00run1"),
      name: "acme-nightly",
      state: "FAILED",
      stateDetails: "",
      releaseLabel: "emr-7.12.0",
      mode: "BATCH",
      attempt: 2,
      createdAt: "2026-11-22T12:00:00.500Z",
      updatedAt: "2026-11-22T12:01:40.000Z",
      startedAt: "2026-11-22T12:00:10.000Z",
      endedAt: "2026-11-22T12:01:30.250Z",
      queuedDurationMilliseconds: 0,
      totalExecutionDurationSeconds: 80,
      totalResourceUtilization: { vCPUHour: 0.5, memoryGBHour: 2, storageGBHour: 0 },
      billedResourceUtilization: { vCPUHour: 0.5, memoryGBHour: 2 },
      tags: { "sluice:tenant": "acme" },
    });
  });

  test.each([
    ["ResourceNotFoundException", 404, { code: "ERR_JOB_RUN_MISSING", kind: "down" }],
    ["ValidationException", 400, { code: "ERR_EMR_DOWN", kind: "down" }],
    ["ThrottlingException", 400, { code: "ERR_EMR_BUSY", kind: "busy" }],
    ["AccessDeniedException", 403, { code: "ERR_EMR_DENIED", kind: "down" }],
    ["InternalServerException", 500, { code: "ERR_EMR_DOWN", kind: "down" }],
  ])("%s is tried again: nothing is lost", async (error, status, wanted) => {
    fake.answer(() => ({ error, status }));
    const failure = await jobRuns.get("00f1", "00run1").then(String, (thrown: unknown) => thrown);
    expect(failure).toMatchObject({ ...wanted, cause: { name: error } });
    expect(failure).toHaveProperty("message", expect.stringContaining('Cannot read job run "00run1"'));
  });

  test.each(["state", "arn", "createdAt"])("an answer without %s is an error", async (missing) => {
    const { [missing]: _left, ...jobRun } = { state: "RUNNING", arn: arnOf("00run1"), createdAt: 1, [missing]: "" };
    fake.answer(() => ({ body: { jobRun } }));
    await expect(jobRuns.get("00f1", "00run1")).rejects.toThrow("answered without a state, an ARN or a time");
  });
});

describe("emrJobRuns: cancel()", () => {
  test("is one DELETE of the job run", async () => {
    fake.answer(() => ({ body: { applicationId: "00f1", jobRunId: "00run1" } }));
    expect(await jobRuns.cancel("00f1", "00run1")).toBeUndefined();
    expect(fake.requests.map(({ method, path }) => [method, path])).toEqual([
      ["DELETE", "/applications/00f1/jobruns/00run1"],
    ]);
  });

  test.each([
    ["ResourceNotFoundException", 404, { code: "ERR_JOB_RUN_MISSING", kind: "down" }],
    ["ThrottlingException", 400, { code: "ERR_EMR_BUSY", kind: "busy" }],
    ["AccessDeniedException", 403, { code: "ERR_EMR_DENIED", kind: "down" }],
    ["InternalServerException", 500, { code: "ERR_EMR_DOWN", kind: "down" }],
  ])("%s is tried again: the wish stands", async (error, status, wanted) => {
    fake.answer(() => ({ error, status }));
    const failure = await jobRuns.cancel("00f1", "00run1").then(String, (thrown: unknown) => thrown);
    expect(failure).toMatchObject({ ...wanted, cause: { name: error } });
    expect(failure).toHaveProperty("message", expect.stringContaining('Cannot cancel job run "00run1"'));
  });

  test("an error that nobody knows comes as it is", async () => {
    fake.answer(() => ({ error: "Unheard", status: 400 }));
    await expect(jobRuns.cancel("00f1", "00run1")).rejects.toMatchObject({ name: "Unheard" });
  });
});

describe("emrJobRuns: list()", () => {
  const input = sampleInput({ clientToken: "req.1", name: "nightly.req.1" });
  const since = "2026-11-22T12:00:00.000Z";
  const queryOf = ({ path }: RecordedRequest) => Object.fromEntries(new URL(path, "http://emr").searchParams);

  test("reads a page of the job runs since a minute before, and says which one is next", async () => {
    const pages: Record<string, object> = {
      first: { jobRuns: [{ id: "00a", name: "nightly.req.2" }, { id: "00b" }], nextToken: "second" },
      second: { jobRuns: [], nextToken: "third" },
      third: { jobRuns: [{ id: "00c", name: "nightly.req.1" }], nextToken: "fourth" },
    };
    fake.answer((request) => ({ body: pages[queryOf(request)["nextToken"] ?? "first"] ?? {} }));
    expect(await jobRuns.list(input, since)).toEqual({
      jobRunIds: new Map([["nightly.req.2", "00a"]]),
      nextPage: "second",
    });
    expect(await jobRuns.list(input, since, "second")).toEqual({ jobRunIds: new Map(), nextPage: "third" });
    expect(await jobRuns.list(input, since, "third")).toEqual({
      jobRunIds: new Map([["nightly.req.1", "00c"]]),
      nextPage: "fourth",
    });
    expect(fake.requests.map(({ method, path }) => [method, path.split("?")[0]])).toEqual(
      Array.from({ length: 3 }, () => ["GET", "/applications/00f1/jobruns"]),
    );
    const asked = { createdAtAfter: "2026-11-22T11:59:00Z", maxResults: "50", mode: "BATCH" };
    expect(fake.requests.map(queryOf)).toEqual([
      asked,
      { ...asked, nextToken: "second" },
      { ...asked, nextToken: "third" },
    ]);
  });

  test("looks for a stream among the streams", async () => {
    fake.answer(() => ({ body: { jobRuns: [] } }));
    expect(await jobRuns.list({ ...input, mode: "STREAMING" }, since)).toEqual({ jobRunIds: new Map() });
    expect(fake.requests.map(queryOf)).toMatchObject([{ mode: "STREAMING" }]);
  });

  test.each([
    ["ResourceNotFoundException", 404, { code: "ERR_APPLICATION_NOT_FOUND", kind: "down" }],
    ["ValidationException", 400, { code: "ERR_EMR_DOWN", kind: "down" }],
    ["ThrottlingException", 400, { code: "ERR_EMR_BUSY", kind: "busy" }],
    ["AccessDeniedException", 403, { code: "ERR_EMR_DENIED", kind: "down" }],
    ["InternalServerException", 500, { code: "ERR_EMR_DOWN", kind: "down" }],
  ])("%s is tried again: nothing is lost", async (error, status, wanted) => {
    fake.answer(() => ({ error, status }));
    const failure = await jobRuns.list(input, since).then(String, (thrown: unknown) => thrown);
    expect(failure).toMatchObject({ ...wanted, cause: { name: error } });
    const asked = 'Cannot find the job run of submission "req.1": application "00f1" ';
    expect(failure).toHaveProperty("message", expect.stringContaining(asked));
  });

  test("an error that nobody knows comes as it is", async () => {
    fake.answer(() => ({ error: "Unheard", status: 400 }));
    await expect(jobRuns.list(input, since)).rejects.toMatchObject({ name: "Unheard" });
  });
});
