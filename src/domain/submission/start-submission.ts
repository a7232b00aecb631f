import { isPassing, ServiceError } from "#domain/errors.ts";
import { refusedEvent } from "#domain/events/ending-event.ts";
import { startedEvent } from "#domain/events/started-event.ts";
import type { Services } from "#domain/ports.ts";
import { paced } from "#domain/turns/paced.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { type Outcome, refusalOf } from "./outcome.ts";
import { publishOutbox, publishSoonMs } from "./publish-outbox.ts";
import { settleRefusal } from "./settle-refusal.ts";
import { frozenInput, type Submission } from "./submission.ts";

/**
 * How long whoever starts a submission is left alone with it: longer than the SDK tries StartJobRun, shorter than
 * anybody would wait before looking after a start whose caller died.
 */
export const leaseMs = 30_000;

interface Attempt {
  readonly services: Services;
  readonly submission: Submission;
  /** The submission is an earlier delivery's. */
  readonly repeat: boolean;
  /** Somebody may have called StartJobRun for it before. */
  readonly again: boolean;
}

/**
 * Calls StartJobRun for a submission whose lease the caller holds, with the input that was frozen when it was accepted.
 * Whatever comes of the call, nothing is lost: a throttled start gives its turn back, a start without an answer stays
 * `starting`, and is tried again with the same token when its lease has run out.
 */
export const startSubmission = async (
  services: Services,
  submission: Submission,
  { repeat = false, again = false }: Partial<Pick<Attempt, "repeat" | "again">> = {},
): Promise<Outcome> => {
  const attempt = { services, submission, repeat, again };
  try {
    const { jobRunId } = await services.jobRuns.start(frozenInput(submission));
    return await started(attempt, jobRunId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return await afterError(attempt, error);
  }
};

/** A call that failed for good leaves nobody at work on the submission: it is tried again sooner than after a crash. */
const retryMs = 5_000;

const unanswered = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  const { services, submission } = attempt;
  const released = await services.submissions.claim(submission, services.later(retryMs));
  return unconfirmed({ ...attempt, submission: released ?? submission }, error);
};

const unconfirmed = ({ submission, repeat }: Attempt, error: ServiceError): Outcome => ({
  verdict: "accepted",
  submission,
  repeat,
  error,
});

const afterError = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  switch (error.code) {
    case "ERR_EMR_BUSY":
      return await giveBack(attempt, error);
    // EMR Serverless knows the token with other parameters, or is busy with the same call. A new token would start a
    // second run, so there is none.
    case "ERR_EMR_CONFLICT":
      return (await findOrLeave(attempt)) ?? unconfirmed(attempt, error);
    // A token that was used may be answered by a validation error as well: a run that exists is not a refusal.
    case "ERR_EMR_REFUSED":
      return (attempt.again ? await findOrLeave(attempt) : undefined) ?? (await refuse(attempt, error));
    case "ERR_EMR_DOWN":
      return await unanswered(attempt, error);
    // Denied, or no such application: an operator has to mend it, and trying more often would only use up tokens.
    default:
      return unconfirmed(attempt, error);
  }
};

const started = async ({ services, submission, repeat }: Attempt, jobRunId: string): Promise<Outcome> => {
  const now = { jobRunId, startedAt: services.now() };
  const event = submission.tellStart === true ? startedEvent(submission, now, services.digest) : undefined;
  const record = { ...now, dueAt: services.later(services.lookMs) };
  const stored = await services.submissions.recordStart(submission, record, event);
  const outcome = { verdict: "started", submission: stored, repeat } as const;
  if (stored.state !== "started" || stored.outbox === undefined) return outcome;
  try {
    await publishOutbox(services, stored);
    return outcome;
  } catch (error) {
    // The job runs, and the event is stored: who looks after the submission publishes it.
    if (!(error instanceof ServiceError)) throw error;
    return { ...outcome, error };
  }
};

/** Pages of job runs that are looked through at most: the newest come first, and whoever finds nothing looks again. */
const mostPages = 20;

/** The job run of an earlier call, by the name that carries the submission id. */
const find = async ({ services, submission }: Attempt): Promise<string | undefined> => {
  const input = frozenInput(submission);
  let page: string | undefined;
  for (let looked = 0; looked < mostPages; looked += 1) {
    const look = async () => await services.jobRuns.find(input, submission.acceptedAt, page);
    const { jobRunId, nextPage } = await paced(services, "ListJobRuns", look);
    if (jobRunId !== undefined || nextPage === undefined) return jobRunId;
    page = nextPage;
  }
  return undefined;
};

/** Records the job run that an earlier call made. Where that cannot be known now, the submission stays as it is. */
const findOrLeave = async (attempt: Attempt): Promise<Outcome | undefined> => {
  try {
    const jobRunId = await find(attempt);
    return jobRunId === undefined ? undefined : await started(attempt, jobRunId);
  } catch (error) {
    if (!(error instanceof ServiceError) || !isPassing(error)) throw error;
    return unconfirmed(attempt, error);
  }
};

const refuse = async ({ services, submission, repeat }: Attempt, error: ServiceError): Promise<Outcome> => {
  const refusal = refusalOf(error);
  const event = refusedEvent({ ...submission, state: "refused", refusal });
  const telling = { event, dueAt: services.later(publishSoonMs) };
  const stored = await services.submissions.recordRefusal(submission, refusal, telling);
  // Another attempt was refused as well, and its submission gave way: this one's ending was told then.
  if (stored.acceptance !== submission.acceptance) return { verdict: "refused", error, repeat };
  // Another delivery started it meanwhile: its job run is what became of the submission.
  if (stored.refusal === undefined) return { verdict: "started", submission: stored, repeat };
  await settleRefusal(services, stored);
  return { verdict: "refused", submission: stored, error, repeat };
};

/**
 * AWS throttled although a token was there: somebody else uses the account's rate, and the bucket learns it. The turn is
 * given back only where this was the first call: an earlier one may have made a job run, and what waits may be
 * cancelled. The slot goes first, as long as nobody else may claim the submission.
 */
const giveBack = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  const { services, submission, repeat, again } = attempt;
  await services.starts.emptyBucket("StartJobRun");
  if (again || (submission.leaseUntil ?? "") <= services.now()) return unconfirmed(attempt, error);
  await services.starts.giveBack(submission.tenantId, slotOf(submission));
  const waiting = await services.submissions.giveBack(submission, "account-rate");
  await services.wake();
  return { verdict: "accepted", submission: waiting, repeat };
};
