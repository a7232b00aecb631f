import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { type Outcome, refusalOf } from "./outcome.ts";
import { publishEnding } from "./publish-ending.ts";
import { frozenInput, type Submission } from "./submission.ts";

/**
 * How long whoever starts a submission is left alone with it: longer than the SDK tries StartJobRun, shorter than
 * anybody would wait before looking after a start whose caller died.
 */
export const leaseMs = 30_000;

interface Attempt {
  /** The submission is an earlier delivery's. */
  readonly repeat?: boolean;
  /** Somebody may have called StartJobRun for it before. */
  readonly again?: boolean;
}

/**
 * Calls StartJobRun for a submission whose lease the caller holds, with the input that was frozen when it was accepted.
 * Whatever comes of the call, nothing is lost: a throttled start gives its turn back, a start without an answer stays
 * `starting`, and is tried again with the same token when its lease has run out.
 */
export const startSubmission = async (
  services: Services,
  submission: Submission,
  { repeat = false, again = false }: Attempt = {},
): Promise<Outcome> => {
  const { submissionId, tenantId } = submission;
  try {
    const { jobRunId } = await services.jobRuns.start(frozenInput(submission));
    return await started(services, submissionId, jobRunId, repeat);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === "ERR_EMR_BUSY") return await giveBack(services, submission, repeat);
    if (error.code === "ERR_EMR_CONFLICT") return await lookUp(services, submission, repeat);
    // A token that was used may be answered by a validation error: a run that exists is not a refusal.
    if (error.code === "ERR_EMR_REFUSED" && again) {
      const found = await services.jobRuns.find(frozenInput(submission), submission.acceptedAt);
      if (found !== undefined) return await started(services, submissionId, found.jobRunId, repeat);
    } else if (error.code !== "ERR_EMR_REFUSED") return { verdict: "accepted", submission, repeat };
    const refused = await services.submissions.recordRefusal(submissionId, refusalOf(error));
    if (refused.refusal === undefined) return { verdict: "started", submission: refused, repeat };
    await services.starts.leave(tenantId, [submissionId]);
    await publishEnding(services, refused);
    return { verdict: "refused", submission: refused, error, repeat };
  }
};

const started = async (
  services: Services,
  submissionId: string,
  jobRunId: string,
  repeat: boolean,
): Promise<Outcome> => {
  const submission = await services.submissions.recordStart(submissionId, { jobRunId, startedAt: services.now() });
  return { verdict: "started", submission, repeat };
};

/** AWS throttled although a token was there: somebody else uses the account's rate. The bucket learns it. */
const giveBack = async (services: Services, submission: Submission, repeat: boolean): Promise<Outcome> => {
  await services.starts.emptyBucket("StartJobRun");
  const waiting = await services.submissions.giveBack(submission, "account-rate");
  if (waiting.state === "waiting") await services.starts.giveBack(submission.tenantId, submission.submissionId);
  await services.wake();
  return { verdict: "accepted", submission: waiting, repeat };
};

/**
 * EMR Serverless knows the token with other parameters, or is busy with the same call. A new token would start a second
 * run, so there is none: the run is looked up by the name that carries the submission id. What is not found stays
 * `starting` and is looked up again.
 */
const lookUp = async (services: Services, submission: Submission, repeat: boolean): Promise<Outcome> => {
  const { taken } = await services.starts.takeTokens("ListJobRuns", 1, "dispatcher");
  if (taken === 0) return { verdict: "accepted", submission, repeat };
  const found = await services.jobRuns.find(frozenInput(submission), submission.acceptedAt);
  return found === undefined
    ? { verdict: "accepted", submission, repeat }
    : await started(services, submission.submissionId, found.jobRunId, repeat);
};
