import { randomUUID } from "node:crypto";
import { makeHandlerIdempotent } from "@aws-lambda-powertools/idempotency/middleware";
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import { logMetrics } from "@aws-lambda-powertools/metrics/middleware";
import { ApiGatewayV2Envelope } from "@aws-lambda-powertools/parser/envelopes/api-gatewayv2";
import { JSONStringified } from "@aws-lambda-powertools/parser/helpers";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { idempotencyConfig, jobSchema, logger, metrics, persistenceStore, startJob } from "./usual-stack.ts";

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics))
  .use(makeHandlerIdempotent({ persistenceStore, config: idempotencyConfig('headers."idempotency-key"') }))
  .handler(async (event) => {
    const job = ApiGatewayV2Envelope.parse(event, JSONStringified(jobSchema));
    const body = JSON.stringify(await startJob(job, event.headers["idempotency-key"] ?? randomUUID()));
    return { statusCode: 201, headers: { "content-type": "application/json" }, body };
  });
