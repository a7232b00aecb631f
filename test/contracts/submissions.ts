import { describe, expect, test } from "vitest";
import type { Submissions } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import {
  refusedSubmission,
  sampleInput,
  sampleJobRun,
  sampleLease,
  sampleTelling,
  startingSubmission,
  waitingSubmission,
} from "#test/helpers/submission.ts";

const startedAt = "2026-11-22T12:00:01.000Z";
const times = { startedAt, dueAt: "2026-11-22T12:00:31.000Z" };
const completedAt = "2026-11-22T12:30:00.000Z";
const succeeded = { completedAt, reason: "SUCCEEDED" } as const;
const telling = sampleTelling();
/** What becomes of a submission that tells something. */
const owes = { outbox: { ending: telling.event }, dueAt: telling.dueAt };
const published = "2026-11-22T12:30:01.000Z";
const ending = { kind: "ending", event: telling.event, publishedAt: published } as const;
const nextLease = "2026-11-22T12:01:00.000Z";
const refusal = { code: "ERR_EMR_REFUSED", message: "Cannot start", faults: [] } as const;

/** What every ledger promises. Each test takes submission ids of its own, so that one ledger may serve them all. */
export const submissionsContract = (name: string, open: () => Submissions): void => {
  let count = 0;
  const newId = (): string => `req.${name}-${++count}`;

  /** A tenant of its own, because one ledger may serve all tests. */
  const newTenant = (): string => `${name.toLowerCase()}-${++count}`;

  const acceptAll = async (submissions: Submissions, all: readonly Parameters<Submissions["accept"]>[0][]) => {
    for (const submission of all) await submissions.accept(submission);
  };

  const idsOf = (found: readonly Submission[]): string[] => found.map(({ submissionId }) => submissionId);

  const started = async (submissions: Submissions, jobRunId = `run${count}`) => {
    const submissionId = newId();
    const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
    await submissions.recordStart(seen, { jobRunId, ...times });
    return { submissionId, jobRunId };
  };

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
      await submissions.recordStart(seen, { jobRunId: `run${count}`, ...times }, telling.event);
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
