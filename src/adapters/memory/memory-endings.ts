import type { JobRun } from "#domain/submission/job-run.ts";
import type { Told } from "#domain/submission/outbox.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";

type Endings = Pick<
  Submissions,
  | "recordStart"
  | "recordRefusal"
  | "postpone"
  | "recordNews"
  | "requestCancel"
  | "recordEnd"
  | "recordGone"
  | "recordCost"
  | "recordPublished"
  | "recordDone"
  | "replaceTask"
>;

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const strangeEnd = ({ submissionId, state, applicationId = "none", jobRunId = "none" }: Submission, jobRun: JobRun) =>
  new Error(
    `Cannot record the end of submission "${submissionId}" by job run "${jobRun.jobRunId}" of application "${jobRun.applicationId}": it is ${state}, with job run "${jobRunId}" of application "${applicationId}"`,
  );

/** Whether the task that waits is the one that was told: it waits for the end alone. */
const isTold = (found: Submission, { kind, taskToken }: Parameters<Submissions["recordPublished"]>[1]): boolean =>
  kind !== "ending" || found.taskToken === taskToken;

const withoutTask = (submission: Submission, kind: Told): Submission => {
  const { taskToken: _told, ...rest } = submission;
  return kind === "ending" ? rest : submission;
};

/** What becomes of a submission from its start on, in memory. `stored` throws where there is none. */
export const endings = (
  stored: (submissionId: string, task: string) => Submission,
  store: (submission: Submission) => Submission,
  find: (submissionId: string) => Submission | undefined,
): Endings => ({
  async recordStart({ submissionId }, started, event) {
    const found = stored(submissionId, "record the start");
    if (found.state !== "starting") return found;
    return store({
      ...found,
      ...started,
      state: "started",
      ...(event !== undefined && { outbox: { started: event } }),
    });
  },

  async recordRefusal({ submissionId, acceptance }, refusal, { event, dueAt }) {
    const found = stored(submissionId, "record the refusal");
    if (found.state !== "starting" || found.acceptance !== acceptance) return found;
    return store({ ...found, refusal, state: "refused", outbox: { ending: event }, dueAt });
  },

  async postpone(seen, dueAt, missingSince) {
    const found = find(seen.submissionId);
    if (found === undefined || found.state !== seen.state || found.dueAt !== seen.dueAt) return undefined;
    return store({ ...found, dueAt, ...(missingSince !== undefined && { missingSince }) });
  },

  async recordNews(seen, jobRun, dueAt) {
    const found = find(seen.submissionId);
    if (found?.state !== "started" || found.jobRunId !== jobRun.jobRunId || !same(found.jobRun, seen.jobRun)) {
      return undefined;
    }
    const { missingSince: _missingSince, ...rest } = found;
    return store({ ...rest, jobRun, dueAt });
  },

  async requestCancel(submissionId, cancelRequestedAt) {
    const found = stored(submissionId, "record that the job run is to be cancelled");
    if (found.state !== "started" || found.cancelRequestedAt !== undefined) return found;
    return store({ ...found, cancelRequestedAt, dueAt: cancelRequestedAt });
  },

  async recordEnd(submissionId, { jobRun, completedAt, reason }, { event, dueAt }) {
    const found = stored(submissionId, "record the end");
    if (found.state === "completed") return found;
    const { applicationId, jobRunId } = jobRun;
    const awaited = found.state === "starting" || (found.state === "started" && found.jobRunId === jobRunId);
    if (!awaited || found.applicationId !== applicationId) throw strangeEnd(found, jobRun);
    const startedAt = found.startedAt ?? jobRun.createdAt;
    const ended = { state: "completed", jobRunId, startedAt, jobRun, completedAt, reason } as const;
    return store({ ...found, ...ended, outbox: { ...found.outbox, ending: event }, dueAt });
  },

  async recordGone({ submissionId }, completedAt, { event, dueAt }) {
    const found = stored(submissionId, "record the end");
    if (found.state !== "started" || found.missingSince === undefined) return found;
    const outbox = { ...found.outbox, ending: event };
    return store({ ...found, state: "completed", completedAt, reason: "JOB_RUN_GONE", outbox, dueAt });
  },

  async recordCost(seen, jobRun, { event, dueAt }) {
    const found = find(seen.submissionId);
    const fresh = found?.state === "completed" && found.outbox?.cost === undefined && same(found.jobRun, seen.jobRun);
    return fresh ? store({ ...found, jobRun, outbox: { ...found.outbox, cost: event }, dueAt }) : undefined;
  },

  async recordPublished(submissionId, published, { dueAt, expiresAt } = {}) {
    const { kind, event, publishedAt, taskToken } = published;
    const found = find(submissionId);
    if (found === undefined || !same(found.outbox?.[kind], event) || !isTold(found, published)) return;
    const { outbox: { [kind]: _event, started, ...others } = {}, dueAt: due, ...rest } = withoutTask(found, kind);
    const left = { ...others, ...(kind === "cost" && started !== undefined && { started }) };
    const next = expiresAt === undefined ? (dueAt ?? due) : undefined;
    store({
      ...rest,
      ...(kind === "ending" && { publishedAt, ...(taskToken !== undefined && { toldEvent: event }) }),
      ...(Object.keys(left).length > 0 && { outbox: left }),
      ...(next !== undefined && { dueAt: next }),
      ...(expiresAt !== undefined && { expiresAt }),
    });
  },

  async recordDone(seen, expiresAt) {
    const found = find(seen.submissionId);
    if (found?.state !== seen.state || found.dueAt !== seen.dueAt || found.outbox !== undefined) return;
    const { dueAt: _dueAt, ...rest } = found;
    store({ ...rest, expiresAt });
  },

  async replaceTask({ submissionId, acceptance }, taskToken) {
    const found = stored(submissionId, "record the task");
    if (found.acceptance !== acceptance || found.publishedAt !== undefined) return found;
    return store({ ...found, taskToken });
  },
});
