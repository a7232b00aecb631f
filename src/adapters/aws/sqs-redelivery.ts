import { ChangeMessageVisibilityCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

/** Changes when a received message is to be seen again. */
export type Later = (receiptHandle: string, queueArn: string, seconds: number) => Promise<void>;

/** A queue's URL by its ARN (Amazon SQS Developer Guide, "Queue and message identifiers"). */
const urlOf = (queueArn: string): string => {
  const [, partition, , region, accountId, name] = queueArn.split(":");
  const suffix = partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com";
  return `https://sqs.${region}.${suffix}/${accountId}/${name}`;
};

/** The URL only names the queue: the client's own endpoint takes the call, also where AWS_ENDPOINT_URL says another. */
export const openRedelivery = (config: SQSClientConfig): Later => {
  const client = new SQSClient({ ...config, useQueueUrlAsEndpoint: false });
  return async (receiptHandle, queueArn, seconds) => {
    const command = new ChangeMessageVisibilityCommand({
      QueueUrl: urlOf(queueArn),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    });
    await client.send(command);
  };
};
