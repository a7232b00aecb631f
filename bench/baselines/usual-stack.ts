import { IdempotencyConfig } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import { EMRServerlessClient, StartJobRunCommand } from "@aws-sdk/client-emr-serverless";
import * as z from "zod";
import { startJobRunInput } from "./start-job-run-input.ts";

/** What the three usual handlers have in common: built once, at their cold start, as their documentation shows it. */
export const logger = new Logger({ serviceName: "usual" });
export const metrics = new Metrics({ namespace: "usual", serviceName: "usual" });
export const persistenceStore = new DynamoDBPersistenceLayer({ tableName: "usual" });
export const idempotencyConfig = (eventKeyJmesPath: string): IdempotencyConfig =>
  new IdempotencyConfig({ eventKeyJmesPath });

export const jobSchema = z.object({
  jobTemplate: z.string().min(1).max(63),
  application: z.string().default("00sluicelocal001"),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
});

const client = new EMRServerlessClient({});

export const startJob = async (
  job: z.infer<typeof jobSchema>,
  clientToken: string,
): Promise<{ jobRunId: string | undefined }> => {
  const { jobRunId } = await client.send(new StartJobRunCommand(startJobRunInput(job.application, clientToken)));
  metrics.addMetric("started", MetricUnit.Count, 1);
  logger.info("started", { jobTemplate: job.jobTemplate, jobRunId });
  return { jobRunId };
};
