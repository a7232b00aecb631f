import { describe, expect, test } from "vitest";
import type { Submissions } from "#domain/submission/submissions.ts";
import {
  refusedSubmission,
  sampleJobRun,
  sampleTelling,
  startingSubmission,
  waitingSubmission,
} from "#test/helpers/submission.ts";
import { completedAt, ending, idsOf, type Ledger, owes, published, succeeded, telling, times } from "./ledger.ts";

/** What publishing an event leaves of it, and of the task that waits. */
export const publishContract = ({ name, newId, open, started }: Ledger): void => {
  describe(`${name}: replaceTask()`, () => {
    test("keeps the task that waits, from the acceptance on", async () => {
      const submissions = open();
      for (const one of [startingSubmission, waitingSubmission, refusedSubmission]) {
        const { submission } = await submissions.accept(one({ submissionId: newId(), taskToken: "first" }));
        expect(await submissions.get(submission.submissionId)).toMatchObject({ taskToken: "first" });
      }
    });

    test("lets another task wait in place of the first, whatever became of the submission", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      const seen = await submissions.get(submissionId);
      expect(await submissions.replaceTask(seen!, "second")).toEqual({ ...seen, taskToken: "second" });
      expect(await submissions.replaceTask(seen!, "third")).toMatchObject({ taskToken: "third" });
      expect(await submissions.get(submissionId)).toMatchObject({ state: "started", taskToken: "third" });
    });

    test("changes nothing where the end is published: the task is told by whoever asks", async () => {
      const submissions = open();
      const submission = refusedSubmission({ submissionId: newId(), ...owes });
      await submissions.accept(submission);
      await submissions.recordPublished(submission.submissionId, ending);
      const stored = await submissions.get(submission.submissionId);
      expect(await submissions.replaceTask(submission, "late")).toEqual(stored);
      expect(stored).not.toHaveProperty("taskToken");
    });

    test("changes nothing where another submission took the place of a refused one", async () => {
      const submissions = open();
      const submissionId = newId();
      const seen = refusedSubmission({ submissionId });
      await submissions.accept(seen);
      const next = startingSubmission({ submissionId, fingerprint: "two", acceptance: 2, taskToken: "own" });
      await submissions.accept(next);
      expect(await submissions.replaceTask(seen, "late")).toMatchObject({ acceptance: 2, taskToken: "own" });
    });

    test("recordPublished() of an ending forgets the task that was told, and keeps what it was told", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      await submissions.replaceTask({ submissionId }, "told");
      await submissions.recordEnd(submissionId, { jobRun: sampleJobRun({ jobRunId }), ...succeeded }, telling);
      await submissions.recordPublished(submissionId, { ...ending, taskToken: "told" });
      expect(await submissions.get(submissionId)).toMatchObject({ publishedAt: published, toldEvent: ending.event });
      expect(await submissions.get(submissionId)).not.toHaveProperty("taskToken");
    });

    test("recordPublished() of a start leaves the task waiting", async () => {
      const submissions = open();
      const submission = startingSubmission({ submissionId: newId(), taskToken: "waits" });
      const { submission: seen } = await submissions.accept(submission);
      await submissions.recordStart(seen, { jobRunId: `run-${submission.submissionId}`, ...times }, telling.event);
      await submissions.recordPublished(submission.submissionId, { ...ending, kind: "started" });
      const stored = await submissions.get(submission.submissionId);
      expect(stored).toMatchObject({ taskToken: "waits" });
      expect(stored).not.toHaveProperty("outbox");
    });

    test("recordPublished() changes nothing where another task waits by now", async () => {
      const submissions = open();
      const submission = refusedSubmission({ submissionId: newId(), taskToken: "told", ...owes });
      const { submissionId } = submission;
      await submissions.accept(submission);
      const waits = await submissions.replaceTask(submission, "not told");
      await submissions.recordPublished(submissionId, { ...ending, taskToken: "told" });
      await submissions.recordPublished(submissionId, ending);
      expect(await submissions.get(submissionId)).toEqual(waits);
      await submissions.recordPublished(submissionId, { ...ending, taskToken: "not told" });
      expect(await submissions.get(submissionId)).toMatchObject({ publishedAt: published });
    });
  });

  describe(`${name}: recordPublished()`, () => {
    const expiresAt = 1_800_000_000;
    const publication = { kind: "ending", event: telling.event, publishedAt: published } as const;

    const completed = async (submissions: Submissions) => {
      const { submissionId, jobRunId } = await started(submissions);
      return await submissions.recordEnd(
        submissionId,
        { jobRun: sampleJobRun({ jobRunId }), ...succeeded },
        sampleTelling("req.1/completed", "2001-01-02T00:00:00.000Z"),
      );
    };

    test("takes an ending out of the outbox, once, and lets the submission be forgotten later", async () => {
      const submissions = open();
      const { outbox: _outbox, dueAt: _dueAt, ...rest } = await completed(submissions);
      await submissions.recordPublished(rest.submissionId, publication, { expiresAt });
      const done = { ...rest, publishedAt: published, expiresAt };
      expect(await submissions.get(rest.submissionId)).toEqual(done);
      const again = { ...publication, publishedAt: "2027-01-01T00:00:00.000Z" };
      await submissions.recordPublished(rest.submissionId, again, { expiresAt: 1 });
      expect(await submissions.get(rest.submissionId)).toEqual(done);
      expect(idsOf(await submissions.due("ended", completedAt, 1000))).not.toContain(rest.submissionId);
    });

    test("leaves a submission due that something is left to do for", async () => {
      const submissions = open();
      const { submissionId } = await completed(submissions);
      await submissions.recordPublished(submissionId, publication, { dueAt: "2001-01-03T00:00:00.000Z" });
      const [before, after] = ["2001-01-03T00:00:00.000Z", "2001-01-03T00:00:00.001Z"];
      expect(idsOf(await submissions.due("ended", before, 1000))).not.toContain(submissionId);
      expect(idsOf(await submissions.due("ended", after, 1000))).toContain(submissionId);
    });

    test("of a start leaves all else as it is; of the ending takes the start with it", async () => {
      const submissions = open();
      const { event } = sampleTelling("start");
      const [one, other] = [newId(), newId()];
      for (const submissionId of [one, other]) {
        const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
        await submissions.recordStart(seen, { jobRunId: submissionId, ...times }, event);
      }
      await submissions.recordPublished(one, { kind: "started", event, publishedAt: published });
      expect(await submissions.get(one)).not.toHaveProperty("outbox");
      expect(await submissions.get(one)).toMatchObject({ state: "started", dueAt: times.dueAt });
      const jobRun = sampleJobRun({ jobRunId: other });
      await submissions.recordEnd(other, { jobRun, ...succeeded }, telling);
      await submissions.recordPublished(other, publication, { expiresAt });
      expect(await submissions.get(other)).not.toHaveProperty("outbox");
    });

    test.each([
      ["started", startingSubmission({ fingerprint: "two" })],
      ["refused", refusedSubmission({ fingerprint: "two", outbox: { ending: sampleTelling("two").event } })],
    ])("does not mark the %s submission that took the place of a refused one", async (_what, next) => {
      const submissions = open();
      const refused = refusedSubmission({ submissionId: newId(), ...owes });
      await submissions.accept(refused);
      await submissions.accept({ ...next, submissionId: refused.submissionId, acceptance: 2 });
      await submissions.recordPublished(refused.submissionId, publication, { expiresAt });
      expect(await submissions.get(refused.submissionId)).not.toHaveProperty("publishedAt");
      expect(await submissions.get(refused.submissionId)).not.toHaveProperty("expiresAt");
    });

    test("does not make a submission that is not there", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.recordPublished(submissionId, publication, { expiresAt });
      expect(await submissions.get(submissionId)).toBeUndefined();
    });
  });

  describe(`${name}: recordDone()`, () => {
    test("lets be forgotten what owes nothing, and nothing else", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const ended = await submissions.recordEnd(
        submissionId,
        { jobRun: sampleJobRun({ jobRunId }), ...succeeded },
        telling,
      );
      await submissions.recordDone(ended, 1_800_000_000);
      expect(await submissions.get(submissionId)).toEqual(ended);
      const publication = { kind: "ending", event: telling.event, publishedAt: published } as const;
      await submissions.recordPublished(submissionId, publication, { dueAt: times.dueAt });
      const owing = (await submissions.get(submissionId)) ?? ended;
      await submissions.recordDone({ ...owing, dueAt: published }, 1_800_000_000);
      expect(await submissions.get(submissionId)).toEqual(owing);
      await submissions.recordDone(owing, 1_800_000_000);
      const { dueAt: _dueAt, ...rest } = owing;
      expect(await submissions.get(submissionId)).toEqual({ ...rest, expiresAt: 1_800_000_000 });
    });
  });
};
