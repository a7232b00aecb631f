import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import { makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { JSONStringified } from "@aws-lambda-powertools/parser/helpers";
import { SqsRecordSchema } from "@aws-lambda-powertools/parser/schemas/sqs";
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import { idempotencyConfig, jobSchema, logger, metrics, persistenceStore, startJob } from "./usual-stack.ts";

const processor = new BatchProcessor(EventType.SQS);
const recordSchema = SqsRecordSchema.extend({ body: JSONStringified(jobSchema) });
const config = idempotencyConfig("messageId");

const startRecord = makeIdempotent(
  async (record: SQSRecord) => {
    const { body, messageId } = recordSchema.parse(record);
    return await startJob(body, messageId);
  },
  { persistenceStore, config },
);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .handler(async (event, context) => {
    config.registerLambdaContext(context);
    return await processPartialResponse(event, startRecord, processor, { context });
  });
