import {
  CancelJobRunCommand,
  type EMRServerlessClient,
  GetJobRunCommand,
  ListJobRunsCommand,
  type JobDriver as StartedJobDriver,
  StartJobRunCommand,
} from "@aws-sdk/client-emr-serverless";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRunPage, JobRuns } from "#domain/ports.ts";
import { nameOf } from "./aws-failure.ts";
import { cancelFailure, findFailure, getFailure, startFailure } from "./emr-failure.ts";
import { jobRunOf } from "./emr-job-run.ts";
import { present } from "./present.ts";

/** The SDK's union wants the one member alone. */
const driverOf = ({ sparkSubmit, hive }: StartJobRunInput["jobDriver"]): StartedJobDriver | undefined => {
  if (sparkSubmit !== undefined) return { sparkSubmit };
  return hive === undefined ? undefined : { hive };
};

/** Its clock and ours may differ, and a job run that is created later than it was asked for does no harm. */
const clockSkewMs = 60_000;

/** Job runs a page, at most (Amazon EMR Serverless API Reference, "ListJobRuns"). */
const pageSize = 50;

/** ListJobRuns has no filter by name, tag or token: the job runs of that time are compared by name. */
const pageOf = async (
  client: EMRServerlessClient,
  { applicationId, mode = "BATCH" }: StartJobRunInput,
  createdAtAfter: Date,
  page: string | undefined,
): Promise<JobRunPage> => {
  const asked = { applicationId, mode, createdAtAfter, maxResults: pageSize, nextToken: page };
  const { jobRuns = [], nextToken: nextPage } = await client.send(new ListJobRunsCommand(asked));
  const jobRunIds = new Map(
    jobRuns.flatMap(({ name, id }) => (name === undefined || id === undefined ? [] : [[name, id]])),
  );
  return present({ jobRunIds, nextPage });
};

/**
 * EMR Serverless. It has no checks of its own: what is frozen in the input is what is sent. The client that starts job
 * runs must try a call once only: after a call without an answer, a throttled second one would look as if nothing ran.
 */
export const emrJobRuns = (startClient: EMRServerlessClient, reads = () => startClient): JobRuns => ({
  async start(input) {
    try {
      const command = new StartJobRunCommand({ ...input, jobDriver: driverOf(input.jobDriver) });
      const { jobRunId } = await startClient.send(command);
      if (jobRunId === undefined)
        throw new Error(`StartJobRun of "${input.clientToken}" answered without a job run id`);
      return { jobRunId };
    } catch (error) {
      throw startFailure(error, input);
    }
  },

  async get(applicationId, jobRunId) {
    try {
      const { jobRun } = await reads().send(new GetJobRunCommand({ applicationId, jobRunId }));
      return jobRunOf({ applicationId, jobRunId }, jobRun);
    } catch (error) {
      throw getFailure(error, applicationId, jobRunId);
    }
  },

  async cancel(applicationId, jobRunId) {
    try {
      await reads().send(new CancelJobRunCommand({ applicationId, jobRunId }));
    } catch (error) {
      // A job run that has ended is not in a state to be cancelled. Which error says so is not documented for it.
      if (nameOf(error) === "ValidationException" || nameOf(error) === "ConflictException") return;
      throw cancelFailure(error, applicationId, jobRunId);
    }
  },

  async list(input, since, page) {
    try {
      return await pageOf(reads(), input, new Date(Date.parse(since) - clockSkewMs), page);
    } catch (error) {
      throw findFailure(error, input);
    }
  },
});
