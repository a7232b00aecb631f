import type { Services } from "#domain/ports.ts";
import type { JobRun } from "./job-run.ts";
import { recordNews } from "./record-news.ts";
import type { Submission } from "./submission.ts";

/** Stores what an event says of an active job run; nothing where no submission has that job run yet. */
export const learnOfJobRun = async (
  services: Services,
  { applicationId, jobRunId }: Pick<JobRun, "applicationId" | "jobRunId">,
  news: JobRun | undefined,
): Promise<Submission | undefined> => {
  const submission = await services.submissions.byJobRun(applicationId, jobRunId);
  return submission === undefined || news === undefined ? submission : await recordNews(services, submission, news);
};
