import { ServiceError } from "#domain/errors.ts";
import { cancelJobRun } from "#domain/submission/cancel-job-run.ts";
import { hasEnded, type JobRun } from "#domain/submission/job-run.ts";
import { publishOutbox } from "#domain/submission/publish-outbox.ts";
import { recordEnding, recordGone } from "#domain/submission/record-ending.ts";
import { recordNews } from "#domain/submission/record-news.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { msBetween } from "#domain/time.ts";
import { tokensInTime, withToken } from "#domain/turns/paced.ts";
import { lookIntervalMs } from "./look-interval.ts";
import { restoreSlot } from "./restore-slot.ts";
import { goesOn, type Looking, lookAtAll, type Sweep, worthALook } from "./swept.ts";

/** Job runs that are looked at beside each other. */
const pageSize = 25;

/** A sweep's part of GetJobRun's rate: events of ends must not find the bucket empty for as long as it goes on. */
const ownPart = 0.9;

/**
 * How long a job run that we started may be unknown to EMR Serverless before it counts as gone: its application was
 * deleted, or the runs of long ago are forgotten.
 */
const goneMs = 3_600_000;

/**
 * Asks for the job runs that nobody told of since they were due, oldest first, at the rate that GetJobRun takes. Whoever
 * puts off the next look of one looks, so that two sweeps share the work; where one stops, the next goes on.
 */
export const sweepRuns = async (sweep: Sweep): Promise<void> => {
  const { services } = sweep;
  const active = await services.submissions.countDue("started");
  const looking: Looking = {
    nextLook: () => services.later(lookIntervalMs(active, services)),
    look: async (submission) => await look(sweep, submission),
  };
  while (goesOn(sweep)) {
    const due = await services.submissions.due("started", services.now(), pageSize);
    if (due.length === 0) return;
    const open = await worthALook(sweep, due, looking);
    if (open.length === 0) continue;
    const tokens = await tokensInTime(sweep, "GetJobRun", open.length);
    if (tokens === 0) return;
    const nextPageAt = services.later((tokens * 1000) / (ownPart * services.looksPerSecond));
    await lookAtAll(sweep, open.slice(0, tokens), looking);
    if (tokens < open.length || due.length === pageSize) await services.pauseUntil(nextPageAt);
  }
};

const look = async (sweep: Sweep, submission: Submission): Promise<void> => {
  const { services, swept } = sweep;
  const now = services.now();
  swept.looks += 1;
  if (submission.outbox !== undefined) {
    await publishOutbox(services, submission);
    swept.eventsPublished += 1;
  }
  const jobRun = await jobRunOf(services, submission);
  if (jobRun === undefined) {
    const { missingSince = now, dueAt = now } = submission;
    const missing = await services.submissions.postpone(submission, dueAt, missingSince);
    if (missing === undefined || msBetween(missingSince, now) < goneMs) return;
    await recordGone(services, missing);
    swept.jobRunsGone += 1;
    return;
  }
  if (hasEnded(jobRun.state)) {
    await recordEnding(services, submission, jobRun);
    swept.endingsFound += 1;
    return;
  }
  const { state } = await recordNews(services, submission, jobRun);
  if (state === "started") await restoreSlot(sweep, submission);
  if (submission.cancelRequestedAt === undefined || jobRun.state === "CANCELLING") return;
  await cancelJobRun(services, submission);
  swept.cancelsRepeated += 1;
};

/** The job run as it is; nothing where EMR Serverless does not know it. */
const jobRunOf = async (
  services: Sweep["services"],
  { submissionId, applicationId, jobRunId }: Submission,
): Promise<JobRun | undefined> => {
  if (applicationId === undefined || jobRunId === undefined) {
    throw new Error(`Submission ${submissionId} has started without a job run, this is a bug`);
  }
  try {
    return await withToken(services, "GetJobRun", () => services.jobRuns.get(applicationId, jobRunId));
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ERR_JOB_RUN_MISSING") return undefined;
    throw error;
  }
};
