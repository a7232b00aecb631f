import type { Acceptance, Submissions } from "#domain/ports.ts";
import { acceptanceAfter, judgeTaken } from "#domain/submission/acceptance.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";

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

    async cancel(submissionId, cancelledAt) {
      const found = stored(submissionId, "record the cancellation");
      if (found.state !== "waiting") return { verdict: "late", submission: found };
      const { waitingFor: _waitingFor, ...rest } = found;
      return { verdict: "cancelled", submission: store({ ...rest, state: "cancelled", cancelledAt }) };
    },

    async waiting(tenantId, limit) {
      return inTurn(tenantId).slice(0, limit);
    },

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

    async expired(now, limit) {
      return [...submissions.values()]
        .filter(({ state, leaseUntil = "" }) => state === "starting" && leaseUntil < now)
        .sort((one, other) => ((one.leaseUntil ?? "") < (other.leaseUntil ?? "") ? -1 : 1))
        .slice(0, limit);
    },

    async recordStart({ submissionId }, started) {
      const found = stored(submissionId, "record the start");
      return found.state === "starting" ? store({ ...found, ...started, state: "started" }) : found;
    },

    async recordRefusal({ submissionId, acceptance }, refusal) {
      const found = stored(submissionId, "record the refusal");
      return found.state === "starting" && found.acceptance === acceptance
        ? store({ ...found, refusal, state: "refused" })
        : found;
    },

    async recordEnd(submissionId, { jobRun, completedAt }) {
      const found = stored(submissionId, "record the end");
      if (found.state === "completed") return found;
      const { applicationId, jobRunId } = jobRun;
      const awaited = found.state === "starting" || (found.state === "started" && found.jobRunId === jobRunId);
      if (!awaited || found.applicationId !== applicationId) {
        const message = `Cannot record the end of submission "${submissionId}" by job run "${jobRunId}" of application "${applicationId}": it is ${found.state}, with job run "${found.jobRunId ?? "none"}" of application "${found.applicationId ?? "none"}"`;
        throw new Error(message);
      }
      const startedAt = found.startedAt ?? jobRun.createdAt;
      return store({ ...found, state: "completed", jobRunId, startedAt, jobRun, completedAt });
    },

    async recordPublished({ submissionId, state, fingerprint, acceptedAt }, publishedAt) {
      const found = submissions.get(submissionId);
      if (found?.state !== state || found.fingerprint !== fingerprint || found.acceptedAt !== acceptedAt) return;
      store({ publishedAt, ...found });
    },

    byJobRun: async (applicationId, jobRunId) =>
      [...submissions.values()].find((found) => found.applicationId === applicationId && found.jobRunId === jobRunId),
  };
};
