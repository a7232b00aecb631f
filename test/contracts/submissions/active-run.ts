import { describe, expect, test } from "vitest";
import { sampleJobRun, sampleTelling, waitingSubmission } from "#test/helpers/submission.ts";
import { completedAt, idsOf, type Ledger, owes, published, succeeded, telling } from "./ledger.ts";

/** What is promised of a submission whose job run goes on. */
export const activeRunContract = ({ name, newId, open, started }: Ledger): void => {
  describe(`${name}: what is known of an active job run`, () => {
    const news = (jobRunId: string, state: string) => sampleJobRun({ jobRunId, state });

    test("postpone() lets one of many look, and the others not", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      const seen = (await submissions.get(submissionId)) ?? expect.unreachable();
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) => submissions.postpone(seen, `2026-11-22T12:05:0${index}.000Z`)),
      );
      const looking = all.filter((one) => one !== undefined);
      expect(looking).toHaveLength(1);
      expect(looking[0]).toEqual({ ...seen, dueAt: looking[0]?.dueAt });
      expect(await submissions.get(submissionId)).toEqual(looking[0]);
    });

    test("postpone() notes since when it is missing, and news of it forget that", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const seen = (await submissions.get(submissionId)) ?? expect.unreachable();
      const missed = await submissions.postpone(seen, published, completedAt);
      expect(missed).toEqual({ ...seen, dueAt: published, missingSince: completedAt });
      const found = await submissions.recordNews(missed ?? seen, news(jobRunId, "RUNNING"), completedAt);
      expect(found).toEqual({ ...seen, dueAt: completedAt, jobRun: news(jobRunId, "RUNNING") });
      expect(await submissions.get(submissionId)).toEqual(found);
    });

    test("recordNews() stores nothing where more is known by now, of another job run, or after the end", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const seen = (await submissions.get(submissionId)) ?? expect.unreachable();
      const pending = (await submissions.recordNews(seen, news(jobRunId, "PENDING"), published)) ?? seen;
      expect(await submissions.recordNews(seen, news(jobRunId, "SUBMITTED"), published)).toBeUndefined();
      expect(await submissions.recordNews(pending, news("another", "RUNNING"), published)).toBeUndefined();
      expect(await submissions.get(submissionId)).toEqual(pending);
      const running = await submissions.recordNews(pending, news(jobRunId, "RUNNING"), published);
      expect(running).toMatchObject({ state: "started", jobRun: { state: "RUNNING" } });
      await submissions.recordEnd(submissionId, { jobRun: news(jobRunId, "SUCCESS"), ...succeeded }, telling);
      expect(await submissions.recordNews(running ?? seen, news(jobRunId, "RUNNING"), published)).toBeUndefined();
    });

    test("requestCancel() notes the first wish of its tenant, for a started submission, which is due at once", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      const seen = await submissions.get(submissionId);
      const wanted = await submissions.requestCancel(submissionId, "2001-01-01T01:00:00.000Z");
      expect(wanted).toEqual({ ...seen, cancelRequestedAt: wanted.dueAt, dueAt: "2001-01-01T01:00:00.000Z" });
      expect(await submissions.requestCancel(submissionId, published)).toEqual(wanted);
      expect(idsOf(await submissions.due("started", "2001-01-01T01:00:00.001Z", 1000))).toContain(submissionId);
      const waits = (await submissions.accept(waitingSubmission({ submissionId: newId() }))).submission;
      expect(await submissions.requestCancel(waits.submissionId, published)).toEqual(waits);
    });

    test("recordGone() ends a submission whose job run is missing, and no other", async () => {
      const submissions = open();
      const { submissionId } = await started(submissions);
      const seen = (await submissions.get(submissionId)) ?? expect.unreachable();
      expect(await submissions.recordGone(seen, completedAt, telling)).toEqual(seen);
      const missed = (await submissions.postpone(seen, published, completedAt)) ?? seen;
      const gone = await submissions.recordGone(missed, completedAt, telling);
      expect(gone).toEqual({ ...missed, state: "completed", completedAt, reason: "JOB_RUN_GONE", ...owes });
      expect(await submissions.get(submissionId)).toEqual(gone);
      expect(await submissions.recordGone(missed, published, sampleTelling("other"))).toEqual(gone);
    });

    test("recordCost() stores what a job run used, once, after its end", async () => {
      const submissions = open();
      const { submissionId, jobRunId } = await started(submissions);
      const jobRun = news(jobRunId, "SUCCESS");
      const ended = await submissions.recordEnd(submissionId, { jobRun, ...succeeded }, telling);
      const used = { ...jobRun, billedResourceUtilization: { vCPUHour: 0.25 } };
      const cost = sampleTelling("cost", published);
      const stored = await submissions.recordCost(ended, used, cost);
      const outbox = { ending: telling.event, cost: cost.event };
      expect(stored).toEqual({ ...ended, jobRun: used, outbox, dueAt: published });
      expect(await submissions.get(submissionId)).toEqual(stored);
      for (const seen of [ended, stored ?? ended]) {
        expect(await submissions.recordCost(seen, used, telling)).toBeUndefined();
      }
    });

    test("countDue() counts what is active, whenever it is due", async () => {
      const submissions = open();
      const before = await submissions.countDue("started");
      await started(submissions);
      const { submissionId, jobRunId } = await started(submissions, `${name}-counted`);
      expect(await submissions.countDue("started")).toBe(before + 2);
      await submissions.recordEnd(submissionId, { jobRun: news(jobRunId, "SUCCESS"), ...succeeded }, telling);
      expect(await submissions.countDue("started")).toBe(before + 1);
    });
  });
};
