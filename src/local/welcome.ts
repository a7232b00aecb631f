import type { Local } from "./runtime/start.ts";

/** What `npm start` prints: where everything is, and a command for each door. */
export const welcome = (local: Local, sparkHome: string | undefined): string => {
  const tenants = local.setups.map(({ tenant }) => tenant.tenantId).join(", ");
  const aws = `AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${local.aws.region} aws --endpoint-url ${local.awsUrl}`;
  return `Sluice runs.
  API      ${local.apiUrl}   (Authorization: Bearer dev:<tenant>)
  AWS      ${local.awsUrl}   (the access key id is the principal)
  Tenants  ${tenants}
  Jobs     ${sparkHome === undefined ? "simulated" : `spark-submit of ${sparkHome}`}

POST a job:
  curl -s ${local.apiUrl}/v1/submissions -H 'Authorization: Bearer dev:acme' -H 'Content-Type: application/json' \\
    -d '{"name": "hello", "jobDriver": {"sparkSubmit": {"entryPoint": "s3://acme-jobs/hello.py"}}}'
Drop a message:
  AWS_ACCESS_KEY_ID=acme ${aws} sqs send-message --queue-url ${local.awsUrl}/111122223333/sluice-submissions \\
    --message-body '{"jobDriver": {"sparkSubmit": {"entryPoint": "s3://acme-jobs/hello.py"}}}'
Upload a file:
  AWS_ACCESS_KEY_ID=globex ${aws} s3 cp data.csv s3://globex-inbox/incoming/data.csv
Change a tenant's file, and apply it:
  AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=local AWS_REGION=${local.aws.region} AWS_ENDPOINT_URL=${local.awsUrl} \\
    npm run sluice -- tenants apply

Ctrl-C stops it.`;
};
