import { describe, expect, test } from "vitest";
import { applicationId, createLocalCore, failureOf, request } from "./local-core.ts";

const minute = 60_000;

function createdCore() {
  const local = createLocalCore({ applications: [] });
  const given = { clientToken: "a", type: "SPARK", releaseLabel: "emr-7.9.0", name: "jobs" };
  const made = local.call("CreateApplication", given);
  const id = String(made["applicationId"]);
  const get = () => local.call("GetApplication", { applicationId: id })["application"] as Record<string, unknown>;
  return { ...local, made, id, app: get };
}

describe("an application", () => {
  test("is created, started by its first job run, and stopped when idle for 15 minutes", () => {
    const { id, app, made, clock, start, events } = createdCore();
    expect(made).toEqual({
      applicationId: expect.stringMatching(/^00[0-9a-z]{14}$/),
      arn: `arn:aws:emr-serverless:us-east-1:111122223333:/applications/${id}`,
      name: "jobs",
    });
    clock.advance(50);
    expect(app()).toMatchObject({ state: "CREATED", architecture: "X86_64", type: "SPARK" });
    start({ applicationId: id });
    clock.advance(5000);
    expect(app()).toMatchObject({ state: "STARTED" });
    clock.advance(15 * minute);
    expect(app()).toMatchObject({ state: "STOPPED" });
    const states = events.filter(({ detailType }) => detailType === "EMR Serverless Application State Change");
    expect(states.map(({ detail }) => detail["state"])).toEqual([
      "CREATING",
      "CREATED",
      "STARTING",
      "STARTED",
      "STOPPING",
      "STOPPED",
    ]);
  });

  test("starts again for a job run that comes while it stops", () => {
    const { id, app, clock, start, call } = createdCore();
    clock.advance(50);
    call("StartApplication", { applicationId: id });
    clock.advance(50);
    call("StopApplication", { applicationId: id });
    start({ applicationId: id });
    clock.advance(100);
    expect(app()).toMatchObject({ state: "STARTED" });
  });

  test("is neither stopped nor deleted with job runs in it", () => {
    const { start, call, clock } = createLocalCore();
    start();
    clock.advance(500);
    expect(failureOf(() => call("StopApplication", { applicationId })).message).toContain("has active job runs");
    expect(failureOf(() => call("DeleteApplication", { applicationId })).message).toBe(
      `Application ${applicationId} must be in one of the following statuses [CREATED, STOPPED]. Current status: STARTED`,
    );
  });

  test("without auto start takes job runs only once it is started", () => {
    const { call, clock } = createLocalCore({ applications: [] });
    const made = call("CreateApplication", {
      clientToken: "a",
      type: "SPARK",
      releaseLabel: "emr-7.9.0",
      autoStartConfiguration: { enabled: false },
    });
    const id = made["applicationId"];
    clock.advance(50);
    expect(failureOf(() => call("StartJobRun", request({ applicationId: id }))).message).toContain("is not started");
    call("StartApplication", { applicationId: id });
    clock.advance(50);
    expect(call("StartJobRun", request({ applicationId: id }))).toHaveProperty("jobRunId");
  });

  test("is listed by its state, the newest first", () => {
    const { call, id } = createdCore();
    const list = (members: object) => call("ListApplications", members)["applications"];
    expect(list({})).toMatchObject([{ id, name: "jobs", state: "CREATING" }]);
    expect(list({ states: ["STARTED"] })).toEqual([]);
  });

  test.each([
    { schedulerConfiguration: { maxConcurrentRuns: 1001 } },
    { schedulerConfiguration: { queueTimeoutMinutes: 14 } },
    { type: "FLINK" },
    { tags: { "aws:x": "" } },
  ])("is refused with %o", (members) => {
    const { call } = createLocalCore();
    const given = { clientToken: "a", type: "SPARK", releaseLabel: "emr-7.9.0", ...members };
    expect(failureOf(() => call("CreateApplication", given)).type).toBe("ValidationException");
  });
});
