import { describe, expect, test } from "vitest";
import {
  refusedSubmission,
  sampleJobRun,
  sampleTelling,
  startingSubmission,
  waitingSubmission,
} from "#test/helpers/submission.ts";
import { type Ledger, owes, published, refusal, startedAt, succeeded, telling, times } from "./ledger.ts";

/** What recording a start, a refusal and an end promises, and the event that is stored with it. */
export const recordContract = ({ name, newId, open, started }: Ledger): void => {
  describe(`${name}: recordStart()`, () => {
    test("stores the job run of a submission, once, and hands back what is stored", async () => {
      const submissions = open();
      const submissionId = newId();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
      const start = { jobRunId: "run", ...times };
      const stored = await submissions.recordStart(seen, start);
      expect(stored).toEqual({ ...seen, ...start, state: "started" });
      expect(await submissions.get(submissionId)).toEqual(stored);
      expect(await submissions.recordStart(seen, { ...start, startedAt: published })).toEqual(stored);
      expect(await submissions.recordStart(seen, { ...start, jobRunId: "other" })).toEqual(stored);
      expect(await submissions.get(submissionId)).toEqual(stored);
    });

    test("refuses a submission that was never accepted", async () => {
      const start = open().recordStart(startingSubmission({ submissionId: newId() }), { jobRunId: "run", ...times });
      await expect(start).rejects.toThrow("the ledger does not have it");
    });
  });

  describe(`${name}: recordRefusal()`, () => {
    test("refuses a submission that has not started", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(startingSubmission({ submissionId }));
      const refused = await submissions.recordRefusal({ submissionId }, refusal, telling);
      expect(refused).toMatchObject({ state: "refused", refusal, ...owes });
      expect(await submissions.get(submissionId)).toEqual(refused);
    });

    test("does not refuse the one that took the place of a refused one", async () => {
      const submissions = open();
      const refused = refusedSubmission({ submissionId: newId() });
      const { submissionId } = refused;
      await submissions.accept(refused);
      const next = await submissions.accept(startingSubmission({ submissionId, fingerprint: "two", acceptance: 2 }));
      expect(await submissions.recordRefusal(refused, refusal, telling)).toEqual(next.submission);
      expect(await submissions.recordRefusal(next.submission, refusal, telling)).toMatchObject({ state: "refused" });
    });

    test("leaves a submission that has started as it is", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      expect(await submissions.recordRefusal({ submissionId }, refusal, telling)).toEqual(
        await submissions.get(submissionId),
      );
      expect(await submissions.get(submissionId)).toMatchObject({ state: "started" });
    });
  });

  describe(`${name}: recordEnd()`, () => {
    test("stores the job run as it ended", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = sampleJobRun({ jobRunId, billedResourceUtilization: { vCPUHour: 0.25 }, tags: { team: "data" } });
      const completed = await submissions.recordEnd(submissionId, { jobRun, ...succeeded }, telling);
      expect(completed).toMatchObject({ state: "completed", jobRun, startedAt, ...succeeded, ...owes });
      expect(await submissions.get(submissionId)).toEqual(completed);
    });

    test("keeps the first of many endings and hands it to all", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const all = await Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          submissions.recordEnd(
            submissionId,
            { jobRun: sampleJobRun({ jobRunId, stateDetails: `told by ${index}` }), ...succeeded },
            sampleTelling(`event ${index}`),
          ),
        ),
      );
      const stored = await submissions.get(submissionId);
      for (const completed of all) expect(completed).toEqual(stored);
      // The event is the winner's own.
      const winner = stored?.jobRun?.stateDetails?.at(-1);
      expect(stored?.outbox?.ending?.detail.id).toBe(`event ${winner}`);
    });

    test("completes a submission whose start is not recorded yet, and the late record changes nothing", async () => {
      const submissions = open();
      const submissionId = newId();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
      const jobRun = sampleJobRun({ jobRunId: `${name}-early` });
      const completed = await submissions.recordEnd(submissionId, { jobRun, ...succeeded }, telling);
      expect(completed).toMatchObject({ state: "completed", jobRunId: jobRun.jobRunId, startedAt: jobRun.createdAt });
      const late = { jobRunId: jobRun.jobRunId, ...times };
      expect(await submissions.recordStart(seen, late)).toEqual(completed);
      expect(await submissions.byJobRun("00f1", jobRun.jobRunId)).toEqual(completed);
    });

    test.each([
      ["another job run", { jobRunId: "stranger" }],
      ["a job run of another application", { applicationId: "00f2" }],
    ])("does not let %s end a submission", async (_what, other) => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = sampleJobRun({ jobRunId, ...other });
      const end = submissions.recordEnd(submissionId, { jobRun, ...succeeded }, telling);
      await expect(end).rejects.toThrow(`Cannot record the end of submission "${submissionId}"`);
      expect(await submissions.get(submissionId)).toMatchObject({ state: "started", jobRunId });
    });

    test("does not end a submission that was refused", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(refusedSubmission({ submissionId }));
      const end = submissions.recordEnd(submissionId, { jobRun: sampleJobRun(), ...succeeded }, telling);
      await expect(end).rejects.toThrow("it is refused");
    });
  });

  describe(`${name}: an event`, () => {
    test("is stored with what it tells: a start, a cancellation, and what another took nothing from", async () => {
      const submissions = open();
      const submissionId = newId();
      const { event } = sampleTelling("start");
      const first = startingSubmission({ submissionId, tellStart: true, parametersSha256: "ab" });
      const { submission: seen } = await submissions.accept(first);
      const started = await submissions.recordStart(seen, { jobRunId: submissionId, ...times }, event);
      expect(started).toMatchObject({ outbox: { started: event }, dueAt: times.dueAt, tellStart: true });
      expect(started).toMatchObject({ parametersSha256: "ab" });
      const jobRun = sampleJobRun({ jobRunId: submissionId });
      const ended = await submissions.recordEnd(submissionId, { jobRun, ...succeeded }, telling);
      expect(ended.outbox).toEqual({ started: event, ending: telling.event });
      expect(await submissions.get(submissionId)).toEqual(ended);
      const waits = waitingSubmission({ submissionId: newId() });
      await submissions.accept(waits);
      const { submission: cancelled } = await submissions.cancel(waits.submissionId, published, telling);
      expect(cancelled).toMatchObject({ reason: "CANCELLED_BY_TENANT", ...owes });
      expect(await submissions.get(waits.submissionId)).toEqual(cancelled);
    });

    test("of a refusal is stored with it", async () => {
      const submissions = open();
      const refused = refusedSubmission({ submissionId: newId(), ...owes });
      await submissions.accept(refused);
      expect(await submissions.get(refused.submissionId)).toEqual(refused);
    });
  });
};
