import { describe, expect, test } from "vitest";
import { applicationId, createLocalCore, failureOf, request } from "./local-core.ts";

const otherApplication = "00otherapplicat1";

describe("a client token", () => {
  test("with the same parameters returns the same job run, also after it has ended", () => {
    const { call, get, clock, events } = createLocalCore();
    const first = call("StartJobRun", request());
    clock.advance(5000);
    expect(get(String(first["jobRunId"])).state).toBe("SUCCESS");
    const sent = events.length;
    expect(call("StartJobRun", request())).toEqual(first);
    expect(events).toHaveLength(sent);
  });

  test("does not mind the order of the members, nor members that the service does not know", () => {
    const { call } = createLocalCore();
    const given = request({ tags: { a: "1", b: "2" } });
    const turned = Object.fromEntries(Object.entries({ ...given, tags: { b: "2", a: "1" }, new: 1 }).reverse());
    expect(call("StartJobRun", turned)).toEqual(call("StartJobRun", given));
  });

  test.each([
    ["conflict", "ConflictException", 409],
    ["validation", "ValidationException", 400],
  ] as const)("with other parameters is answered as the setting says: %s", (tokenMismatch, type, status) => {
    const { call } = createLocalCore({ tokenMismatch });
    call("StartJobRun", request());
    const failure = failureOf(() => call("StartJobRun", request({ name: "other" })));
    expect(failure).toMatchObject({ type, status });
  });

  test("is answered 409 with the service's own text by default", () => {
    const { call } = createLocalCore();
    call("StartJobRun", request());
    expect(failureOf(() => call("StartJobRun", request({ tags: { a: "1" } }))).message).toBe(
      "The request could not be processed because of conflict in the current state of the resource.",
    );
  });

  test("with other parameters may also return the first job run", () => {
    const { call } = createLocalCore({ tokenMismatch: "replay" });
    const first = call("StartJobRun", request());
    expect(call("StartJobRun", request({ name: "other" }))).toEqual(first);
  });

  test("is one for the whole account, across applications", () => {
    const { call } = createLocalCore({ applications: [{ applicationId }, { applicationId: otherApplication }] });
    call("StartJobRun", request());
    const failure = failureOf(() => call("StartJobRun", request({ applicationId: otherApplication })));
    expect(failure.type).toBe("ConflictException");
  });

  test("of a refused request is not used up", () => {
    const { call } = createLocalCore();
    failureOf(() => call("StartJobRun", request({ executionTimeoutMinutes: 1 })));
    expect(call("StartJobRun", request())).toHaveProperty("jobRunId");
  });

  test("of CreateApplication is another than that of StartJobRun", () => {
    const { call } = createLocalCore();
    call("StartJobRun", request());
    const given = { clientToken: "token-1", type: "SPARK", releaseLabel: "emr-7.9.0", name: "jobs" };
    const first = call("CreateApplication", given);
    expect(call("CreateApplication", given)).toEqual(first);
    const failure = failureOf(() => call("CreateApplication", { ...given, name: "other" }));
    expect(failure.type).toBe("ConflictException");
  });
});
