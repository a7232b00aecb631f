import { describe, expect, test } from "vitest";
import { applicationId, createLocalCore, failureOf } from "./local-core.ts";

describe("API rates", () => {
  const rates = {};

  test("let 25 job runs start at once, and one a second after them", () => {
    const { start, clock } = createLocalCore({ rates });
    for (let n = 0; n < 25; n += 1) start();
    const throttled = { type: "ThrottlingException", status: 400, message: "Rate exceeded" };
    expect(failureOf(start)).toEqual(throttled);
    clock.advance(1000);
    start();
    expect(failureOf(start)).toEqual(throttled);
    clock.advance(60_000);
    for (let n = 0; n < 25; n += 1) start();
    expect(failureOf(start)).toEqual(throttled);
  });

  test.each([
    ["ListJobRuns", 25],
    ["CancelJobRun", 25],
    ["GetJobRun", 50],
    ["GetApplication", 50],
    ["ListApplications", 50],
    ["GetDashboardForJobRun", 2],
  ])("give %s a bucket of its own of %i", (operation, burst) => {
    const { call, start, clock } = createLocalCore({ rates });
    const jobRunId = start();
    clock.advance(500);
    const key = { applicationId, jobRunId };
    for (let n = 0; n < burst; n += 1) call(operation, key);
    expect(failureOf(() => call(operation, key)).type).toBe("ThrottlingException");
    expect(call("StartApplication", { applicationId })).toEqual({});
  });

  test("count refused calls too", () => {
    const { call, start } = createLocalCore({ rates: { StartJobRun: { perSecond: 1, burst: 1 } } });
    expect(failureOf(() => call("StartJobRun", {})).type).toBe("ValidationException");
    expect(failureOf(start).type).toBe("ThrottlingException");
  });

  test("can be lifted for one operation or all, and answer with another status", () => {
    const one = createLocalCore({ rates: { StartJobRun: null }, throttlingStatus: 429 });
    const all = createLocalCore({ rates: null });
    for (let n = 0; n < 100; n += 1) {
      one.start();
      all.start();
    }
    for (let n = 0; n < 25; n += 1) one.call("ListJobRuns", { applicationId });
    expect(failureOf(() => one.call("ListJobRuns", { applicationId })).status).toBe(429);
  });
});

describe("faults on demand", () => {
  test("throttle the next calls of an operation", () => {
    const { core, start, call } = createLocalCore();
    core.faults.throttle("StartJobRun", 2);
    expect(call("ListJobRuns", { applicationId })).toEqual({ jobRuns: [] });
    expect([failureOf(start).type, failureOf(start).type]).toEqual(["ThrottlingException", "ThrottlingException"]);
    start();
  });

  test("fail the next calls of any operation, with nothing done", () => {
    const { core, start, call } = createLocalCore();
    core.faults.fail("*");
    expect(failureOf(start)).toMatchObject({ type: "InternalServerException", status: 500 });
    expect(call("ListJobRuns", { applicationId })).toEqual({ jobRuns: [] });
  });

  test("lose an answer after the work was done, which the same token then finds", () => {
    const { core, call } = createLocalCore();
    const given = {
      applicationId,
      clientToken: "t",
      executionRoleArn: "arn:aws:iam::111122223333:role/jobs",
      jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/job.py" } },
    };
    core.faults.loseAnswer("StartJobRun");
    expect(failureOf(() => call("StartJobRun", given))).toMatchObject({ type: "AnswerLost", status: 0 });
    const again = call("StartJobRun", given);
    expect(call("ListJobRuns", { applicationId })["jobRuns"]).toMatchObject([{ id: again["jobRunId"] }]);
  });

  test("lose an error as well", () => {
    const { core, call } = createLocalCore();
    core.faults.loseAnswer("StartJobRun");
    expect(failureOf(() => call("StartJobRun", {})).type).toBe("AnswerLost");
  });
});
