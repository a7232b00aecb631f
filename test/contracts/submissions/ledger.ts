import type { Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
import { sampleTelling, startingSubmission } from "#test/helpers/submission.ts";

export const startedAt = "2026-11-22T12:00:01.000Z";
export const times = { startedAt, dueAt: "2026-11-22T12:00:31.000Z" };
export const completedAt = "2026-11-22T12:30:00.000Z";
export const succeeded = { completedAt, reason: "SUCCEEDED" } as const;
export const telling = sampleTelling();
/** What becomes of a submission that tells something. */
export const owes = { outbox: { ending: telling.event }, dueAt: telling.dueAt };
export const published = "2026-11-22T12:30:01.000Z";
export const ending = { kind: "ending", event: telling.event, publishedAt: published } as const;
export const nextLease = "2026-11-22T12:01:00.000Z";
export const refusal = { code: "ERR_EMR_REFUSED", message: "Cannot start", faults: [] } as const;

/** A ledger that one adapter opens. Each test takes submission ids of its own, so that one ledger may serve them all. */
export const ledgerOf = (name: string, open: () => Submissions) => {
  let count = 0;
  const newId = (): string => `req.${name}-${++count}`;
  return {
    name,
    open,
    newId,
    /** A tenant of its own, because one ledger may serve all tests. */
    newTenant: (): string => `${name.toLowerCase()}-${++count}`,
    started: async (submissions: Submissions, jobRunId = `run${count}`) => {
      const submissionId = newId();
      const { submission: seen } = await submissions.accept(startingSubmission({ submissionId }));
      await submissions.recordStart(seen, { jobRunId, ...times });
      return { submissionId, jobRunId };
    },
  };
};

export type Ledger = ReturnType<typeof ledgerOf>;

export const acceptAll = async (submissions: Submissions, all: readonly Parameters<Submissions["accept"]>[0][]) => {
  for (const submission of all) await submissions.accept(submission);
};

export const idsOf = (found: readonly Submission[]): string[] => found.map(({ submissionId }) => submissionId);
