import { expect, test } from "vitest";
import { driverLogs } from "#domain/events/driver-logs.ts";
import { sampleInput, sampleJobRun } from "#test/helpers/submission.ts";

const toS3 = (logUri: string) => ({ monitoringConfiguration: { s3MonitoringConfiguration: { logUri } } });
const jobRun = sampleJobRun();
const folder = "s3://logs/acme/applications/00f1/jobs/00run1";

test.each([
  ["of Spark", {}, `${folder}/SPARK_DRIVER`],
  [
    "under a log URI that ends with a slash",
    { configurationOverrides: toS3("s3://logs/acme/") },
    `${folder}/SPARK_DRIVER`,
  ],
  ["of Hive", { jobDriver: { hive: { query: "s3://jobs/a.sql" } } }, `${folder}/HIVE_DRIVER`],
  [
    "of the attempt where there may be several",
    { retryPolicy: { maxAttempts: 3 } },
    `${folder}/attempts/2/SPARK_DRIVER`,
  ],
  ["of a stream, which always has attempts", { mode: "STREAMING" as const }, `${folder}/attempts/2/SPARK_DRIVER`],
  ["of a job that is tried once", { retryPolicy: { maxAttempts: 1 } }, `${folder}/SPARK_DRIVER`],
])("driverLogs() are those %s", (_what, own, driver) => {
  const input = sampleInput({ configurationOverrides: toS3("s3://logs/acme"), ...own });
  expect(driverLogs(input, { ...jobRun, attempt: 2 })).toEqual({
    stdout: `${driver}/stdout.gz`,
    stderr: `${driver}/stderr.gz`,
  });
});

test("driverLogs() are nothing where the job's logs do not go to S3", () => {
  expect(driverLogs(sampleInput(), jobRun)).toBeUndefined();
});
