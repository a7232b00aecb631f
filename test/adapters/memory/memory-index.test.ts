import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryIndex, type Place } from "#adapters/memory/memory-index.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { waitingSubmission } from "#test/helpers/submission.ts";

/** Waiting submissions by tenant and time of acceptance; what was started is in no place. */
const placeOf = ({ state, tenantId, acceptedAt, submissionId }: Submission): Place | undefined =>
  state === "waiting" ? { key: tenantId, order: `${acceptedAt}#${submissionId}` } : undefined;

const arbitrarySubmission: fc.Arbitrary<Submission> = fc
  .record({
    submissionId: fc.constantFrom("req.1", "req.2", "req.3", "req.4", "req.5"),
    tenantId: fc.constantFrom("acme", "globex"),
    acceptedAt: fc.constantFrom("2026-11-22T12:00:00.000Z", "2026-11-22T12:00:01.000Z", "2026-11-22T12:00:02.000Z"),
    waits: fc.boolean(),
  })
  .map(({ waits, ...own }) => {
    const waiting = waitingSubmission(own);
    return waits ? waiting : { ...waiting, state: "starting", leaseUntil: own.acceptedAt };
  });

const inOrder = (all: Iterable<Submission>, key: string): Submission[] =>
  [...all]
    .filter((one) => placeOf(one)?.key === key)
    .sort((one, other) => ((placeOf(one)?.order ?? "") < (placeOf(other)?.order ?? "") ? -1 : 1));

test("memoryIndex() has what sorting all submissions would give, whatever was stored before", () => {
  fc.assert(
    fc.property(fc.array(arbitrarySubmission, { maxLength: 30 }), (changes) => {
      const index = memoryIndex(placeOf);
      const stored = new Map<string, Submission>();
      for (const submission of changes) {
        index.move(stored.get(submission.submissionId), submission);
        stored.set(submission.submissionId, submission);
        for (const key of ["acme", "globex"]) {
          const wanted = inOrder(stored.values(), key);
          expect(index.first(key, 10)).toEqual(wanted);
          expect(index.first(key, 2)).toEqual(wanted.slice(0, 2));
          expect(index.count(key)).toBe(wanted.length);
          expect(wanted.map((one) => index.rank(key, placeOf(one)?.order ?? ""))).toEqual([...wanted.keys()]);
        }
      }
    }),
  );
});
