import {
  type EMRServerlessClient,
  GetJobRunCommand,
  type JobDriver as StartedJobDriver,
  StartJobRunCommand,
} from "@aws-sdk/client-emr-serverless";
import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRuns } from "#domain/ports.ts";
import { getFailure, startFailure } from "./emr-failure.ts";
import { jobRunOf } from "./emr-job-run.ts";

/** The SDK's union wants the one member alone. */
const driverOf = ({ sparkSubmit, hive }: StartJobRunInput["jobDriver"]): StartedJobDriver | undefined => {
  if (sparkSubmit !== undefined) return { sparkSubmit };
  return hive === undefined ? undefined : { hive };
};

/** EMR Serverless. It has no checks of its own: what is frozen in the input is what is sent. */
export const emrJobRuns = (client: EMRServerlessClient): JobRuns => ({
  async start(input) {
    try {
      const command = new StartJobRunCommand({ ...input, jobDriver: driverOf(input.jobDriver) });
      const { jobRunId } = await client.send(command);
      if (jobRunId === undefined)
        throw new Error(`StartJobRun of "${input.clientToken}" answered without a job run id`);
      return { jobRunId };
    } catch (error) {
      throw startFailure(error, input);
    }
  },

  async get(applicationId, jobRunId) {
    try {
      const { jobRun } = await client.send(new GetJobRunCommand({ applicationId, jobRunId }));
      return jobRunOf({ applicationId, jobRunId }, jobRun);
    } catch (error) {
      throw getFailure(error, applicationId, jobRunId);
    }
  },
});
