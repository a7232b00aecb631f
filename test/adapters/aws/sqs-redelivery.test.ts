import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openRedelivery } from "#adapters/aws/sqs-redelivery.ts";
import { localConfig } from "#test/helpers/dynamodb.ts";
import { type FakeAws, startFakeAws } from "#test/helpers/fake-aws.ts";

let sqs: FakeAws;

beforeAll(async () => {
  sqs = await startFakeAws();
});
beforeEach(() => {
  sqs.requests.length = 0;
  sqs.answer(() => ({}));
});
afterAll(async () => {
  await sqs.end();
});

test.each([
  ["aws", "amazonaws.com"],
  ["aws-us-gov", "amazonaws.com"],
  ["aws-cn", "amazonaws.com.cn"],
])("openRedelivery() changes the visibility of a message in partition %s", async (partition, suffix) => {
  const later = openRedelivery(localConfig(sqs.endpoint));
  await later("AQEB", `arn:${partition}:sqs:us-east-1:123456789012:jobs.fifo`, 40);
  expect(sqs.requests).toMatchObject([
    {
      headers: { "x-amz-target": "AmazonSQS.ChangeMessageVisibility" },
      body: {
        QueueUrl: `https://sqs.us-east-1.${suffix}/123456789012/jobs.fifo`,
        ReceiptHandle: "AQEB",
        VisibilityTimeout: 40,
      },
    },
  ]);
});

test("openRedelivery() throws what AWS says: whoever calls it goes on without", async () => {
  sqs.answer(() => ({ error: "MessageNotInflight", status: 400 }));
  const later = openRedelivery(localConfig(sqs.endpoint));
  await expect(later("AQEB", "arn:aws:sqs:us-east-1:123456789012:jobs", 5)).rejects.toMatchObject({
    name: "MessageNotInflight",
  });
});
