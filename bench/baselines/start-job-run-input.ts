import type { StartJobRunCommandInput } from "@aws-sdk/client-emr-serverless";

/** A StartJobRun input as a function without tenants would send it. */
export const startJobRunInput = (applicationId: string, clientToken: string): StartJobRunCommandInput => ({
  applicationId,
  clientToken,
  executionRoleArn: "arn:aws:iam::111122223333:role/sluice/jobs/initech",
  jobDriver: {
    sparkSubmit: {
      entryPoint: "s3://initech-jobs/daily_load.py",
      entryPointArguments: ["--date", "2026-11-21", "--feed", "orders"],
      sparkSubmitParameters: "--conf spark.sql.shuffle.partitions=16",
    },
  },
  executionTimeoutMinutes: 60,
  name: "daily-load",
});
