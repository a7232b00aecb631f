import type { JobRun as DescribedJobRun, ResourceUtilization } from "@aws-sdk/client-emr-serverless";
import type { JobRun, Utilization } from "#domain/submission/job-run.ts";
import { present } from "./present.ts";

/** The totals and the billed amounts have the same three members, each of them optional. */
const utilizationOf = (utilization: ResourceUtilization | undefined): Utilization | undefined =>
  utilization === undefined
    ? undefined
    : present({
        vCPUHour: utilization.vCPUHour,
        memoryGBHour: utilization.memoryGBHour,
        storageGBHour: utilization.storageGBHour,
      });

/** GetJobRun's answer without what is the job's own: its driver, its policy and its overrides stay where they are. */
export const jobRunOf = (
  asked: { readonly applicationId: string; readonly jobRunId: string },
  jobRun: DescribedJobRun | undefined,
): JobRun => {
  if (jobRun?.state === undefined || jobRun.arn === undefined || jobRun.createdAt === undefined) {
    throw new Error(`GetJobRun of "${asked.jobRunId}" answered without a state, an ARN or a time of creation`);
  }
  return present({
    ...asked,
    arn: jobRun.arn,
    name: jobRun.name,
    state: jobRun.state,
    stateDetails: jobRun.stateDetails,
    attempt: jobRun.attempt,
    mode: jobRun.mode,
    releaseLabel: jobRun.releaseLabel,
    createdAt: jobRun.createdAt.toISOString(),
    updatedAt: jobRun.updatedAt?.toISOString(),
    startedAt: jobRun.startedAt?.toISOString(),
    endedAt: jobRun.endedAt?.toISOString(),
    queuedDurationMilliseconds: jobRun.queuedDurationMilliseconds,
    totalExecutionDurationSeconds: jobRun.totalExecutionDurationSeconds,
    totalResourceUtilization: utilizationOf(jobRun.totalResourceUtilization),
    billedResourceUtilization: utilizationOf(jobRun.billedResourceUtilization),
    tags: jobRun.tags,
  });
};
