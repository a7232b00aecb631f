import { type ErrorCode, isPassing, ServiceError } from "#domain/errors.ts";
import { startedEvent } from "#domain/events/started-event.ts";
import type { Services } from "#domain/ports.ts";
import { msBetween } from "#domain/time.ts";
import { slotOf } from "#domain/turns/slot.ts";
import { findJobRun } from "./find-job-run.ts";
import type { Outcome } from "./outcome.ts";
import { publishOutbox } from "./publish-outbox.ts";
import { refuseSubmission } from "./refuse-submission.ts";
import { settleRefusal } from "./settle-refusal.ts";
import { restMs, type StartError } from "./start-error.ts";
import { frozenInput, type Submission } from "./submission.ts";

/**
 * How long whoever starts a submission is left alone with it: longer than the SDK tries StartJobRun, shorter than
 * anybody would wait before looking after a start whose caller died.
 */
export const leaseMs = 30_000;

/** What is known of earlier calls for a submission. */
export type Earlier = Pick<StartError, "since" | "mayRunSince">;

/** Looks for the job run of an earlier call. */
export type Find = (submission: Submission) => Promise<string | undefined>;

interface Attempt {
  readonly services: Services;
  readonly submission: Submission;
  /** The submission is an earlier delivery's. */
  readonly repeat: boolean;
  readonly earlier: Partial<Earlier>;
}

/**
 * Calls StartJobRun for a submission whose lease the caller holds, with the input that was frozen when it was accepted.
 * Whatever comes of the call, nothing is lost: a throttled start gives its turn back, and any other that is not made
 * stays `starting`, and is tried again with the same token when its lease has run out.
 */
export const startSubmission = async (
  services: Services,
  submission: Submission,
  { repeat = false, earlier = {}, find }: Partial<Pick<Attempt, "repeat" | "earlier">> & { readonly find?: Find } = {},
): Promise<Outcome> => {
  const attempt = { services, submission, repeat, earlier };
  if (!isInDoubt(earlier, services.now())) return await call(attempt);
  const found = await findOrLeave(attempt, find);
  const { mayRunSince: _noneWasMade, ...rest } = earlier;
  if (found === undefined) return await call({ ...attempt, earlier: rest });
  // It was not called.
  await services.starts.returnTokens("StartJobRun", 1);
  return found;
};

/**
 * How long EMR Serverless is trusted to know a client token again, which it does not say; 5 minutes are the least that AWS
 * says of any (SQS). After that, a call that may have made a job run is not repeated before one was looked for by name.
 */
const tokenMs = 300_000;

/** A job run has to be looked for before the call is made again. */
export const isInDoubt = ({ mayRunSince }: Partial<Earlier>, now: string): boolean =>
  mayRunSince !== undefined && msBetween(mayRunSince, now) >= tokenMs;

/** What an earlier call came to, for one that is not to be called now; nothing where it made no job run. */
export const findStart = async (
  services: Services,
  submission: Submission,
  { repeat, earlier }: Pick<Attempt, "repeat" | "earlier">,
): Promise<Outcome | undefined> =>
  earlier.mayRunSince === undefined ? undefined : await findOrLeave({ services, submission, repeat, earlier });

const call = async (attempt: Attempt): Promise<Outcome> => {
  const { services, submission } = attempt;
  try {
    const { jobRunId } = await services.jobRuns.start(frozenInput(submission));
    return await started(attempt, jobRunId);
  } catch (error) {
    if (error instanceof ServiceError) return await afterError(attempt, error);
    // Where this is not stored, the lease runs out by itself; the error is what has to be told.
    await putOff(mayRun(attempt), undefined).catch(() => undefined);
    throw error;
  }
};

/** The attempt, as one that may have made a job run. */
const mayRun = (attempt: Attempt): Attempt => {
  const { mayRunSince = attempt.services.now() } = attempt.earlier;
  return { ...attempt, earlier: { ...attempt.earlier, mayRunSince } };
};

/** Lets a submission rest: the longer, the longer it was tried in vain. */
const putOff = async ({ services, submission, earlier }: Attempt, code: ErrorCode | undefined): Promise<Submission> => {
  const now = services.now();
  const { since = now, mayRunSince } = earlier;
  const startError = { since, ...(code !== undefined && { code }), ...(mayRunSince !== undefined && { mayRunSince }) };
  const restUntil = services.later(restMs(startError, now));
  return (await services.submissions.claim(submission, restUntil, startError)) ?? submission;
};

const unconfirmed = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  const submission = await putOff(attempt, error.code);
  return { verdict: "accepted", submission, repeat: attempt.repeat, error };
};

const afterError = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  switch (error.code) {
    case "ERR_EMR_BUSY":
      return await giveBack(attempt, error);
    // EMR Serverless knows the token with other parameters, or is busy with the same call. A new token would start a
    // second run, so there is none.
    case "ERR_EMR_CONFLICT":
      return (await findOrLeave(mayRun(attempt))) ?? (await unconfirmed(mayRun(attempt), error));
    case "ERR_EMR_REFUSED":
      return await afterRefusal(attempt, error);
    case "ERR_EMR_DOWN":
      return await unconfirmed(mayRun(attempt), error);
    // The job run is there, and could not be stored: soon somebody calls again, and gets the same one.
    case "ERR_LEDGER_DOWN":
      return { verdict: "accepted", submission: attempt.submission, repeat: attempt.repeat, error };
    // Denied, or no such application: an operator has to mend it, and trying more often would only use up tokens.
    default:
      return await unconfirmed(attempt, error);
  }
};

/** How long a call without an answer may be on its way: it has been given up after 16 s, and tries are ever further apart. */
const onItsWayMs = 90_000;

/**
 * A token that was used may be answered by a validation error as well: a run that exists is not a refusal. Nor is it one for
 * good while an earlier call may still arrive.
 */
const afterRefusal = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  const { mayRunSince } = attempt.earlier;
  if (mayRunSince === undefined) return await refuse(attempt, error);
  const found = await findOrLeave(attempt);
  if (found !== undefined) return found;
  const onItsWay = msBetween(mayRunSince, attempt.services.now()) < onItsWayMs;
  return onItsWay ? await unconfirmed(attempt, error) : await refuse(attempt, error);
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

/** Records the job run that an earlier call made. Where that cannot be known now, the submission rests. */
const findOrLeave = async (attempt: Attempt, find?: Find): Promise<Outcome | undefined> => {
  const { services, submission } = attempt;
  try {
    const jobRunId = await (find === undefined ? findJobRun(services, submission) : find(submission));
    return jobRunId === undefined ? undefined : await started(attempt, jobRunId);
  } catch (error) {
    if (!(error instanceof ServiceError) || !isPassing(error)) throw error;
    return await unconfirmed(attempt, error);
  }
};

const refuse = async ({ services, submission, repeat }: Attempt, error: ServiceError): Promise<Outcome> => {
  const stored = await refuseSubmission(services, submission, error);
  // Another attempt was refused as well, and its submission gave way: this one's ending was told then.
  if (stored.acceptance !== submission.acceptance) return { verdict: "refused", error, repeat };
  // Another delivery started it meanwhile: its job run is what became of the submission.
  if (stored.refusal === undefined) return { verdict: "started", submission: stored, repeat };
  await settleRefusal(services, stored);
  return { verdict: "refused", submission: stored, error, repeat };
};

/**
 * AWS throttled although a token was there: somebody else uses the account's rate, and the bucket learns it. The turn is
 * given back only where no earlier call may have made a job run: what waits may be cancelled. The slot goes first, as long
 * as nobody else may claim the submission.
 */
const giveBack = async (attempt: Attempt, error: ServiceError): Promise<Outcome> => {
  const { services, submission, repeat, earlier } = attempt;
  await services.starts.emptyBucket("StartJobRun");
  const late = (submission.leaseUntil ?? "") <= services.now();
  if (late || earlier.mayRunSince !== undefined) return await unconfirmed(attempt, error);
  await services.starts.giveBack(submission.tenantId, slotOf(submission));
  const waiting = await services.submissions.giveBack(submission, "account-rate");
  await services.wake();
  return { verdict: "accepted", submission: waiting, repeat };
};
