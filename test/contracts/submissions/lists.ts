import { describe, expect, test } from "vitest";
import {
  refusedSubmission,
  sampleJobRun,
  sampleLease,
  startingSubmission,
  waitingSubmission,
} from "#test/helpers/submission.ts";
import { acceptAll, idsOf, type Ledger, nextLease, published, refusal, succeeded, telling, times } from "./ledger.ts";

/** What is promised of the lists and look-ups of submissions. */
export const listsContract = ({ name, newId, newTenant, open, started }: Ledger): void => {
  describe(`${name}: waiting(), countWaiting() and ahead()`, () => {
    const at = (minute: number): string => `2026-11-22T12:0${minute}:00.000Z`;

    test("have a tenant's waiting submissions by priority, then by age", async () => {
      const submissions = open();
      const [tenantId, other] = [newTenant(), newTenant()];
      const ids = Array.from({ length: 6 }, newId);
      const [late = "", early = "", urgent = "", idle = "", twin = "", theirs = ""] = ids;
      await acceptAll(submissions, [
        waitingSubmission({ submissionId: late, tenantId, acceptedAt: at(3) }),
        waitingSubmission({ submissionId: idle, tenantId, acceptedAt: at(0), priority: 0 }),
        waitingSubmission({ submissionId: early, tenantId, acceptedAt: at(1) }),
        waitingSubmission({ submissionId: urgent, tenantId, acceptedAt: at(4), priority: 9 }),
        waitingSubmission({ submissionId: twin, tenantId, acceptedAt: at(3) }),
        waitingSubmission({ submissionId: theirs, tenantId: other, acceptedAt: at(0) }),
        startingSubmission({ submissionId: newId(), tenantId, acceptedAt: at(0) }),
        refusedSubmission({ submissionId: newId(), tenantId, acceptedAt: at(0) }),
      ]);
      const inTurn = await submissions.waiting(tenantId, 10);
      expect(idsOf(inTurn)).toEqual([urgent, early, ...[late, twin].toSorted(), idle]);
      expect(inTurn[1]).toEqual(await submissions.get(early));
      expect(idsOf(await submissions.waiting(tenantId, 2))).toEqual([urgent, early]);
      expect(await Promise.all(inTurn.map((one) => submissions.ahead(one)))).toEqual([0, 1, 2, 3, 4]);
      expect(idsOf(await submissions.waiting(other, 10))).toEqual([theirs]);
      expect(await submissions.waiting(newTenant(), 10)).toEqual([]);
      const counted = [tenantId, other, newTenant()].map((one) => submissions.countWaiting(one));
      expect(await Promise.all(counted)).toEqual([5, 1, 0]);
    });

    test("have it no more once it is claimed", async () => {
      const submissions = open();
      const tenantId = newTenant();
      const [first, second] = [newId(), newId()];
      const { submission: seen } = await submissions.accept(waitingSubmission({ submissionId: first, tenantId }));
      await submissions.accept(waitingSubmission({ submissionId: second, tenantId, acceptedAt: at(1) }));
      const claimed = await submissions.claim(seen, nextLease);
      const left = await submissions.waiting(tenantId, 10);
      expect(idsOf(left)).toEqual([second]);
      expect(await Promise.all([...left, claimed ?? seen].map((one) => submissions.ahead(one)))).toEqual([0, 0]);
    });
  });

  describe(`${name}: longestWaiting()`, () => {
    test("names the tenants of what waits, and of nothing else", async () => {
      const submissions = open();
      const waits = waitingSubmission({ submissionId: newId(), tenantId: "globex" });
      await submissions.accept(waits);
      await submissions.accept(startingSubmission({ submissionId: newId(), tenantId: "initech" }));
      const { submission } = await submissions.accept(waitingSubmission({ submissionId: newId(), tenantId: "hooli" }));
      await submissions.cancel(submission.submissionId, published, telling);
      const named = await submissions.longestWaiting(1000);
      expect(named).toContain("globex");
      expect(named).not.toContain("initech");
      expect(named).not.toContain("hooli");
      expect(await submissions.claim(waits, sampleLease)).toBeDefined();
      expect(await submissions.longestWaiting(1000)).not.toContain("globex");
    });
  });

  describe(`${name}: due()`, () => {
    // Long before the leases of the other tests, because one ledger may serve them all.
    const leases = [3, 1, 4, 0, 2].map((second) => `2001-01-01T00:00:0${second}.000Z`);
    const soon = "2001-01-01T00:00:04.000Z";

    test("tells whose lease ran out, oldest first, and takes none that moved on", async () => {
      const submissions = open();
      const ids = leases.map(() => newId());
      await acceptAll(
        submissions,
        ids.map((submissionId, index) => startingSubmission({ submissionId, leaseUntil: leases[index] ?? "" })),
      );
      const [three = "", one = "", four = "", zero = "", two = ""] = ids;
      expect(idsOf(await submissions.due("starting", soon, 10))).toEqual([zero, one, two, three]);
      expect(idsOf(await submissions.due("starting", soon, 3))).toEqual([zero, one, two]);
      const seen = await submissions.due("starting", soon, 10);
      expect(seen[0]).toEqual(await submissions.get(zero));
      await submissions.claim(seen[0] ?? startingSubmission(), nextLease);
      await submissions.recordStart(startingSubmission({ submissionId: one }), { jobRunId: one, ...times });
      await submissions.recordRefusal({ submissionId: two }, refusal, telling);
      await submissions.recordEnd(three, { jobRun: sampleJobRun({ jobRunId: three }), ...succeeded }, telling);
      expect(await submissions.due("starting", soon, 10)).toEqual([]);
      const { submission } = await submissions.accept(startingSubmission({ submissionId: four }));
      await submissions.giveBack(submission, "account-rate");
      expect(await submissions.due("starting", "2001-01-02T00:00:00.000Z", 10)).toEqual([]);
      expect(await submissions.get(zero)).toMatchObject({ state: "starting", leaseUntil: nextLease });
    });

    test("does not tell of a lease that still runs", async () => {
      const submissions = open();
      const submissionId = newId();
      await submissions.accept(startingSubmission({ submissionId }));
      expect(idsOf(await submissions.due("starting", sampleLease, 1000))).not.toContain(submissionId);
      expect(idsOf(await submissions.due("starting", "2026-11-22T12:00:30.001Z", 1000))).toContain(submissionId);
    });
  });

  describe(`${name}: getAll()`, () => {
    test("reads many at once, each once, and leaves out what is not there", async () => {
      const submissions = open();
      const ids = Array.from({ length: 120 }, newId);
      for (const submissionId of ids) await submissions.accept(waitingSubmission({ submissionId }));
      const found = await submissions.getAll([...ids, ids[0]!, "req.nobody-has-it"]);
      expect([...found.keys()].sort()).toEqual([...ids].sort());
      expect(found.get(ids[119]!)).toEqual(await submissions.get(ids[119]!));
      expect((await submissions.getAll([])).size).toBe(0);
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
