import { acceptanceAfter, judgeTaken } from "#domain/submission/acceptance.ts";
import { dueOf } from "#domain/submission/due.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import type { Acceptance, Submissions } from "#domain/submission/submissions.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";
import { endings } from "./memory-endings.ts";
import { memoryIndex } from "./memory-index.ts";

export interface MemorySubmissions extends Submissions {
  /** Everything that is stored, in order of acceptance. */
  all(): Submission[];
}

const proposedBy = (submission: NewSubmission): Submission =>
  submission.state !== "refused" ? { ...submission, applicationId: frozenInput(submission).applicationId } : submission;

const acceptanceOf = (stored: Submission | undefined, proposed: Submission): Acceptance => {
  if (stored === undefined) return { verdict: "accepted", submission: proposed };
  const judged = judgeTaken(stored, proposed);
  const next = judged.verdict === "gives-way" && proposed.acceptance === acceptanceAfter(stored);
  return next ? { verdict: "accepted", submission: proposed } : judged;
};

const turnKey = ({ priority = defaultPriority, acceptedAt, submissionId }: Submission): string =>
  turnKeyOf(priority, acceptedAt, submissionId);

const jobRunKey = (applicationId: string, jobRunId: string): string => `${applicationId}#${jobRunId}`;

/** The indexes of the table, and that of job runs, which the table keeps as items. */
const indexes = () => ({
  byTurn: memoryIndex((one) => (one.state === "waiting" ? { key: one.tenantId, order: turnKey(one) } : undefined)),
  byDue: memoryIndex((one) => {
    const { kind, at } = one.state === "waiting" ? { kind: "waiting", at: one.acceptedAt } : (dueOf(one) ?? {});
    return kind === undefined ? undefined : { key: kind, order: `${at}#${one.submissionId}` };
  }),
  byJobRun: memoryIndex(({ applicationId, jobRunId, submissionId }) =>
    applicationId === undefined || jobRunId === undefined
      ? undefined
      : { key: jobRunKey(applicationId, jobRunId), order: submissionId },
  ),
});

/** The ledger in memory. It decides between two awaits, so nothing comes in between. */
export const memorySubmissions = (): MemorySubmissions => {
  const submissions = new Map<string, Submission>();
  const { byTurn, byDue, byJobRun } = indexes();

  const stored = (submissionId: string, task: string): Submission => {
    const found = submissions.get(submissionId);
    if (found === undefined)
      throw new Error(`Cannot ${task} of submission "${submissionId}": the ledger does not have it`);
    return found;
  };

  const store = (submission: Submission): Submission => {
    const before = submissions.get(submission.submissionId);
    for (const index of [byTurn, byDue, byJobRun]) index.move(before, submission);
    submissions.set(submission.submissionId, submission);
    return submission;
  };

  return {
    all: () => [...submissions.values()],
    get: async (submissionId) => submissions.get(submissionId),
    getAll: async (submissionIds) => {
      const found = submissionIds.flatMap((id) => submissions.get(id) ?? []);
      return new Map(found.map((submission) => [submission.submissionId, submission]));
    },

    async accept(submission) {
      const outcome = acceptanceOf(submissions.get(submission.submissionId), proposedBy(submission));
      if (outcome.verdict === "accepted") store(outcome.submission);
      return outcome;
    },

    async claim(seen, leaseUntil, startError) {
      const found = submissions.get(seen.submissionId);
      const waits = seen.state === "waiting" && found?.state === "waiting";
      const expired = seen.state === "starting" && found?.state === "starting" && found.leaseUntil === seen.leaseUntil;
      if (found === undefined || !(waits || expired)) return undefined;
      const { waitingFor: _waitingFor, startError: _startError, ...rest } = found;
      return store({ ...rest, state: "starting", leaseUntil, ...(startError !== undefined && { startError }) });
    },

    async giveBack({ submissionId, leaseUntil }, waitingFor) {
      const found = stored(submissionId, "give back the turn");
      if (found.state !== "starting" || found.leaseUntil !== leaseUntil) return found;
      const { leaseUntil: _leaseUntil, ...rest } = found;
      return store({ ...rest, state: "waiting", waitingFor });
    },

    async cancel(submissionId, cancelledAt, { event, dueAt }) {
      const found = stored(submissionId, "record the cancellation");
      if (found.state !== "waiting") return { verdict: "late", submission: found };
      const { waitingFor: _waitingFor, ...rest } = found;
      const cancelled = { ...rest, state: "cancelled", cancelledAt, reason: "CANCELLED_BY_TENANT" } as const;
      return { verdict: "cancelled", submission: store({ ...cancelled, outbox: { ending: event }, dueAt }) };
    },

    waiting: async (tenantId, limit) => byTurn.first(tenantId, limit),
    countWaiting: async (tenantId) => byTurn.count(tenantId),

    async ahead({ submissionId }) {
      const found = submissions.get(submissionId);
      return found?.state === "waiting" ? byTurn.rank(found.tenantId, turnKey(found)) : 0;
    },

    async longestWaiting(limit) {
      return [...new Set(byDue.first("waiting", limit).map(({ tenantId }) => tenantId))];
    },

    due: async (kind, now, limit) => byDue.first(kind, Math.min(limit, byDue.rank(kind, now))),
    countDue: async (kind) => byDue.count(kind),

    ...endings(stored, store, (submissionId) => submissions.get(submissionId)),

    byJobRun: async (applicationId, jobRunId) => byJobRun.first(jobRunKey(applicationId, jobRunId), 1)[0],
  };
};
