import { expect, test } from "vitest";
import { tenantSchema } from "#domain/tenant/tenant.ts";

const accepts = (url: string): boolean => tenantSchema.shape.completionQueueUrl.safeParse(url).success;

test.each([
  "https://sqs.us-east-1.amazonaws.com/111122223333/acme-ends",
  "https://sqs.us-gov-west-1.amazonaws.com/111122223333/acme_ends.fifo",
  "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/acme",
  "https://sqs-fips.us-east-1.amazonaws.com/111122223333/acme",
  "http://127.0.0.1:4566/111122223333/acme-ends",
  "http://localhost:4566/111122223333/acme-ends.fifo",
  "http://[::1]:4566/111122223333/acme",
])("completionQueueUrl may be %s", (url) => {
  expect(accepts(url)).toBe(true);
});

test.each([
  "https://elsewhere.example/111122223333/acme",
  "http://sqs.us-east-1.amazonaws.com/111122223333/acme",
  "https://sqs.us-east-1.amazonaws.com.example/111122223333/acme",
  "https://sqs.us-east-1.amazonaws.com@elsewhere.example/111122223333/acme",
  "https://sqs.evil/x.amazonaws.com/111122223333/acme",
  "https://sqs.us-east-1.amazonaws.com:8443/111122223333/acme",
  "https://sqs.us-east-1.amazonaws.com/acme",
  "https://sqs.us-east-1.amazonaws.com/111122223333/acme/more",
  "https://sqs.us-east-1.amazonaws.com/111122223333/acme?Action=DeleteQueue",
  "https://sqs.us-east-1.amazonaws.com/111122223333/acme\n",
  "https://127.0.0.1:4566/111122223333/acme",
  "http://127.0.0.1.example/111122223333/acme",
  "http://169.254.169.254/111122223333/acme",
  "http://localhost:4566/111122223333/../latest",
  `https://sqs.us-east-1.amazonaws.com/111122223333/${"a".repeat(81)}`,
])("completionQueueUrl may not be %j", (url) => {
  expect(accepts(url)).toBe(false);
});
