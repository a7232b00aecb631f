import { describe, expect, test } from "vitest";
import type { Submissions } from "#domain/ports.ts";
import { refusedSubmission, sampleInput, sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

const times = { startedAt: "2026-11-22T12:00:01.000Z", completedAt: "2026-11-22T12:30:00.000Z" };
const published = "2026-11-22T12:30:01.000Z";
const refusal = { code: "ERR_EMR_REFUSED", message: "Cannot start", faults: [] } as const;

/** What every ledger promises. Each test takes submission ids of its own, so that one ledger may serve them all. */
export const submissionsContract = (name: string, open: () => Submissions): void => {
  let count = 0;
  const newId = (): string => `req.${name}-${++count}`;

  const started = async (submissions: Submissions, jobRunId = `run${count}`) => {
    const submissionId = newId();
    await submissions.accept(startingSubmission({ submissionId }));
    await submissions.recordStart(submissionId, { jobRunId, startedAt: times.startedAt });
    return { submissionId, jobRunId };
  };

  describe(`${name}: accept()`, () => {
    test("stores the first submission of a job request", async () => {
      const submissions = open();
      const submission = startingSubmission({ submissionId: newId(), requestId: "nightly", jobTemplate: "daily" });
      const acceptance = await submissions.accept(submission);
      expect(acceptance).toEqual({ verdict: "accepted", submission: { ...submission, applicationId: "00f1" } });
      expect(await submissions.get(submission.submissionId)).toEqual(acceptance.submission);
    });

    test("stores a refusal as it is", async () => {
      const submissions = open();
      const submission = refusedSubmission({ submissionId: newId() });
      expect(await submissions.accept(submission)).toEqual({ verdict: "accepted", submission });
      expect(await submissions.get(submission.submissionId)).toEqual(submission);
    });

    test("hands back the first submission for the same job request", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const input = JSON.stringify(sampleInput({ clientToken: submissionId, name: "planned anew" }));
      const again = await submissions.accept(startingSubmission({ submissionId, input, acceptedAt: published }));
      expect(again.verdict).toBe("repeat");
      expect(again.submission).toMatchObject({ state: "started", jobRunId, acceptedAt: "2026-11-22T12:00:00.000Z" });
      expect(again.submission.input).not.toBe(input);
    });

    test("hands back the first refusal for the same job request", async () => {
      const submissions = open();
      const submission = refusedSubmission({ submissionId: newId() });
      await submissions.accept(submission);
      expect(await submissions.accept({ ...submission, acceptedAt: "2026-11-23T00:00:00.000Z" })).toEqual({
        verdict: "repeat",
        submission,
      });
    });

    test("calls another job request under the same id a conflict", async () => {
      const submissions = open();
      const first = await submissions.accept(startingSubmission({ submissionId: newId() }));
      const { submissionId } = first.submission;
      const other = await submissions.accept(startingSubmission({ submissionId, fingerprint: "two" }));
      expect(other).toEqual({ verdict: "conflict", submission: first.submission });
      expect(await submissions.get(submissionId)).toEqual(first.submission);
    });

    test("lets a refused submission give way to the same job request once it is planned", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(refusedSubmission({ submissionId, fingerprint: "same" }));
      const planned = startingSubmission({ submissionId, fingerprint: "same" });
      expect(await submissions.accept(planned)).toMatchObject({
        verdict: "accepted",
        submission: { state: "starting" },
      });
      expect(await submissions.get(submissionId)).not.toHaveProperty("refusal");
      expect(await submissions.accept(planned)).toMatchObject({ verdict: "repeat" });
    });

    test("lets a refused submission give way to another job request", async () => {
      const submissions = open();
      const submissionId = newId();
      const refused = refusedSubmission({ submissionId });
      await submissions.accept(refused);
      await submissions.recordPublished(refused, published);
      const mended = startingSubmission({ submissionId, fingerprint: "two" });
      const stored = { ...mended, applicationId: "00f1" };
      expect(await submissions.accept(mended)).toEqual({ verdict: "accepted", submission: stored });
      expect(await submissions.get(submissionId)).toEqual(stored);
    });

    test.each([
      ["a running", startingSubmission()],
      ["a refused", refusedSubmission()],
    ])("never hands out %s submission of another tenant", async (_what, theirs) => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept({ ...theirs, submissionId, tenantId: "beta", caller: "sender:BETA" });
      for (const fingerprint of [theirs.fingerprint, "two"]) {
        const ours = startingSubmission({ submissionId, fingerprint });
        const { verdict, submission } = await submissions.accept(ours);
        expect(verdict).toBe("conflict");
        expect(submission).toEqual({ ...ours, applicationId: "00f1" });
      }
      expect(await submissions.get(submissionId)).toMatchObject({ tenantId: "beta", caller: "sender:BETA" });
    });

    test("accepts exactly one of twenty at once", async () => {
      const submissions = open();
      const submissionId = newId();
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          submissions.accept(startingSubmission({ submissionId, caller: `sender:${index}` })),
        ),
      );
      expect(all.filter(({ verdict }) => verdict === "accepted")).toHaveLength(1);
      expect(all.filter(({ verdict }) => verdict === "repeat")).toHaveLength(19);
      expect(new Set(all.map(({ submission }) => submission.caller)).size).toBe(1);
    });

    test("lets exactly one of several job requests take the place of a refused one", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(refusedSubmission({ submissionId }));
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          submissions.accept(startingSubmission({ submissionId, fingerprint: `mended ${index}` })),
        ),
      );
      expect(all.filter(({ verdict }) => verdict === "accepted")).toHaveLength(1);
      expect(all.filter(({ verdict }) => verdict === "conflict")).toHaveLength(7);
    });
  });

  describe(`${name}: recordStart()`, () => {
    test("stores the job run of a submission, once", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const stored = await submissions.get(submissionId);
      expect(stored).toMatchObject({ state: "started", jobRunId, startedAt: times.startedAt });
      expect(await submissions.recordStart(submissionId, { jobRunId, startedAt: published })).toEqual(stored);
      expect(await submissions.recordStart(submissionId, { jobRunId: "other", startedAt: published })).toEqual(stored);
      expect(await submissions.get(submissionId)).toEqual(stored);
    });

    test("refuses a submission that was never accepted", async () => {
      const start = open().recordStart(newId(), { jobRunId: "run", startedAt: published });
      await expect(start).rejects.toThrow("the ledger does not have it");
    });
  });

  describe(`${name}: recordRefusal()`, () => {
    test("refuses a submission that has not started", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(startingSubmission({ submissionId }));
      const refused = await submissions.recordRefusal(submissionId, refusal);
      expect(refused).toMatchObject({ state: "refused", refusal });
      expect(await submissions.get(submissionId)).toEqual(refused);
    });

    test("leaves a submission that has started as it is", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      expect(await submissions.recordRefusal(submissionId, refusal)).toEqual(await submissions.get(submissionId));
      expect(await submissions.get(submissionId)).toMatchObject({ state: "started" });
    });
  });

  describe(`${name}: recordEnd()`, () => {
    test("stores the job run as it ended", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = sampleJobRun({ jobRunId, billedResourceUtilization: { vCPUHour: 0.25 }, tags: { team: "data" } });
      const completed = await submissions.recordEnd(submissionId, { jobRun, completedAt: times.completedAt });
      expect(completed).toMatchObject({ state: "completed", jobRun, ...times });
      expect(await submissions.get(submissionId)).toEqual(completed);
    });

    test("keeps the first of many endings and hands it to all", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          submissions.recordEnd(submissionId, {
            jobRun: sampleJobRun({ jobRunId, stateDetails: `told by ${index}` }),
            completedAt: times.completedAt,
          }),
        ),
      );
      const stored = await submissions.get(submissionId);
      for (const completed of all) expect(completed).toEqual(stored);
    });

    test("completes a submission whose start is not recorded yet, and the late record changes nothing", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(startingSubmission({ submissionId }));
      const jobRun = sampleJobRun({ jobRunId: `${name}-early` });
      const ended = { jobRun, completedAt: times.completedAt };
      const completed = await submissions.recordEnd(submissionId, ended);
      expect(completed).toMatchObject({ state: "completed", jobRunId: jobRun.jobRunId, startedAt: jobRun.createdAt });
      const late = { jobRunId: jobRun.jobRunId, startedAt: times.startedAt };
      expect(await submissions.recordStart(submissionId, late)).toEqual(completed);
      expect(await submissions.byJobRun("00f1", jobRun.jobRunId)).toEqual(completed);
    });

    test.each([
      ["another job run", { jobRunId: "stranger" }],
      ["a job run of another application", { applicationId: "00f2" }],
    ])("does not let %s end a submission", async (_what, other) => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = sampleJobRun({ jobRunId, ...other });
      const end = submissions.recordEnd(submissionId, { jobRun, completedAt: times.completedAt });
      await expect(end).rejects.toThrow(`Cannot record the end of submission "${submissionId}"`);
      expect(await submissions.get(submissionId)).toMatchObject({ state: "started", jobRunId });
    });

    test("does not end a submission that was refused", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(refusedSubmission({ submissionId }));
      const end = submissions.recordEnd(submissionId, { jobRun: sampleJobRun(), completedAt: times.completedAt });
      await expect(end).rejects.toThrow("it is refused");
    });
  });

  describe(`${name}: recordPublished()`, () => {
    test("marks an ending as published, and keeps the first time", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = sampleJobRun({ jobRunId });
      const completed = await submissions.recordEnd(submissionId, { jobRun, completedAt: times.completedAt });
      await submissions.recordPublished(completed, published);
      await submissions.recordPublished(completed, "2027-01-01T00:00:00.000Z");
      expect(await submissions.get(submissionId)).toEqual({ ...completed, publishedAt: published });
    });

    test.each([
      ["started", startingSubmission({ fingerprint: "two" })],
      ["refused", refusedSubmission({ fingerprint: "two" })],
    ])("does not mark the %s submission that took the place of a refused one", async (_what, next) => {
      const submissions = open();
      const refused = refusedSubmission({ submissionId: newId() });
      await submissions.accept(refused);
      await submissions.accept({ ...next, submissionId: refused.submissionId });
      await submissions.recordPublished(refused, published);
      expect(await submissions.get(refused.submissionId)).not.toHaveProperty("publishedAt");
    });

    test("does not make a submission that is not there", async () => {
      const submissions = open();
      const gone = refusedSubmission({ submissionId: newId() });
      await submissions.recordPublished(gone, published);
      expect(await submissions.get(gone.submissionId)).toBeUndefined();
    });
  });

  describe(`${name}: byJobRun()`, () => {
    test("finds the submission of a job run in its application only", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions, `${name}-found`);
      expect(await submissions.byJobRun("00f1", jobRunId)).toEqual(await submissions.get(submissionId));
      expect(await submissions.byJobRun("00f2", jobRunId)).toBeUndefined();
      expect(await submissions.byJobRun("00f1", "unheard-of")).toBeUndefined();
    });
  });
};
