import { describe, expect, test } from "vitest";
import { createEmrServerlessCore } from "#local/emr-serverless/core.ts";
import type { JobRunner } from "#local/emr-serverless/job-runner.ts";
import { simulatedRunner } from "#local/emr-serverless/simulated-runner.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import { applicationId, createLocalCore, type LocalCore, request, spark } from "./local-core.ts";
import { createVirtualClock, seededRandom } from "./virtual-clock.ts";

/** The same service again, in another process: only the JSON of its state has come over. */
function takeUp({ core, clock }: LocalCore, runner: JobRunner = simulatedRunner(), laterMs = 0) {
  const kept = JSON.stringify(core.snapshot());
  const next = createVirtualClock(clock.now() + laterMs);
  const events: EmrEvent[] = [];
  const ports = { now: next.now, schedule: next.schedule, random: seededRandom(2), runner };
  const taken = createEmrServerlessCore({ ...ports, emit: (event) => events.push(event) }, { rates: null });
  taken.restore(JSON.parse(kept));
  const get = (jobRunId: string) =>
    (taken.call("GetJobRun", { applicationId, jobRunId }, "acme") as { jobRun: Record<string, unknown> }).jobRun;
  return { core: taken, clock: next, events, get };
}

const tenSeconds = { jobDriver: spark("--conf spark.sluice.local.durationMs=10000") };

describe("a restored service", () => {
  test.each([0, 10, 30, 60, 5000])("goes on with a job run that was %i ms old, as if nothing had been", (age) => {
    const whole = createLocalCore();
    const id = whole.start(tenSeconds);
    whole.clock.advance(60_000);
    const first = createLocalCore();
    expect(first.start(tenSeconds)).toBe(id);
    first.clock.advance(age);
    const second = takeUp(first);
    second.clock.advance(60_000 - age);
    expect(second.get(id)).toEqual(whole.get(id));
    const states = [...first.events, ...second.events].map(({ detail }) => detail);
    expect(states).toEqual(whole.events.map(({ detail }) => detail));
  });

  test("ends at once what would have ended while it was down", () => {
    const first = createLocalCore();
    const id = first.start(tenSeconds);
    first.clock.advance(1000);
    const second = takeUp(first, simulatedRunner(), 3_600_000);
    second.clock.advance(0);
    expect(second.get(id)["state"]).toBe("SUCCESS");
  });

  test("goes on with a cancel, a queue and a timeout", () => {
    const first = createLocalCore({ applications: [{ applicationId, maxConcurrentRuns: 2 }] });
    const long = { jobDriver: spark("--conf spark.sluice.local.durationMs=3600000"), executionTimeoutMinutes: 5 };
    const [cancelled, timedOut] = [first.start(long), first.start(long)];
    first.clock.advance(100);
    const queued = first.start();
    first.clock.advance(100);
    first.call("CancelJobRun", { applicationId, jobRunId: cancelled });
    expect(first.get(queued).state).toBe("QUEUED");
    const second = takeUp(first);
    second.clock.advance(400_000);
    expect([cancelled, timedOut, queued].map((id) => second.get(id)["state"])).toEqual([
      "CANCELLED",
      "CANCELLED",
      "SUCCESS",
    ]);
  });

  test("remembers client tokens and spent rates", () => {
    const first = createLocalCore({ rates: {} });
    const started = first.call("StartJobRun", request());
    for (let n = 0; n < 24; n += 1) first.start();
    const second = createLocalCore({ rates: {} });
    second.core.restore(first.core.snapshot());
    expect(() => second.start()).toThrow("Rate exceeded");
    second.clock.advance(1000);
    expect(second.call("StartJobRun", request())).toEqual(started);
  });

  test("still sends the events that were late", () => {
    const first = createLocalCore();
    first.core.faults.events("delay", { delayMs: 60_000 });
    first.core.faults.events("reorder", { delayMs: 60_000 });
    first.start();
    const second = takeUp(first);
    second.clock.advance(70_000);
    const states = second.events.map(({ detail }) => detail["state"]);
    expect(states).toContain("SUBMITTED");
    expect(states).toContain("STARTING");
  });

  test("tells its runner that an attempt had been running, and hears of it no more from the old one", () => {
    const first = createLocalCore();
    const id = first.start(tenSeconds);
    first.clock.advance(1000);
    const startedAt: unknown[] = [];
    const runner: JobRunner = {
      start: (attempt, context) => {
        startedAt.push(attempt.startedAt);
        context.ended({ state: "FAILED", stateDetails: "Gone" });
        return { cancel: () => undefined, abandon: () => undefined };
      },
    };
    const second = takeUp(first, runner);
    expect(startedAt).toEqual([first.clock.now() - 930]);
    expect(second.get(id)).toMatchObject({ state: "FAILED", stateDetails: "Gone" });
  });

  test("replaces a state in place: job runs that it had are forgotten and their timers stop", () => {
    const { core, start, clock, events } = createLocalCore();
    const empty = core.snapshot();
    start(tenSeconds);
    clock.advance(1000);
    core.restore(empty);
    const before = events.length;
    clock.advance(60_000);
    expect(events).toHaveLength(before);
  });

  test("neither changes nor follows the state that it was given or gave", () => {
    const { core, start, clock } = createLocalCore();
    start(tenSeconds);
    const given = core.snapshot();
    const copy = structuredClone(given);
    core.restore(given);
    clock.advance(60_000);
    expect(given).toEqual(copy);
  });
});

test("a service that has ended does nothing more", async () => {
  const { core, start, clock, events } = createLocalCore();
  start(tenSeconds);
  clock.advance(1000);
  await core.end();
  const before = events.length;
  clock.advance(24 * 3_600_000);
  expect(events).toHaveLength(before);
});

test("a runner is told to let go of its attempts by a restore and at the end", async () => {
  const told: string[] = [];
  const runner: JobRunner = {
    start: ({ jobRunId }, context) => {
      context.running();
      return { cancel: () => undefined, abandon: () => told.push(jobRunId) };
    },
    end: async () => {
      told.push("end");
    },
  };
  const { core, start, clock } = createLocalCore({}, runner);
  const jobRunId = start();
  clock.advance(1000);
  core.restore(core.snapshot());
  expect(told).toEqual([jobRunId]);
  await core.end();
  expect(told).toEqual([jobRunId, jobRunId, "end"]);
});
