import { describe, expect, test } from "vitest";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import { applicationId, createLocalCore, spark } from "./local-core.ts";

const arn = `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${applicationId}`;
const minute = 60_000;

function ofType(events: readonly EmrEvent[], detailType: string): EmrEvent[] {
  return events.filter((event) => event.detailType === detailType);
}

describe("the event of", () => {
  test("a job run's state has the user guide's members, and no tags, name or details", () => {
    const { start, events, clock } = createLocalCore();
    const jobRunId = start({ name: "nightly", tags: { tenant: "acme" } });
    clock.advance(100);
    const [first, second] = ofType(events, "EMR Serverless Job Run State Change");
    expect(first?.detail).not.toHaveProperty("previousState");
    expect(second).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      detailType: "EMR Serverless Job Run State Change",
      resources: [],
      time: "2026-01-01T00:00:00Z",
      detail: {
        jobRunId,
        applicationId,
        arn: `${arn}/jobruns/${jobRunId}`,
        releaseLabel: "emr-7.9.0",
        state: "PENDING",
        previousState: "SUBMITTED",
        createdBy: "arn:aws:iam::111122223333:user/acme",
        updatedAt: "2026-01-01T00:00:00.020000Z",
        createdAt: "2026-01-01T00:00:00.000000Z",
      },
    });
  });

  test("an application's state has the user guide's members", () => {
    const { start, events } = createLocalCore({ applications: [{ applicationId, name: "jobs" }] });
    start();
    expect(ofType(events, "EMR Serverless Application State Change")[0]).toMatchObject({
      resources: [],
      detail: {
        applicationId,
        applicationName: "jobs",
        arn,
        releaseLabel: "emr-7.9.0",
        state: "STARTING",
        type: "SPARK",
        createdAt: "2026-01-01T00:00:00.000000Z",
        updatedAt: "2026-01-01T00:00:00.000000Z",
        autoStopConfig: { enabled: true, idleTimeout: 15 },
        autoStartConfig: { enabled: true },
      },
    });
  });

  test("a retry has the user guide's members", () => {
    const { start, events, clock } = createLocalCore();
    const jobDriver = spark("--conf spark.sluice.local.failAttempts=1 --conf spark.sluice.local.durationMs=1000");
    const jobRunId = start({ jobDriver, retryPolicy: { maxAttempts: 2 } });
    clock.advance(1100);
    expect(ofType(events, "EMR Serverless Job Run Retry")[0]).toMatchObject({
      resources: [],
      detail: {
        jobRunId,
        applicationId,
        arn: `${arn}/jobruns/${jobRunId}`,
        releaseLabel: "emr-7.9.0",
        createdBy: "arn:aws:iam::111122223333:user/acme",
        updatedAt: "2026-01-01T00:00:01.070000Z",
        createdAt: "2026-01-01T00:00:00.000000Z",
        previousAttempt: 1,
        previousAttemptState: "FAILED",
        previousAttemptCreatedAt: "2026-01-01T00:00:00.000000Z",
        previousAttemptEndedAt: "2026-01-01T00:00:01.070000Z",
        newAttempt: 2,
        newAttemptCreatedAt: "2026-01-01T00:00:01.070000Z",
      },
    });
  });

  test("utilization comes every 30 minutes and a last time, after the end was told", () => {
    const { start, events, clock } = createLocalCore();
    const workers = "--conf spark.driver.cores=1 --conf spark.driver.memory=1g --conf spark.executor.instances=1";
    const executor = "--conf spark.executor.cores=2 --executor-memory 4g --conf spark.emr-serverless.executor.disk=60g";
    const jobRunId = start({
      jobDriver: spark(`${workers} ${executor} --conf spark.sluice.local.durationMs=${45 * minute}`),
    });
    clock.advance(46 * minute);
    const told = ofType(events, "EMR Serverless Job Resource Utilization Update");
    expect(told.map(({ resources }) => resources)).toEqual([
      [`${arn}/jobruns/${jobRunId}`],
      [`${arn}/jobruns/${jobRunId}`],
    ]);
    const common = {
      applicationId,
      jobRunId,
      attempt: 1,
      mode: "BATCH",
      createdAt: "2026-01-01T00:00:00.000000Z",
      startedAt: "2026-01-01T00:00:00.070Z",
    };
    // 3 vCPU, 2 + 5 GB, 20 + 60 GB of which 20 GB each are free.
    const half = { vCPUHour: 1.5, memoryGBHour: 3.5, storageGBHour: 40 };
    expect(told.map(({ detail }) => detail)).toEqual([
      {
        ...common,
        calculatedFrom: "2026-01-01T00:00:00.070000Z",
        calculatedTo: "2026-01-01T00:30:00.070000Z",
        resourceUtilizationFinal: false,
        resourceUtilizationForInterval: half,
        billedResourceUtilizationForInterval: { ...half, storageGBHour: 20 },
        totalResourceUtilization: half,
        totalBilledResourceUtilization: { ...half, storageGBHour: 20 },
      },
      {
        ...common,
        calculatedFrom: "2026-01-01T00:30:00.070000Z",
        calculatedTo: "2026-01-01T00:45:00.070000Z",
        resourceUtilizationFinal: true,
        resourceUtilizationForInterval: { vCPUHour: 0.75, memoryGBHour: 1.75, storageGBHour: 20 },
        billedResourceUtilizationForInterval: { vCPUHour: 0.75, memoryGBHour: 1.75, storageGBHour: 10 },
        totalResourceUtilization: { vCPUHour: 2.25, memoryGBHour: 5.25, storageGBHour: 60 },
        totalBilledResourceUtilization: { vCPUHour: 2.25, memoryGBHour: 5.25, storageGBHour: 30 },
      },
    ]);
    expect(events.at(-2)?.detail["state"]).toBe("SUCCESS");
  });

  test("utilization takes the numbers that the job run asks for", () => {
    const { start, get, clock } = createLocalCore();
    const jobRunId = start({
      jobDriver: spark("--conf spark.sluice.local.vCPUHour=1.5 --conf spark.sluice.local.memoryGBHour=6"),
    });
    clock.advance(1000);
    const asked = { vCPUHour: 1.5, memoryGBHour: 6, storageGBHour: 0 };
    expect(get(jobRunId)).toMatchObject({ totalResourceUtilization: asked, billedResourceUtilization: asked });
  });
});

describe("events", () => {
  const isEnd = (event: EmrEvent) => event.detail["state"] === "SUCCESS";

  test("can be lost, the next of a kind or a number of them", () => {
    const { core, start, states, clock } = createLocalCore();
    core.faults.events("lose", { match: isEnd });
    const [lost, told] = [start(), start()];
    clock.advance(5000);
    expect([states(lost).includes("SUCCESS"), states(told).includes("SUCCESS")]).toEqual([false, true]);
  });

  test("can come twice, as the same event", () => {
    const { core, start, events, clock } = createLocalCore();
    core.faults.events("duplicate", { match: isEnd });
    start();
    clock.advance(5000);
    const ends = events.filter(isEnd);
    expect(ends).toHaveLength(2);
    expect(ends[0]).toEqual(ends[1]);
  });

  test("can come late, with the time at which they were made", () => {
    const { core, start, events, clock } = createLocalCore();
    core.faults.events("delay", { match: isEnd, delayMs: minute });
    start();
    clock.advance(minute);
    expect(events.filter(isEnd)).toHaveLength(0);
    clock.advance(minute);
    expect(events.filter(isEnd)).toMatchObject([{ time: "2026-01-01T00:00:01Z" }]);
  });

  test("can be overtaken by the next one, and come alone when there is none", () => {
    const { core, start, events, states, clock } = createLocalCore();
    core.faults.events("reorder", { match: (event) => event.detail["state"] === "SCHEDULED", delayMs: minute });
    core.faults.events("reorder", {
      match: (event) => event.detail["resourceUtilizationFinal"] === true,
      delayMs: minute,
    });
    const jobRunId = start();
    clock.advance(5000);
    expect(states(jobRunId)).toEqual(["SUBMITTED", "PENDING", "RUNNING", "SCHEDULED", "SUCCESS"]);
    expect(events.at(-1)?.detail["state"]).toBe("SUCCESS");
    clock.advance(minute);
    expect(events.at(-1)?.detail["resourceUtilizationFinal"]).toBe(true);
  });

  test("can be lost by chance, until the faults are cleared", () => {
    const { core, start, events, states, clock } = createLocalCore();
    core.faults.eventChances({ lose: 1 });
    start();
    clock.advance(5000);
    expect(events).toHaveLength(0);
    core.faults.clear();
    const jobRunId = start();
    clock.advance(5000);
    expect(states(jobRunId)).toHaveLength(5);
  });

  test("go wrong in the same way for the same seed", () => {
    const run = () => {
      const { core, start, events, clock } = createLocalCore();
      core.faults.eventChances({ lose: 0.2, duplicate: 0.2, delay: 0.2, reorder: 0.2 });
      for (let n = 0; n < 10; n += 1) start();
      clock.advance(10_000);
      return events;
    };
    const events = run();
    expect(run()).toEqual(events);
    expect(new Set(events.map(({ id }) => id)).size).toBeLessThan(events.length);
  });
});
