import { SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

/** Wakes the dispatcher by a message on its queue. What the message says does not matter: the ledger says who waits. */
export const openWake = (config: SQSClientConfig, queueUrl: string): (() => Promise<void>) => {
  const client = new SQSClient(config);
  return async () => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: "{}" }));
  };
};
