import { describe, expect, test } from "vitest";
import { sampleTelling, startingSubmission, waitingSubmission } from "#test/helpers/submission.ts";
import { completedAt, idsOf, type Ledger, nextLease, published, refusal, startedAt, telling, times } from "./ledger.ts";

/** What whoever starts, gives back or cancels a submission is promised. */
export const claimContract = ({ name, newId, newTenant, open }: Ledger): void => {
  describe(`${name}: claim()`, () => {
    test("makes a waiting submission starting, for one of twenty at once", async () => {
      const submissions = open();
      const submission = waitingSubmission({ submissionId: newId() });
      const { submission: seen } = await submissions.accept(submission);
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, index) => submissions.claim(seen, `2026-11-22T12:01:${index + 10}.000Z`)),
      );
      const claimed = all.filter((one) => one !== undefined);
      expect(claimed).toHaveLength(1);
      const { waitingFor: _waitingFor, ...rest } = seen;
      expect(claimed[0]).toEqual({ ...rest, state: "starting", leaseUntil: claimed[0]?.leaseUntil });
      expect(await submissions.get(submission.submissionId)).toEqual(claimed[0]);
    });

    test("takes a starting submission over from the lease that was seen, for one of many at once", async () => {
      const submissions = open();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId: newId() }));
      const all = await Promise.all(
        Array.from({ length: 8 }, (_, index) => submissions.claim(seen, `2026-11-22T12:01:0${index}.000Z`)),
      );
      const claimed = all.filter((one) => one !== undefined);
      expect(claimed).toHaveLength(1);
      expect(claimed[0]).toMatchObject({ state: "starting", input: seen.input });
      expect(await submissions.claim(seen, nextLease)).toBeUndefined();
    });

    test("lets a starting submission rest and says why, until somebody claims it to start it", async () => {
      const submissions = open();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId: newId() }));
      const startError = { code: "ERR_EMR_DENIED", since: startedAt, mayRunSince: startedAt } as const;
      const resting = await submissions.claim(seen, nextLease, startError);
      expect(resting).toEqual({ ...seen, leaseUntil: nextLease, startError });
      expect(await submissions.get(seen.submissionId)).toEqual(resting);
      expect(await submissions.claim(resting ?? seen, published)).toEqual({ ...seen, leaseUntil: published });
    });

    test.each(["started", "cancelled", "refused"])("leaves a %s submission alone", async (state) => {
      const submissions = open();
      const { submission: seen } = await submissions.accept(waitingSubmission({ submissionId: newId() }));
      const { submissionId } = seen;
      if (state === "cancelled") await submissions.cancel(submissionId, published, telling);
      else await submissions.claim(seen, nextLease);
      if (state === "started") await submissions.recordStart(seen, { jobRunId: submissionId, ...times });
      if (state === "refused") await submissions.recordRefusal({ submissionId }, refusal, telling);
      const stored = await submissions.get(submissionId);
      expect(stored).toMatchObject({ state });
      for (const one of [seen, stored ?? seen]) expect(await submissions.claim(one, nextLease)).toBeUndefined();
      expect(await submissions.get(submissionId)).toEqual(stored);
    });

    test("gets nothing of a submission that is not there", async () => {
      const submissions = open();
      const gone = waitingSubmission({ submissionId: newId() });
      expect(await submissions.claim(gone, nextLease)).toBeUndefined();
      expect(await submissions.get(gone.submissionId)).toBeUndefined();
    });
  });

  describe(`${name}: giveBack()`, () => {
    test("lets a starting submission wait again, in its old place", async () => {
      const submissions = open();
      const tenantId = newTenant();
      const [first, second] = [newId(), newId()];
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId: first, tenantId }));
      await submissions.accept(waitingSubmission({ submissionId: second, tenantId, acceptedAt: times.startedAt }));
      const { leaseUntil: _leaseUntil, ...rest } = seen;
      const waiting = await submissions.giveBack(seen, "account-rate");
      expect(waiting).toEqual({ ...rest, state: "waiting", waitingFor: "account-rate" });
      expect(idsOf(await submissions.waiting(tenantId, 10))).toEqual([first, second]);
      expect(await submissions.giveBack(seen, "tenant-slots")).toEqual(waiting);
      expect(await submissions.claim(waiting, nextLease)).toMatchObject({ state: "starting", leaseUntil: nextLease });
    });

    test("changes nothing where the lease is somebody else's by now, or the submission has started", async () => {
      const submissions = open();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId: newId() }));
      const taken = await submissions.claim(seen, nextLease);
      expect(await submissions.giveBack(seen, "account-rate")).toEqual(taken);
      const stored = await submissions.recordStart(taken ?? seen, { ...times, jobRunId: "run" });
      expect(await submissions.giveBack(taken ?? seen, "account-rate")).toEqual(stored);
      expect(await submissions.get(seen.submissionId)).toEqual(stored);
    });

    test("refuses a submission that was never accepted", async () => {
      const back = open().giveBack(startingSubmission({ submissionId: newId() }), "tenant-slots");
      await expect(back).rejects.toThrow("the ledger does not have it");
    });
  });

  describe(`${name}: cancel()`, () => {
    test("ends a waiting submission, and nobody claims it any more", async () => {
      const submissions = open();
      const tenantId = newTenant();
      const { submission: seen } = await submissions.accept(waitingSubmission({ submissionId: newId(), tenantId }));
      const cancelled = await submissions.cancel(seen.submissionId, published, telling);
      expect(cancelled).toMatchObject({
        verdict: "cancelled",
        submission: { state: "cancelled", cancelledAt: published },
      });
      expect(cancelled.submission).not.toHaveProperty("waitingFor");
      const late = await submissions.cancel(seen.submissionId, completedAt, sampleTelling("other"));
      expect(late).toEqual({ verdict: "late", submission: cancelled.submission });
      expect(await submissions.claim(seen, nextLease)).toBeUndefined();
      expect(await submissions.waiting(tenantId, 10)).toEqual([]);
    });

    test("leaves what does not wait as it is", async () => {
      const submissions = open();
      const { submission } = await submissions.accept(startingSubmission({ submissionId: newId() }));
      expect(await submissions.cancel(submission.submissionId, published, telling)).toEqual({
        verdict: "late",
        submission,
      });
    });

    test("either cancels or is claimed, never both", async () => {
      const submissions = open();
      const { submission: seen } = await submissions.accept(waitingSubmission({ submissionId: newId() }));
      const [cancelled, claimed] = await Promise.all([
        submissions.cancel(seen.submissionId, published, telling),
        submissions.claim(seen, nextLease),
      ]);
      expect([cancelled.submission.state, claimed?.state]).toEqual(
        claimed === undefined ? ["cancelled", undefined] : ["starting", "starting"],
      );
    });

    test("refuses a submission that was never accepted", async () => {
      await expect(open().cancel(newId(), published, telling)).rejects.toThrow("the ledger does not have it");
    });
  });
};
