import { describe, expect, test } from "vitest";
import type { JobRuns } from "#domain/ports.ts";
import { sampleInput } from "#test/helpers/submission.ts";

export interface JobRunsWorld {
  readonly jobRuns: JobRuns;
  /** Ends a job run as EMR Serverless would. */
  end(jobRunId: string, state: string): void;
}

/** What every EMR Serverless promises. */
export const jobRunsContract = (name: string, open: () => JobRunsWorld): void => {
  describe(`${name}: start()`, () => {
    test("starts one job run, however often the same input comes", async () => {
      const { jobRuns } = open();
      const input = sampleInput({ clientToken: "req.same" });
      const first = await jobRuns.start(input);
      expect(await jobRuns.start(input)).toEqual(first);
      expect(await jobRuns.start(sampleInput({ clientToken: "req.next" }))).not.toEqual(first);
    });

    test("reports a conflict for another input under the same token", async () => {
      const { jobRuns } = open();
      await jobRuns.start(sampleInput({ clientToken: "req.taken" }));
      const start = jobRuns.start(sampleInput({ clientToken: "req.taken", executionTimeoutMinutes: 5 }));
      await expect(start).rejects.toMatchObject({ code: "ERR_EMR_CONFLICT", kind: "down" });
    });
  });

  describe(`${name}: list()`, () => {
    const noon = "2026-11-22T12:00:00.000Z";

    test("tells of the job run of an input by its name, whatever became of it", async () => {
      const { jobRuns, end } = open();
      const input = sampleInput({ clientToken: "req.sought", name: "nightly.req.sought" });
      await jobRuns.start(sampleInput({ clientToken: "req.other", name: "nightly.req.other" }));
      const started = await jobRuns.start(input);
      expect((await jobRuns.list(input, noon)).jobRunIds.get("nightly.req.sought")).toBe(started.jobRunId);
      end(started.jobRunId, "FAILED");
      expect((await jobRuns.list(input, noon)).jobRunIds.get("nightly.req.sought")).toBe(started.jobRunId);
    });

    test("has nothing under another name or in another application", async () => {
      const { jobRuns } = open();
      const input = sampleInput({ clientToken: "req.elsewhere", name: "nightly.req.elsewhere" });
      await jobRuns.start(input);
      expect((await jobRuns.list(input, noon)).jobRunIds.get("nightly.req")).toBeUndefined();
      const elsewhere = await jobRuns.list({ ...input, applicationId: "00f2" }, noon);
      expect(elsewhere.jobRunIds.get(input.name)).toBeUndefined();
    });
  });

  describe(`${name}: get()`, () => {
    test("tells of a job run under its own application and tags", async () => {
      const { jobRuns } = open();
      const input = sampleInput({ clientToken: "req.told" });
      const { jobRunId } = await jobRuns.start(input);
      expect(await jobRuns.get("00f1", jobRunId)).toMatchObject({
        applicationId: "00f1",
        jobRunId,
        arn: expect.stringContaining(`/applications/00f1/jobruns/${jobRunId}`),
        state: "SUBMITTED",
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        tags: input.tags,
      });
    });

    test("hands on states as they are, unknown ones included", async () => {
      const { jobRuns, end } = open();
      const { jobRunId } = await jobRuns.start(sampleInput({ clientToken: "req.ended" }));
      for (const state of ["RUNNING", "PONDERING", "FAILED"]) {
        end(jobRunId, state);
        expect((await jobRuns.get("00f1", jobRunId)).state).toBe(state);
      }
    });

    test("says that a job run is not known, which may pass", async () => {
      const { jobRuns } = open();
      const missing = { code: "ERR_JOB_RUN_MISSING", kind: "down" };
      await expect(jobRuns.get("00f1", "00gone")).rejects.toMatchObject(missing);
      await expect(jobRuns.cancel("00f1", "00gone")).rejects.toMatchObject(missing);
    });
  });

  describe(`${name}: cancel()`, () => {
    test("has a job run cancelled, again and again, and leaves one alone that has ended", async () => {
      const { jobRuns, end } = open();
      const { jobRunId } = await jobRuns.start(sampleInput({ clientToken: "req.unwanted" }));
      end(jobRunId, "RUNNING");
      for (let times = 0; times < 2; times += 1) await jobRuns.cancel("00f1", jobRunId);
      expect((await jobRuns.get("00f1", jobRunId)).state).toBe("CANCELLING");
      end(jobRunId, "SUCCESS");
      await jobRuns.cancel("00f1", jobRunId);
      expect((await jobRuns.get("00f1", jobRunId)).state).toBe("SUCCESS");
    });
  });
};
