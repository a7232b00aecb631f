import { describe, expect, test } from "vitest";
import { refusedSubmission, sampleInput, startingSubmission, waitingSubmission } from "#test/helpers/submission.ts";
import { type Ledger, published } from "./ledger.ts";

/** What accepting a job request promises. */
export const acceptContract = ({ name, newId, open, started }: Ledger): void => {
  describe(`${name}: accept()`, () => {
    test("stores the first submission of a job request", async () => {
      const submissions = open();
      const submission = startingSubmission({ submissionId: newId(), requestId: "nightly", jobTemplate: "daily" });
      const acceptance = await submissions.accept(submission);
      expect(acceptance).toEqual({ verdict: "accepted", submission: { ...submission, applicationId: "00f1" } });
      expect(await submissions.get(submission.submissionId)).toEqual(acceptance.submission);
    });

    test("stores a submission that waits, and one that runs another again", async () => {
      const submissions = open();
      for (const submission of [
        waitingSubmission({ submissionId: newId(), waitingFor: "account-rate", priority: 9 }),
        startingSubmission({ submissionId: newId(), rerunOf: "req.first", priority: 0 }),
      ]) {
        const stored = { ...submission, applicationId: "00f1" };
        expect(await submissions.accept(submission)).toEqual({ verdict: "accepted", submission: stored });
        expect(await submissions.get(submission.submissionId)).toEqual(stored);
        expect((await submissions.accept(submission)).verdict).toBe("repeat");
      }
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
      const proposed = startingSubmission({ submissionId, fingerprint: "same" });
      expect(await submissions.accept(proposed)).toMatchObject({
        verdict: "gives-way",
        submission: { state: "refused" },
      });
      const planned = { ...proposed, acceptance: 2 };
      expect(await submissions.accept(planned)).toMatchObject({
        verdict: "accepted",
        submission: { state: "starting", acceptance: 2 },
      });
      expect(await submissions.get(submissionId)).not.toHaveProperty("refusal");
      expect(await submissions.accept(planned)).toMatchObject({ verdict: "repeat" });
    });

    test("lets a refused submission give way to another job request", async () => {
      const submissions = open();
      const submissionId = newId();
      const refused = refusedSubmission({ submissionId });
      await submissions.accept(refused);
      const mended = startingSubmission({ submissionId, fingerprint: "two", acceptance: 2 });
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

    test("lets nothing but the next acceptance take the place of a refused one, each time anew", async () => {
      const submissions = open();
      const submissionId = newId();
      const propose = async (acceptance: number) =>
        await submissions.accept(refusedSubmission({ submissionId, fingerprint: `${acceptance}`, acceptance }));
      await submissions.accept(refusedSubmission({ submissionId }));
      expect(await propose(3)).toMatchObject({ verdict: "gives-way", submission: { fingerprint: "one" } });
      expect(await propose(2)).toMatchObject({ verdict: "accepted" });
      expect(await propose(2)).toMatchObject({ verdict: "repeat" });
      const late = refusedSubmission({ submissionId, fingerprint: "late", acceptance: 2 });
      expect(await submissions.accept(late)).toMatchObject({ verdict: "gives-way", submission: { acceptance: 2 } });
      expect(await propose(3)).toMatchObject({ verdict: "accepted" });
      expect(await submissions.get(submissionId)).toMatchObject({ fingerprint: "3", acceptance: 3 });
    });

    test("lets exactly one of several job requests take the place of a refused one", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(refusedSubmission({ submissionId }));
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          submissions.accept(startingSubmission({ submissionId, fingerprint: `mended ${index}`, acceptance: 2 })),
        ),
      );
      expect(all.filter(({ verdict }) => verdict === "accepted")).toHaveLength(1);
      expect(all.filter(({ verdict }) => verdict === "conflict")).toHaveLength(7);
    });
  });
};
