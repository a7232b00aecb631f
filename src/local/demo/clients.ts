import { EMRServerlessClient } from "@aws-sdk/client-emr-serverless";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Local } from "#local/runtime/start.ts";

/** The AWS SDK as a principal would use it: the access key id stands for who it is. */
export const clientsOf = (local: Local, principal: string) => {
  const config = {
    endpoint: local.awsUrl,
    region: local.aws.region,
    credentials: { accessKeyId: principal, secretAccessKey: "local" },
  };
  return {
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
    emr: new EMRServerlessClient(config),
  };
};

/** `POST /v1/submissions` as a tenant's developer. */
export const post = async (
  local: Local,
  tenantId: string,
  body: unknown,
): Promise<{ status: number; answer: Record<string, unknown> }> => {
  const response = await fetch(`${local.apiUrl}/v1/submissions`, {
    method: "POST",
    headers: { authorization: `Bearer dev:${tenantId}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer: Record<string, unknown> = JSON.parse(await response.text());
  return { status: response.status, answer };
};
