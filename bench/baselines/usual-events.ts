import { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { EventBridgeEnvelope } from "@aws-lambda-powertools/parser/envelopes/eventbridge";
import middy from "@middy/core";
import type { EventBridgeEvent } from "aws-lambda";
import { idempotencyConfig, jobSchema, logger, metrics, persistenceStore, startJob } from "./usual-stack.ts";

export const handler = middy<EventBridgeEvent<string, unknown>, { jobRunId: string | undefined }>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .use(makeHandlerIdempotent({ persistenceStore, config: idempotencyConfig("id") }))
  .handler(async (event) => await startJob(EventBridgeEnvelope.parse(event, jobSchema), event.id));
