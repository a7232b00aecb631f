import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createEmrServerless } from "#local/emr-serverless/emr-serverless.ts";
import { keepState } from "#local/emr-serverless/kept-state.ts";
import type { SettingsInput } from "#local/emr-serverless/settings.ts";
import { type EmrEvent, emptyState } from "#local/emr-serverless/state.ts";
import { openJournal } from "#local/kept/journal.ts";
import { copyOfKilled, newDirectory, useKept } from "../kept/data-directories.ts";
import { applicationId, request, spark } from "./local-core.ts";
import { createVirtualClock, seededRandom, startOfTime } from "./virtual-clock.ts";

const start = (directory: string, settings: SettingsInput = {}, time = startOfTime) => {
  const clock = createVirtualClock(time);
  const events: EmrEvent[] = [];
  const { kept: emr } = useKept(directory, (journal) =>
    createEmrServerless({
      applications: [{ applicationId, maxConcurrentRuns: 2 }],
      rates: null,
      random: seededRandom(time % 1000),
      ...settings,
      now: clock.now,
      schedule: clock.schedule,
      emit: (event) => events.push(event),
      journal,
    }),
  );
  const call = (operation: string, input: object) => emr.core.call(operation, input, "acme") as Record<string, unknown>;
  const stateOf = (jobRunId: unknown) =>
    (call("GetJobRun", { applicationId, jobRunId })["jobRun"] as Record<string, unknown>)["state"];
  return { emr, clock, events, call, stateOf };
};

describe("a journal", () => {
  test("keeps a job run from the answer to StartJobRun on, and its token", async () => {
    const directory = await newDirectory();
    const { call } = start(directory);
    const { jobRunId } = call("StartJobRun", request());
    await Promise.resolve();
    const next = start(await copyOfKilled(directory), {}, startOfTime + 5000);
    expect(next.stateOf(jobRunId)).toBe("SUBMITTED");
    expect(next.call("StartJobRun", request())["jobRunId"]).toBe(jobRunId);
    next.clock.advance(5000);
    expect(next.stateOf(jobRunId)).toBe("SUCCESS");
  });

  test("lets a job run that was running end at its time", async () => {
    const directory = await newDirectory();
    const { call, clock } = start(directory);
    const { jobRunId } = call(
      "StartJobRun",
      request({ jobDriver: spark("--conf spark.sluice.local.durationMs=9000") }),
    );
    clock.advance(1000);
    await Promise.resolve();
    const next = start(await copyOfKilled(directory), {}, clock.now());
    expect(next.stateOf(jobRunId)).toBe("RUNNING");
    next.clock.advance(8000);
    expect(next.stateOf(jobRunId)).toBe("RUNNING");
    next.clock.advance(500);
    expect(next.stateOf(jobRunId)).toBe("SUCCESS");
  });

  test("keeps the used rate, and takes up applications that are new in the settings", async () => {
    const directory = await newDirectory();
    const rates = { StartJobRun: { perSecond: 1, burst: 1 } };
    const { call } = start(directory, { rates });
    call("StartJobRun", request());
    await Promise.resolve();
    const other = "00f1982r1uukb926";
    const next = start(await copyOfKilled(directory), { rates, applications: [{ applicationId: other }] });
    expect(() => next.call("StartJobRun", request({ clientToken: "t-2" }))).toThrow("Rate exceeded");
    const { applications } = next.call("ListApplications", {}) as { applications: { id: string }[] };
    expect(applications.map(({ id }) => id).sort()).toEqual([applicationId, other]);
  });
});

const starting = fc.record({
  kind: fc.constant("start" as const),
  token: fc.nat(8),
  parameters: fc.constantFrom("", "long", "outcome", "fail"),
});
const pass = fc.record({ kind: fc.constant("pass" as const), ms: fc.constantFrom(10, 25, 60, 300, 2_000_000) });
const step = fc.oneof(
  { arbitrary: starting, weight: 3 },
  { arbitrary: pass, weight: 6 },
  fc.record({ kind: fc.constant("cancel" as const), of: fc.nat(4) }),
  fc.record({ kind: fc.constant("tag" as const), of: fc.nat(4) }),
  fc.record({ kind: fc.constant("hold" as const), fault: fc.constantFrom("delay" as const, "reorder" as const) }),
  fc.record({ kind: fc.constant("create" as const), token: fc.nat(2) }),
);

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const parameters = {
  "": "--conf spark.sluice.local.durationMs=100",
  long: "--conf spark.sluice.local.durationMs=3000000",
  outcome: "--conf spark.sluice.local.durationMs=100 --conf spark.sluice.local.outcome=FAILED",
  fail: "--conf spark.sluice.local.durationMs=50 --conf spark.sluice.local.failAttempts=1",
};

const perform = ({ call, clock, emr }: ReturnType<typeof start>, runs: string[], given: Step): void => {
  const run = "of" in given ? runs[given.of] : undefined;
  if (given.kind === "pass") clock.advance(given.ms);
  if (given.kind === "hold") emr.faults.events(given.fault, { delayMs: 40 });
  if (given.kind === "cancel" && run) call("CancelJobRun", { applicationId, jobRunId: run });
  if (given.kind === "tag") {
    const application = `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${applicationId}`;
    call("TagResource", { resourceArn: run ? `${application}/jobruns/${run}` : application, tags: { seen: "yes" } });
  }
  if (given.kind === "create") {
    call("CreateApplication", { clientToken: `a-${given.token}`, type: "SPARK", releaseLabel: "emr-7.9.0" });
  }
  if (given.kind === "start") {
    const jobDriver = spark(parameters[given.parameters as keyof typeof parameters]);
    const retryPolicy = { maxAttempts: 2 };
    runs.push(
      String(call("StartJobRun", request({ clientToken: `t-${given.token}`, jobDriver, retryPolicy }))["jobRunId"]),
    );
  }
};

test("whatever happens, the journal has all of the state at every moment", async () => {
  const check = async (steps: Step[]): Promise<void> => {
    const directory = await newDirectory();
    const service = start(directory, { tokenMismatch: "validation" });
    const runs: string[] = [];
    for (const given of steps) {
      try {
        perform(service, runs, given);
      } catch {
        // A refused call is a call too.
      }
      await Promise.resolve();
      const kept = keepState(openJournal(directory), emptyState).state();
      expect(kept).toEqual(JSON.parse(JSON.stringify(service.emr.peek())));
    }
  };
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 20 }), check), { numRuns: 60 });
});
