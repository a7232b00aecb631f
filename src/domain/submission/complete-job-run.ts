import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { paced } from "#domain/turns/paced.ts";
import { hasEnded, type JobRun } from "./job-run.ts";
import { recordEnding, settleEnding } from "./record-ending.ts";
import { recordNews } from "./record-news.ts";
import { frozenInput, type Submission } from "./submission.ts";

export type Completion =
  | { readonly verdict: "completed"; readonly submission: Submission }
  /** The job run goes on: a retry follows, or the event came before its time. */
  | { readonly verdict: "active"; readonly submission: Submission; readonly state: string }
  /** Somebody else's job run: it does not carry Sluice's tag. */
  | { readonly verdict: "foreign" };

/**
 * Completes the submission of a job run that is said to have ended. The event is only a hint: EMR Serverless is asked,
 * so a FAILED with attempts left does not end anything. May be called again at any time; one ending wins, and it is
 * published until that is recorded. A job run that the index does not have yet is looked up by its tag only where
 * `byTag` says that it was waited for: whoever else runs jobs in these applications would cost a GetJobRun each time.
 */
export const completeJobRun = async (
  services: Services,
  { applicationId, jobRunId }: { readonly applicationId: string; readonly jobRunId: string },
  { byTag = true }: { readonly byTag?: boolean } = {},
): Promise<Completion> => {
  const indexed = await services.submissions.byJobRun(applicationId, jobRunId);
  if (indexed?.state === "completed") return completed(await settleEnding(services, indexed));
  if (indexed === undefined && !byTag) throw unknown(jobRunId, "no submission has it yet");
  const jobRun = await paced(services, "GetJobRun", () => services.jobRuns.get(applicationId, jobRunId));
  const submission = indexed ?? (await submissionByTag(services, jobRun));
  if (submission === undefined) return { verdict: "foreign" };
  if (submission.state === "completed") return completed(await settleEnding(services, submission));
  if (!hasEnded(jobRun.state)) {
    await recordNews(services, submission, jobRun);
    return { verdict: "active", submission, state: jobRun.state };
  }
  return completed(await recordEnding(services, submission, jobRun));
};

const completed = (submission: Submission): Completion => ({ verdict: "completed", submission });

const unknown = (jobRunId: string, said: string): ServiceError =>
  new ServiceError("ERR_JOB_RUN_UNKNOWN", `Cannot complete job run "${jobRunId}": ${said}: try again later`, {
    retryAfterSeconds: 5,
  });

/**
 * The submission that a job run's tag names, for a run whose start is not recorded, or not in the index yet. A tag can be
 * put on any run by whoever may tag runs, so the rest of the run must be what this submission started: its application,
 * its tenant and its name, which carries the id.
 */
const submissionByTag = async (services: Services, jobRun: JobRun): Promise<Submission | undefined> => {
  const submissionId = jobRun.tags?.["sluice:submission"];
  if (submissionId === undefined) return undefined;
  const submission = await services.submissions.get(submissionId);
  if (submission === undefined) throw unknown(jobRun.jobRunId, `the ledger has no submission "${submissionId}" yet`);
  if (submission.input === undefined) return undefined;
  const { applicationId, name } = frozenInput(submission);
  const own = applicationId === jobRun.applicationId && name === jobRun.name;
  const unclaimed = submission.jobRunId === undefined || submission.jobRunId === jobRun.jobRunId;
  return own && unclaimed && jobRun.tags?.["sluice:tenant"] === submission.tenantId ? submission : undefined;
};
