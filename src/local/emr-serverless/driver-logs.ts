import { gzipSync } from "node:zlib";
import type { JobRunAttempt } from "./job-runner.ts";

export type PutObject = (bucket: string, key: string, bytes: Buffer) => Promise<void>;

export interface LogObject {
  readonly bucket: string;
  readonly key: string;
  readonly bytes: Buffer;
}

/**
 * The driver's logs, gzipped, where EMR Serverless puts them:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/logging.html
 * Attempts have folders of their own when retries are on, and in every streaming job (same guide, jobs-resiliency).
 * Nothing when the job run has no log URI.
 */
export function driverLogs(
  attempt: JobRunAttempt,
  streams: Readonly<Record<"stdout" | "stderr", Buffer>>,
): LogObject[] {
  const { configurationOverrides, retryPolicy, mode, jobDriver } = attempt.input;
  const { logUri } = configurationOverrides?.monitoringConfiguration?.s3MonitoringConfiguration ?? {};
  const [, bucket, prefix = ""] = /^s3:\/\/([^/]+)\/?(.*?)\/?$/.exec(logUri ?? "") ?? [];
  if (bucket === undefined) return [];
  const attempts = retryPolicy !== undefined || mode === "STREAMING" ? [`attempts/${attempt.attempt}`] : [];
  const folder = [
    ...(prefix === "" ? [] : [prefix]),
    `applications/${attempt.applicationId}/jobs/${attempt.jobRunId}`,
    ...attempts,
    jobDriver?.hive ? "HIVE_DRIVER" : "SPARK_DRIVER",
  ].join("/");
  return Object.entries(streams).map(([name, bytes]) => ({
    bucket,
    key: `${folder}/${name}.gz`,
    bytes: gzipSync(bytes),
  }));
}
