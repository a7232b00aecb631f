import { describe, expect, test } from "vitest";
import { applicationId, createLocalCore } from "./local-core.ts";
import { startOfTime } from "./virtual-clock.ts";

interface Page {
  readonly jobRuns: readonly { id: string; state: string }[];
  readonly nextToken?: string;
}

describe("ListJobRuns", () => {
  test("pages from the newest on, and what is started meanwhile moves nothing", () => {
    const { call, start } = createLocalCore();
    const ids = Array.from({ length: 5 }, () => start());
    const list = (members: object) =>
      call("ListJobRuns", { applicationId, maxResults: 2, ...members }) as unknown as Page;
    const first = list({});
    start();
    const second = list({ nextToken: first.nextToken });
    const third = list({ nextToken: second.nextToken });
    expect([first, second, third].flatMap(({ jobRuns }) => jobRuns.map(({ id }) => id))).toEqual([...ids].reverse());
    expect(first.nextToken).toMatch(/^[A-Za-z0-9_=-]+$/);
    expect(third).not.toHaveProperty("nextToken");
    expect(list({ maxResults: 6 })).not.toHaveProperty("nextToken");
  });

  test("filters by states and groups by them, by mode, and by creation time", () => {
    const { call, start, clock } = createLocalCore();
    const done = start();
    clock.advance(5000);
    const streaming = start({ mode: "STREAMING" });
    clock.advance(500);
    const fresh = start();
    const list = (members: object) =>
      (call("ListJobRuns", { applicationId, ...members }) as unknown as Page).jobRuns.map(({ id }) => id);
    expect(list({ states: ["SUCCESS", "SUBMITTED"] })).toEqual([done, fresh]);
    expect(list({ mode: "STREAMING" })).toEqual([streaming]);
    expect(list({ mode: "BATCH" })).toEqual([fresh, done]);
    expect(list({ createdAtAfter: startOfTime + 4000 })).toEqual([fresh, streaming]);
    expect(list({ createdAtBefore: startOfTime + 4000 })).toEqual([done]);
  });

  test("shows neither tags, nor the client token, nor utilization", () => {
    const { call, start, clock } = createLocalCore();
    const jobRunId = start({ tags: { tenant: "acme" }, name: "nightly" });
    clock.advance(5000);
    const { jobRuns } = call("ListJobRuns", { applicationId }) as unknown as Page;
    expect(jobRuns).toEqual([
      {
        applicationId,
        id: jobRunId,
        name: "nightly",
        mode: "BATCH",
        type: "SPARK",
        arn: expect.stringContaining(jobRunId),
        createdBy: "arn:aws:iam::111122223333:user/acme",
        executionRole: "arn:aws:iam::111122223333:role/jobs/acme",
        state: "SUCCESS",
        stateDetails: "",
        releaseLabel: "emr-7.9.0",
        attempt: 1,
        createdAt: startOfTime / 1000,
        updatedAt: expect.any(Number),
        attemptCreatedAt: startOfTime / 1000,
        attemptUpdatedAt: expect.any(Number),
      },
    ]);
  });
});

describe("tags", () => {
  test("of a job run and of an application are added, changed, removed and listed", () => {
    const { call, start, get } = createLocalCore();
    const jobRunId = start({ tags: { tenant: "acme", run: "1" } });
    const runArn = String(get(jobRunId)["arn"]);
    for (const resourceArn of [runArn, runArn.replace(/\/jobruns.*/, "")]) {
      call("TagResource", { resourceArn, tags: { run: "2", more: "" } });
      call("UntagResource", { resourceArn, tagKeys: ["tenant", "absent"] });
      expect(call("ListTagsForResource", { resourceArn })).toEqual({ tags: { run: "2", more: "" } });
    }
    expect(get(jobRunId)["tags"]).toEqual({ run: "2", more: "" });
  });

  test("of one resource are 50 together", () => {
    const { call, start, get } = createLocalCore();
    const many = (from: number, count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${from + n}`, ""]));
    const resourceArn = String(get(start({ tags: many(0, 40) }))["arn"]);
    call("TagResource", { resourceArn, tags: many(35, 15) });
    expect(() => call("TagResource", { resourceArn, tags: { one: "more" } })).toThrow("at most 50 tags: 51 were given");
  });
});
