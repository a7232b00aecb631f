import {
  CancelJobRunCommand,
  ConflictException,
  CreateApplicationCommand,
  GetApplicationCommand,
  GetDashboardForJobRunCommand,
  GetJobRunCommand,
  ListJobRunAttemptsCommand,
  ListJobRunsCommand,
  ListTagsForResourceCommand,
  paginateListJobRuns,
  ResourceNotFoundException,
  StartJobRunCommand,
  TagResourceCommand,
  UntagResourceCommand,
  ValidationException,
} from "@aws-sdk/client-emr-serverless";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type LocalHttp, startLocalHttp } from "./http-server.ts";
import { applicationId } from "./local-core.ts";

let local: LocalHttp;

beforeAll(async () => {
  local = await startLocalHttp({ rates: null });
});
afterAll(async () => {
  await local.end();
});

function startCommand(clientToken: string, members: object = {}): StartJobRunCommand {
  return new StartJobRunCommand({
    applicationId,
    clientToken,
    executionRoleArn: "arn:aws:iam::111122223333:role/jobs/acme",
    jobDriver: {
      sparkSubmit: {
        entryPoint: "s3://acme-jobs/job.py",
        entryPointArguments: ["a b", ""],
        sparkSubmitParameters: "--conf spark.sluice.local.durationMs=10",
      },
    },
    tags: { tenant: "acme" },
    ...members,
  });
}

async function stateOf(jobRunId: string | undefined): Promise<string | undefined> {
  const { jobRun } = await local.client.send(new GetJobRunCommand({ applicationId, jobRunId }));
  return jobRun?.state;
}

describe("the AWS SDK", () => {
  test("starts a job run, sees it end, and reads back what it sent", async () => {
    const started = await local.client.send(startCommand("one", { mode: "BATCH", name: "nightly" }));
    expect(started.arn).toContain(`:/applications/${applicationId}/jobruns/${started.jobRunId}`);
    await vi.waitFor(async () => expect(await stateOf(started.jobRunId)).toBe("SUCCESS"), 5000);
    const { jobRun } = await local.client.send(
      new GetJobRunCommand({ applicationId, jobRunId: started.jobRunId, attempt: 1 }),
    );
    expect(jobRun).toMatchObject({
      name: "nightly",
      createdBy: "arn:aws:iam::111122223333:user/acme",
      executionRole: "arn:aws:iam::111122223333:role/jobs/acme",
      createdAt: expect.any(Date),
      endedAt: expect.any(Date),
      tags: { tenant: "acme" },
      jobDriver: { sparkSubmit: { entryPointArguments: ["a b", ""] } },
      billedResourceUtilization: { vCPUHour: 0.267 },
    });
    expect(local.events.at(-2)?.detail).toMatchObject({ jobRunId: started.jobRunId, state: "SUCCESS" });
  });

  test("gets the same job run for the same token, and ConflictException for other parameters", async () => {
    const { jobRunId } = await local.client.send(startCommand("two"));
    expect((await local.client.send(startCommand("two"))).jobRunId).toBe(jobRunId);
    await expect(local.client.send(startCommand("two", { name: "other" }))).rejects.toThrow(ConflictException);
  });

  test("gets the service's exceptions, with their status", async () => {
    const absent = local.client.send(new GetJobRunCommand({ applicationId, jobRunId: "00nobody" }));
    await expect(absent).rejects.toThrow(ResourceNotFoundException);
    await expect(absent).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    const invalid = local.client.send(startCommand("not:valid"));
    await expect(invalid).rejects.toThrow(ValidationException);
    await expect(invalid).rejects.toThrow("1 validation error detected: Value 'not:valid' at 'clientToken'");
  });

  test("gets over a lost answer by itself, with one job run made", async () => {
    local.service.faults.loseAnswer("StartJobRun");
    const { jobRunId } = await local.client.send(startCommand("lost"));
    const { jobRuns = [] } = await local.client.send(new ListJobRunsCommand({ applicationId }));
    expect(jobRuns.filter(({ id }) => id === jobRunId)).toHaveLength(1);
    expect(jobRuns[0]?.id).toBe(jobRunId);
  });

  test("meets throttling by its name once its own attempts are used up", async () => {
    local.service.faults.throttle("StartJobRun", 3);
    await expect(local.client.send(startCommand("throttled"))).rejects.toMatchObject({
      name: "ThrottlingException",
      message: "Rate exceeded",
    });
    local.service.faults.fail("StartJobRun", 3);
    await expect(local.client.send(startCommand("failed"))).rejects.toMatchObject({
      name: "InternalServerException",
      $metadata: { httpStatusCode: 500 },
    });
  });

  test("pages, filters by states and by dates, and lists attempts", async () => {
    const before = new Date(Date.now() - 60_000);
    const ids: (string | undefined)[] = [];
    const mode = "STREAMING";
    for (const token of ["p1", "p2", "p3"])
      ids.unshift((await local.client.send(startCommand(token, { mode }))).jobRunId);
    const pages = paginateListJobRuns(
      { client: local.client, pageSize: 2 },
      { applicationId, createdAtAfter: before, mode },
    );
    const found: (string | undefined)[] = [];
    for await (const { jobRuns = [] } of pages) found.push(...jobRuns.map(({ id }) => id));
    expect(found).toEqual(ids);
    for (const id of ids) await vi.waitFor(async () => expect(await stateOf(id)).toBe("SUCCESS"), 5000);
    const ended = new ListJobRunsCommand({ applicationId, mode, states: ["FAILED", "SUCCESS"] });
    expect((await local.client.send(ended)).jobRuns?.map(({ id }) => id)).toEqual(ids);
    const old = await local.client.send(new ListJobRunsCommand({ applicationId, createdAtBefore: before }));
    expect(old.jobRuns).toEqual([]);
    const attempts = await local.client.send(new ListJobRunAttemptsCommand({ applicationId, jobRunId: ids[0] }));
    expect(attempts.jobRunAttempts).toMatchObject([{ id: ids[0], attempt: 1, jobCreatedAt: expect.any(Date) }]);
  });

  test("cancels, with a grace period", async () => {
    const jobDriver = {
      sparkSubmit: { entryPoint: "s3://j/j.py", sparkSubmitParameters: "--conf spark.sluice.local.durationMs=60000" },
    };
    const { jobRunId } = await local.client.send(startCommand("cancel", { jobDriver }));
    await vi.waitFor(async () => expect(await stateOf(jobRunId)).toBe("RUNNING"), 5000);
    const { url } = await local.client.send(new GetDashboardForJobRunCommand({ applicationId, jobRunId }));
    expect(url).toContain(String(jobRunId));
    await local.client.send(new CancelJobRunCommand({ applicationId, jobRunId, shutdownGracePeriodInSeconds: 15 }));
    await vi.waitFor(async () => expect(await stateOf(jobRunId)).toBe("CANCELLED"), 5000);
  });

  test("tags by ARN, which it sends encoded in the path", async () => {
    const { arn: resourceArn } = await local.client.send(startCommand("tags"));
    await local.client.send(new TagResourceCommand({ resourceArn, tags: { a: "1", "b c": "2" } }));
    await local.client.send(new UntagResourceCommand({ resourceArn, tagKeys: ["tenant", "a"] }));
    const { tags } = await local.client.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual({ "b c": "2" });
  });

  test("creates an application, under a token that it makes up", async () => {
    const made = await local.client.send(
      new CreateApplicationCommand({ name: "jobs", type: "SPARK", releaseLabel: "emr-7.9.0", tags: { a: "b" } }),
    );
    const { application } = await local.client.send(new GetApplicationCommand({ applicationId: made.applicationId }));
    expect(application).toMatchObject({ name: "jobs", arn: made.arn, tags: { a: "b" }, createdAt: expect.any(Date) });
  });

  test("cannot step out of a path with an id", async () => {
    const stray = local.client.send(new GetApplicationCommand({ applicationId: "a/../b" }));
    await expect(stray).rejects.toThrow("Value 'a/../b' at 'applicationId' failed to satisfy constraint");
  });
});

describe("a request by hand", () => {
  test.each([
    ["POST", `/applications/${applicationId}/jobruns`, "{", 400, "SerializationException"],
    ["POST", `/applications/${applicationId}/jobruns`, "[]", 400, "SerializationException"],
    ["GET", `/applications/${applicationId}/jobruns?maxResults=many`, "", 400, "SerializationException"],
    ["GET", `/applications/${applicationId}/jobruns?createdAtAfter=soon`, "", 400, "SerializationException"],
    ["GET", "/applications/%E0%A4%A", "", 400, "SerializationException"],
    ["PUT", "/applications", "", 404, "UnknownOperationException"],
  ])("%s %s %s is answered %i %s", async (method, path, body, status, type) => {
    const answer = await fetch(local.url + path, { method, ...(body === "" ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("x-amzn-errortype")).toBe(type);
    expect(await answer.json()).toEqual({ message: expect.any(String) });
  });
});
