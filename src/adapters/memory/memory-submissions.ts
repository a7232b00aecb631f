import type { Acceptance, Submissions } from "#domain/ports.ts";
import { acceptanceAfter, judgeTaken } from "#domain/submission/acceptance.ts";
import { dueBefore, dueOf } from "#domain/submission/due.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";

import { endings } from "./memory-endings.ts";

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

/** The ledger in memory. It decides between two awaits, so nothing comes in between. */
export const memorySubmissions = (): MemorySubmissions => {
  const submissions = new Map<string, Submission>();

  const stored = (submissionId: string, task: string): Submission => {
    const found = submissions.get(submissionId);
    if (found === undefined)
      throw new Error(`Cannot ${task} of submission "${submissionId}": the ledger does not have it`);
    return found;
  };

  const store = (submission: Submission): Submission => {
    submissions.set(submission.submissionId, submission);
    return submission;
  };

  const inTurn = (tenantId: string): Submission[] =>
    [...submissions.values()]
      .filter((found) => found.state === "waiting" && found.tenantId === tenantId)
      .sort((one, other) => (turnKey(one) < turnKey(other) ? -1 : 1));

  return {
    all: () => [...submissions.values()],
    get: async (submissionId) => submissions.get(submissionId),

    async accept(submission) {
      const outcome = acceptanceOf(submissions.get(submission.submissionId), proposedBy(submission));
      if (outcome.verdict === "accepted") store(outcome.submission);
      return outcome;
    },

    async claim(seen, leaseUntil) {
      const found = submissions.get(seen.submissionId);
      const waits = seen.state === "waiting" && found?.state === "waiting";
      const expired = seen.state === "starting" && found?.state === "starting" && found.leaseUntil === seen.leaseUntil;
      if (found === undefined || !(waits || expired)) return undefined;
      const { waitingFor: _waitingFor, ...rest } = found;
      return store({ ...rest, state: "starting", leaseUntil });
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

    async waiting(tenantId, limit) {
      return inTurn(tenantId).slice(0, limit);
    },

    countWaiting: async (tenantId) => inTurn(tenantId).length,

    async ahead({ tenantId, submissionId }) {
      return Math.max(
        0,
        inTurn(tenantId).findIndex((other) => other.submissionId === submissionId),
      );
    },

    async longestWaiting(limit) {
      const waiting = [...submissions.values()]
        .filter(({ state }) => state === "waiting")
        .sort((one, other) => (one.acceptedAt < other.acceptedAt ? -1 : 1))
        .slice(0, limit);
      return [...new Set(waiting.map(({ tenantId }) => tenantId))];
    },

    due: async (kind, now, limit) => dueBefore([...submissions.values()], kind, now).slice(0, limit),
    countDue: async (kind) => [...submissions.values()].filter((found) => dueOf(found)?.kind === kind).length,

    ...endings(stored, store, (submissionId) => submissions.get(submissionId)),

    byJobRun: async (applicationId, jobRunId) =>
      [...submissions.values()].find((found) => found.applicationId === applicationId && found.jobRunId === jobRunId),
  };
};
