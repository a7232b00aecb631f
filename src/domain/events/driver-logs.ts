import type { StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRun } from "#domain/submission/job-run.ts";

/** S3 URIs of what the driver of a job run wrote. They are written after the end: seconds may pass until they are there. */
export interface DriverLogs {
  readonly stdout: string;
  readonly stderr: string;
}

/** Where attempts have folders of their own (Amazon EMR Serverless User Guide, "Job resiliency"). */
const hasAttempts = ({ mode, retryPolicy }: StartJobRunInput): boolean =>
  mode === "STREAMING" || (retryPolicy?.maxAttempts ?? 1) > 1;

/**
 * The logs of the driver, where they go to S3 (Amazon EMR Serverless User Guide, "Storing logs"); nothing where only the
 * application or another destination has them.
 */
export const driverLogs = (
  input: StartJobRunInput,
  { applicationId, jobRunId, attempt = 1 }: Pick<JobRun, "applicationId" | "jobRunId" | "attempt">,
): DriverLogs | undefined => {
  const logUri = input.configurationOverrides?.monitoringConfiguration?.s3MonitoringConfiguration?.logUri;
  if (logUri === undefined) return undefined;
  const run = `${logUri.replace(/\/$/, "")}/applications/${applicationId}/jobs/${jobRunId}`;
  const folder = hasAttempts(input) ? `${run}/attempts/${attempt}` : run;
  const driver = `${folder}/${input.jobDriver.hive === undefined ? "SPARK_DRIVER" : "HIVE_DRIVER"}`;
  return { stdout: `${driver}/stdout.gz`, stderr: `${driver}/stderr.gz` };
};
