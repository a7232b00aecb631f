import type { Services } from "#domain/ports.ts";
import { isForward, type JobRun } from "./job-run.ts";
import type { Submission } from "./submission.ts";

/** How often news is compared anew with what somebody else stored meanwhile. */
const tries = 3;

/** Stores what is known of an active job run, as long as it is newer: states only move forward. */
export const recordNews = async (services: Services, seen: Submission, news: JobRun): Promise<Submission> => {
  let submission = seen;
  for (let attempt = 0; attempt < tries; attempt += 1) {
    if (submission.state !== "started" || submission.jobRunId !== news.jobRunId) return submission;
    if (submission.missingSince === undefined && !isForward(submission.jobRun, news)) return submission;
    const jobRun = { ...submission.jobRun, ...news };
    const stored = await services.submissions.recordNews(submission, jobRun, services.later(services.lookMs));
    if (stored !== undefined) return stored;
    const found = await services.submissions.get(submission.submissionId);
    if (found === undefined) return submission;
    submission = found;
  }
  return submission;
};
