import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { paced } from "#domain/turns/paced.ts";
import { frozenInput, type Submission } from "./submission.ts";

/** Pages of job runs that are looked through at most: the newest come first, and whoever finds nothing looks again. */
export const mostPages = 20;

/**
 * The job run of an earlier call, by the name that carries the submission id. ERR_EMR_CONFLICT where too many came after it
 * to tell: then an operator has to look.
 */
export const findJobRun = async (services: Services, submission: Submission): Promise<string | undefined> => {
  const input = frozenInput(submission);
  let page: string | undefined;
  for (let looked = 0; looked < mostPages; looked += 1) {
    const look = async () => await services.jobRuns.list(input, submission.acceptedAt, page);
    const { jobRunIds, nextPage } = await paced(services, "ListJobRuns", look);
    const jobRunId = jobRunIds.get(input.name);
    if (jobRunId !== undefined || nextPage === undefined) return jobRunId;
    page = nextPage;
  }
  throw tooMany(submission);
};

export const tooMany = (submission: Submission): ServiceError => {
  const input = frozenInput(submission);
  const message = `Cannot tell whether submission "${submission.submissionId}" has a job run: application "${input.applicationId}" has more than ${mostPages} pages of newer ones: look for one of name "${input.name}"`;
  return new ServiceError("ERR_EMR_CONFLICT", message);
};
