import { describe, expect, test } from "vitest";
import type { AttemptContext, JobRunner } from "#local/emr-serverless/job-runner.ts";
import { applicationId, createLocalCore, failureOf, request, spark } from "./local-core.ts";
import { startOfTime } from "./virtual-clock.ts";

const minute = 60_000;
const hour = 60 * minute;

describe("a job run", () => {
  test("passes SUBMITTED, PENDING, SCHEDULED and RUNNING to SUCCESS", () => {
    const { start, states, clock, get } = createLocalCore();
    const jobRunId = start();
    expect(get(jobRunId).state).toBe("SUBMITTED");
    clock.advance(100);
    expect(get(jobRunId).state).toBe("RUNNING");
    clock.advance(2000);
    expect(states(jobRunId)).toEqual(["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"]);
  });

  test("shows everything it was started with, and who started it", () => {
    const given = {
      name: "nightly",
      mode: "BATCH",
      tags: { tenant: "acme" },
      executionIamPolicy: { policy: '{"Version":"2012-10-17","Statement":[]}', policyArns: [] },
      configurationOverrides: {
        applicationConfiguration: [{ classification: "spark-defaults", properties: { "spark.app.name": "x" } }],
        monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://acme-logs/" } },
      },
      retryPolicy: { maxAttempts: 2 },
      executionTimeoutMinutes: 10,
    };
    const { start, get, clock } = createLocalCore();
    const jobRunId = start(given);
    expect(jobRunId).toMatch(/^00[0-9a-z]{14}$/);
    clock.advance(5000);
    const seconds = startOfTime / 1000;
    expect(get(jobRunId)).toEqual({
      ...given,
      applicationId,
      jobRunId,
      jobDriver: request()["jobDriver"],
      arn: `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${applicationId}/jobruns/${jobRunId}`,
      createdBy: "arn:aws:iam::111122223333:user/acme",
      executionRole: "arn:aws:iam::111122223333:role/jobs/acme",
      releaseLabel: "emr-7.9.0",
      state: "SUCCESS",
      stateDetails: "",
      attempt: 1,
      createdAt: seconds,
      attemptCreatedAt: seconds,
      startedAt: seconds + 0.07,
      endedAt: seconds + 1.07,
      updatedAt: seconds + 1.07,
      attemptUpdatedAt: seconds + 1.07,
      queuedDurationMilliseconds: 0,
      totalExecutionDurationSeconds: 1,
      // Four workers of 4 vCPU, 16 GB and 20 GB for a second; billed for a minute, without the free 20 GB.
      totalResourceUtilization: { vCPUHour: 0.004, memoryGBHour: 0.018, storageGBHour: 0.022 },
      billedResourceUtilization: { vCPUHour: 0.267, memoryGBHour: 1.067, storageGBHour: 0 },
    });
  });

  test("has neither an end nor utilization before it ended, and its default timeout from the start", () => {
    const { start, get, clock } = createLocalCore();
    const jobRunId = start();
    clock.advance(500);
    const run = get(jobRunId);
    expect(run).toMatchObject({ state: "RUNNING", executionTimeoutMinutes: 720, mode: "BATCH" });
    for (const absent of ["endedAt", "totalResourceUtilization", "billedResourceUtilization", "tags", "name"]) {
      expect(run).not.toHaveProperty(absent);
    }
  });

  test("fails with the details that its own properties ask for", () => {
    const { start, get, clock } = createLocalCore();
    const details = "--conf spark.sluice.local.outcome=FAILED --conf 'spark.sluice.local.stateDetails=Out of memory'";
    const jobRunId = start({ jobDriver: spark(details) });
    clock.advance(2000);
    expect(get(jobRunId)).toMatchObject({ state: "FAILED", stateDetails: "Out of memory" });
  });

  test("of a Hive application takes its fate from its parameters", () => {
    const { start, get, clock } = createLocalCore({ applications: [{ applicationId, type: "HIVE" }] });
    const parameters = "--hiveconf sluice.local.outcome=FAILED --hiveconf sluice.local.durationMs=10";
    const jobRunId = start({ jobDriver: { hive: { query: "s3://acme-jobs/q.sql", parameters } } });
    clock.advance(100);
    expect(get(jobRunId).state).toBe("FAILED");
  });
});

describe("the timeout", () => {
  test("cancels a run that runs longer, and counts from RUNNING", () => {
    const { start, get, clock, states } = createLocalCore();
    const jobRunId = start({
      executionTimeoutMinutes: 5,
      jobDriver: spark(`--conf spark.sluice.local.durationMs=${hour}`),
    });
    clock.advance(5 * minute + 60);
    expect(get(jobRunId).state).toBe("RUNNING");
    clock.advance(20);
    expect(get(jobRunId)).toMatchObject({ state: "CANCELLED", stateDetails: "Job run timed out after 5 minutes" });
    expect(states(jobRunId).slice(-2)).toEqual(["CANCELLING", "CANCELLED"]);
  });

  test("is 12 hours where none was given, and never comes for a streaming run", () => {
    const { start, get, clock } = createLocalCore();
    const jobDriver = spark(`--conf spark.sluice.local.durationMs=${48 * hour}`);
    const batch = start({ jobDriver });
    const streaming = start({ jobDriver, mode: "STREAMING" });
    clock.advance(12 * hour + 1000);
    expect(get(batch).state).toBe("CANCELLED");
    expect(get(streaming).state).toBe("RUNNING");
  });
});

describe("a cancel", () => {
  test("stops a running job run, and says nothing of its state", () => {
    const { start, get, call, clock, states } = createLocalCore();
    const jobRunId = start({ jobDriver: spark(`--conf spark.sluice.local.durationMs=${hour}`) });
    clock.advance(1000);
    expect(call("CancelJobRun", { applicationId, jobRunId })).toEqual({ applicationId, jobRunId });
    expect(get(jobRunId).state).toBe("CANCELLING");
    clock.advance(100);
    expect(get(jobRunId)).toMatchObject({ state: "CANCELLED", totalExecutionDurationSeconds: 1 });
    expect(states(jobRunId)).toEqual(["SUBMITTED", "PENDING", "SCHEDULED", "RUNNING", "CANCELLING", "CANCELLED"]);
  });

  test("lets a running job run clean up within its grace period, and no longer", () => {
    const { start, get, call, clock } = createLocalCore();
    const jobDriver = spark(
      `--conf spark.sluice.local.durationMs=${hour} --conf spark.sluice.local.cleanUpMs=${20_000}`,
    );
    const patient = start({ jobDriver });
    const hasty = start({ jobDriver });
    clock.advance(1000);
    call("CancelJobRun", { applicationId, jobRunId: patient, shutdownGracePeriodInSeconds: 60 });
    call("CancelJobRun", { applicationId, jobRunId: hasty, shutdownGracePeriodInSeconds: 15 });
    clock.advance(15_000);
    expect([get(patient).state, get(hasty).state]).toEqual(["CANCELLING", "CANCELLED"]);
    clock.advance(5000);
    expect(get(patient).state).toBe("CANCELLED");
  });

  test("before RUNNING leaves a run that never started and used nothing", () => {
    const { start, get, call, clock } = createLocalCore();
    const jobRunId = start();
    call("CancelJobRun", { applicationId, jobRunId, shutdownGracePeriodInSeconds: 1800 });
    clock.advance(1000);
    const run = get(jobRunId);
    expect(run.state).toBe("CANCELLED");
    for (const absent of ["startedAt", "totalExecutionDurationSeconds", "totalResourceUtilization"]) {
      expect(run).not.toHaveProperty(absent);
    }
  });

  test("is ignored while CANCELLING, and refused after the end", () => {
    const { start, call, clock, states } = createLocalCore();
    const jobRunId = start();
    const key = { applicationId, jobRunId };
    call("CancelJobRun", key);
    expect(call("CancelJobRun", key)).toEqual(key);
    clock.advance(1000);
    expect(states(jobRunId)).toEqual(["SUBMITTED", "CANCELLING", "CANCELLED"]);
    expect(failureOf(() => call("CancelJobRun", key))).toEqual({
      type: "ValidationException",
      status: 400,
      message: `Job run ${jobRunId} is not in a cancellable state: it is CANCELLED`,
    });
  });

  test.each([1, 14, 1801])("refuses a grace period of %i seconds", (shutdownGracePeriodInSeconds) => {
    const { start, call } = createLocalCore();
    const jobRunId = start();
    const failure = failureOf(() => call("CancelJobRun", { applicationId, jobRunId, shutdownGracePeriodInSeconds }));
    expect(failure).toMatchObject({ type: "ValidationException" });
  });
});

describe("a retry policy", () => {
  const failing = (attempts: number) => spark(`--conf spark.sluice.local.failAttempts=${attempts}`);

  test("runs a batch job again until it succeeds, as new attempts", () => {
    const { start, get, clock, states, call, events } = createLocalCore();
    const jobRunId = start({ retryPolicy: { maxAttempts: 3 }, jobDriver: failing(2) });
    clock.advance(10_000);
    expect(get(jobRunId)).toMatchObject({ state: "SUCCESS", attempt: 3 });
    expect(get(jobRunId, 1)).toMatchObject({ state: "FAILED", attempt: 1 });
    expect(states(jobRunId).filter((state) => state === "PENDING")).toHaveLength(3);
    expect(states(jobRunId)).not.toContain("FAILED");
    const { jobRunAttempts } = call("ListJobRunAttempts", { applicationId, jobRunId });
    expect(jobRunAttempts).toMatchObject([
      { id: jobRunId, attempt: 3, state: "SUCCESS", type: "SPARK" },
      { id: jobRunId, attempt: 2, state: "FAILED" },
      { id: jobRunId, attempt: 1, state: "FAILED" },
    ]);
    const retries = events.filter((event) => event.detailType === "EMR Serverless Job Run Retry");
    expect(retries.map((event) => event.detail)).toMatchObject([
      { jobRunId, previousAttempt: 1, previousAttemptState: "FAILED", newAttempt: 2 },
      { jobRunId, previousAttempt: 2, previousAttemptState: "FAILED", newAttempt: 3 },
    ]);
  });

  test("gives up after its attempts", () => {
    const { start, get, clock } = createLocalCore();
    const jobRunId = start({ retryPolicy: { maxAttempts: 2 }, jobDriver: failing(5) });
    clock.advance(10_000);
    expect(get(jobRunId)).toMatchObject({ state: "FAILED", attempt: 2 });
  });

  test("may send a FAILED event that is not the last word, where the setting asks for it", () => {
    const { start, get, clock, states } = createLocalCore({ failedBetweenAttempts: true });
    const jobRunId = start({ retryPolicy: { maxAttempts: 2 }, jobDriver: failing(1) });
    clock.advance(300);
    expect(states(jobRunId).slice(4, 6)).toEqual(["FAILED", "PENDING"]);
    clock.advance(1000);
    expect(get(jobRunId).state).toBe("SUCCESS");
  });

  test("stops a streaming job after five failures within an hour", () => {
    const { start, get, clock } = createLocalCore();
    const jobRunId = start({ mode: "STREAMING", jobDriver: failing(100) });
    clock.advance(10 * minute);
    expect(get(jobRunId)).toMatchObject({ state: "FAILED", attempt: 5 });
  });

  test("keeps a streaming job going that fails more rarely", () => {
    const { start, get, clock } = createLocalCore();
    const slow = "--conf spark.sluice.local.failAttempts=100 --conf spark.sluice.local.durationMs=900000";
    const jobRunId = start({ mode: "STREAMING", jobDriver: spark(slow) });
    clock.advance(5 * hour);
    expect(get(jobRunId)["attempt"]).toBeGreaterThan(15);
  });

  test("is not asked when a job run is cancelled", () => {
    const { start, get, call, clock } = createLocalCore();
    const jobRunId = start({ retryPolicy: { maxAttempts: 5 } });
    clock.advance(500);
    call("CancelJobRun", { applicationId, jobRunId });
    clock.advance(5000);
    expect(get(jobRunId)).toMatchObject({ state: "CANCELLED", attempt: 1 });
  });
});

describe("an application's concurrent runs", () => {
  const full = { applications: [{ applicationId, maxConcurrentRuns: 2 }] };

  test("queue what is above them, first in, first out, and count the time", () => {
    const { core, start, get, clock, states } = createLocalCore(full);
    const ids = [1, 2, 3, 4].map(() => {
      clock.advance(1);
      return start();
    });
    clock.advance(500);
    expect(ids.map((id) => get(id).state)).toEqual(["RUNNING", "RUNNING", "QUEUED", "QUEUED"]);
    const late = start();
    expect(core.snapshot().applications[applicationId]).toMatchObject({
      submitted: [late],
      queued: ids.slice(2),
      active: ids.slice(0, 2),
    });
    clock.advance(10_000);
    expect(ids.map((id) => get(id).state)).toEqual(["SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS"]);
    expect(get(ids[2] ?? "")["queuedDurationMilliseconds"]).toBe(1048);
    expect(states(ids[2] ?? "")).toEqual(["SUBMITTED", "QUEUED", "PENDING", "SCHEDULED", "RUNNING", "SUCCESS"]);
  });

  test("are 15 by default, from release 7.3.0 on", () => {
    for (const [releaseLabel, queued] of [
      ["emr-7.3.0", 1],
      ["emr-7.2.0", 0],
    ] as const) {
      const { start, get, clock } = createLocalCore({ applications: [{ applicationId, releaseLabel }] });
      const ids = Array.from({ length: 16 }, () => start());
      clock.advance(500);
      expect(ids.filter((id) => get(id).state === "QUEUED")).toHaveLength(queued);
    }
  });

  test("are given on when a queued run is cancelled or times out in the queue", () => {
    const { start, get, call, clock } = createLocalCore({ applications: [{ applicationId, maxConcurrentRuns: 1 }] });
    const first = start({ jobDriver: spark(`--conf spark.sluice.local.durationMs=${10 * hour}`) });
    clock.advance(100);
    const cancelled = start();
    const waiting = start();
    clock.advance(100);
    call("CancelJobRun", { applicationId, jobRunId: cancelled });
    clock.advance(6 * hour);
    expect(get(cancelled)).toMatchObject({ state: "CANCELLED", stateDetails: "" });
    expect(get(waiting)).toMatchObject({ state: "CANCELLED", stateDetails: "Job run timed out in the queue" });
    const last = start();
    clock.advance(5 * hour);
    expect([get(first).state, get(last).state]).toEqual(["SUCCESS", "SUCCESS"]);
  });
});

describe("a queued job run that is being cancelled", () => {
  test("gets no turn any more, however long that takes", () => {
    const { start, call, clock, states } = createLocalCore({
      applications: [{ applicationId, maxConcurrentRuns: 1 }],
      stages: { cancellingMs: 60_000 },
    });
    start();
    clock.advance(100);
    const jobRunId = start();
    clock.advance(100);
    call("CancelJobRun", { applicationId, jobRunId });
    clock.advance(120_000);
    expect(states(jobRunId)).toEqual(["SUBMITTED", "QUEUED", "CANCELLING", "CANCELLED"]);
  });
});

describe("a runner", () => {
  test("is heard only for the attempt that it was given, and only until that has ended", () => {
    const contexts: AttemptContext[] = [];
    const runner: JobRunner = {
      start: (_, context) => {
        contexts.push(context);
        return { cancel: () => undefined, abandon: () => undefined };
      },
    };
    const { start, get, clock } = createLocalCore({}, runner);
    const jobRunId = start({ retryPolicy: { maxAttempts: 2 } });
    clock.advance(100);
    contexts[0]?.running();
    contexts[0]?.ended({ state: "FAILED" });
    clock.advance(100);
    contexts[0]?.ended({ state: "SUCCESS" });
    expect(get(jobRunId)).toMatchObject({ state: "SCHEDULED", attempt: 2 });
    contexts[1]?.running();
    contexts[1]?.ended({ state: "SUCCESS", utilization: { vCPUHour: 1, memoryGBHour: 2, storageGBHour: 3 } });
    contexts[1]?.ended({ state: "FAILED" });
    expect(get(jobRunId)).toMatchObject({ state: "SUCCESS", totalResourceUtilization: { vCPUHour: 1 } });
  });
});

describe("a runner that is told to stop", () => {
  function createListening() {
    const graces: number[] = [];
    let context: AttemptContext | undefined;
    const runner: JobRunner = {
      start: (_, given) => {
        context = given;
        given.running();
        return { cancel: (graceSeconds) => graces.push(graceSeconds), abandon: () => undefined };
      },
    };
    return { ...createLocalCore({}, runner), graces, end: (state: "FAILED" | "SUCCESS") => context?.ended({ state }) };
  }

  test("has 120 seconds for a streaming job run, none for a batch one, or what the call says", () => {
    const { start, call, clock, graces } = createListening();
    for (const [mode, grace] of [["STREAMING"], ["BATCH"], ["BATCH", 60], ["STREAMING", 0]] as const) {
      const jobRunId = start({ mode });
      clock.advance(1000);
      const period = grace === undefined ? {} : { shutdownGracePeriodInSeconds: grace };
      call("CancelJobRun", { applicationId, jobRunId, ...period });
    }
    expect(graces).toEqual([120, 0, 60, 0]);
  });

  test.each(["FAILED", "SUCCESS"] as const)("may end first, with %s, and is not tried again", (state) => {
    const { start, call, get, clock, end } = createListening();
    const jobRunId = start({ retryPolicy: { maxAttempts: 3 } });
    clock.advance(1000);
    call("CancelJobRun", { applicationId, jobRunId });
    end(state);
    clock.advance(1000);
    expect(get(jobRunId)).toMatchObject({ state, attempt: 1 });
  });
});

describe("GetDashboardForJobRun", () => {
  test.each([
    [0, "SUBMITTED"],
    [25, "PENDING"],
  ])("is refused after %i ms, in %s", (ms, state) => {
    const { start, call, clock } = createLocalCore();
    const jobRunId = start();
    clock.advance(ms);
    expect(failureOf(() => call("GetDashboardForJobRun", { applicationId, jobRunId }))).toEqual({
      type: "ValidationException",
      status: 400,
      message: `Dashboard cannot be served for job in ${state} state`,
    });
  });

  test("gives a new link each time once the driver runs", () => {
    const { start, call, clock } = createLocalCore();
    const jobRunId = start();
    clock.advance(500);
    const url = () => call("GetDashboardForJobRun", { applicationId, jobRunId })["url"];
    expect(url()).toMatch(/^https:\/\//);
    expect(url()).not.toBe(url());
  });
});
