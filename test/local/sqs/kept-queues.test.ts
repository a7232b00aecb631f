import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  type SQSClient,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { createClock, createQueue, queueArn, receive, useAws } from "../aws-clients.ts";
import { copyOfKilled, newDirectory } from "../kept/data-directories.ts";

const clock = createClock();

const start = async (dataDirectory: string) => {
  const { aws, sqs } = await useAws({ dataDirectory, now: clock.now, schedule: clock.schedule });
  const urlOf = async (QueueName: string) => (await sqs.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl ?? "";
  const killed = async () => await start(await copyOfKilled(dataDirectory));
  return { aws, sqs, urlOf, killed, dataDirectory };
};
const startNew = async () => await start(await newDirectory());

const send = (sqs: SQSClient, QueueUrl: string, MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

test("a message that was sent is there after a kill, as it was", async () => {
  const { sqs, killed } = await startNew();
  const url = await createQueue(sqs, "jobs");
  const attribute = { DataType: "String", StringValue: "wörld" };
  const sent = await send(sqs, url, '{"a":"<&>"}', { MessageGroupId: "acme", MessageAttributes: { hello: attribute } });
  const Entries = ["1", "2"].map((Id) => ({ Id, MessageBody: `b${Id}` }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: url, Entries }));

  const next = await killed();
  const messages = await receive(next.sqs, await next.urlOf("jobs"));
  expect(messages.map(({ Body }) => Body)).toEqual(['{"a":"<&>"}', "b1", "b2"]);
  expect(messages[0]).toMatchObject({
    MessageId: sent.MessageId,
    MD5OfBody: sent.MD5OfMessageBody,
    MessageAttributes: { hello: attribute },
    Attributes: { SenderId: "acme", MessageGroupId: "acme", ApproximateReceiveCount: "1" },
  });
});

test("a message in flight is seen again by its time, and its receipt is still good", async () => {
  const { sqs, killed } = await startNew();
  const url = await createQueue(sqs, "jobs");
  for (const body of ["deleted", "late", "soon", "delayed"]) {
    await send(sqs, url, body, body === "delayed" ? { DelaySeconds: 20 } : {});
  }
  const [deleted, late, soon] = await receive(sqs, url, { visibility: 10 });
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: deleted?.ReceiptHandle }));
  const change = { QueueUrl: url, ReceiptHandle: late?.ReceiptHandle, VisibilityTimeout: 60 };
  await sqs.send(new ChangeMessageVisibilityCommand(change));

  const next = await killed();
  const again = await next.urlOf("jobs");
  const bodies = async () => (await receive(next.sqs, again, { visibility: 1000 })).map(({ Body }) => Body);
  expect(await bodies()).toEqual([]);
  clock.pass(10_000);
  const [seen] = await receive(next.sqs, again, { visibility: 1000 });
  expect(seen).toMatchObject({ MessageId: soon?.MessageId, Attributes: { ApproximateReceiveCount: "2" } });
  clock.pass(10_000);
  expect(await bodies()).toEqual(["delayed"]);
  await next.sqs.send(new DeleteMessageCommand({ QueueUrl: again, ReceiptHandle: late?.ReceiptHandle }));
  clock.pass(60_000);
  expect(await bodies()).toEqual([]);
});

test("queues come back with their attributes and tags, and deleted ones with their messages do not", async () => {
  const { sqs, killed } = await startNew();
  const url = await createQueue(sqs, "jobs", { VisibilityTimeout: "7" });
  await createQueue(sqs, "dead");
  const gone = await createQueue(sqs, "gone");
  await send(sqs, gone, "lost");
  await sqs.send(new DeleteQueueCommand({ QueueUrl: gone }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 2 });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { RedrivePolicy, DelaySeconds: "3" } }));
  await sqs.send(new TagQueueCommand({ QueueUrl: url, Tags: { team: "data" } }));

  const next = await killed();
  const QueueUrl = await next.urlOf("jobs");
  const all = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
  expect((await next.sqs.send(all)).Attributes).toMatchObject({
    VisibilityTimeout: "7",
    RedrivePolicy,
    DelaySeconds: "3",
  });
  expect((await next.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).toEqual({ team: "data" });
  const { QueueUrls = [] } = await next.sqs.send(new ListQueuesCommand({}));
  expect(QueueUrls.map((found) => found.split("/").at(-1)).sort()).toEqual(["dead", "jobs"]);
  expect(await receive(next.sqs, await createQueue(next.sqs, "gone"))).toEqual([]);
});

test("a queue that is there takes the attributes of the start", async () => {
  const { aws, sqs } = await startNew();
  await aws.queues.createQueue("jobs", { VisibilityTimeout: "7" });
  const { url } = await aws.queues.createQueue("jobs", { VisibilityTimeout: "9" });
  const all = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
  expect((await sqs.send(all)).Attributes).toMatchObject({ VisibilityTimeout: "9" });
});

test("a message that was received too often is in the dead-letter queue alone", async () => {
  const { sqs, killed } = await startNew();
  await createQueue(sqs, "dead");
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 1 });
  const url = await createQueue(sqs, "jobs", { RedrivePolicy });
  const { MessageId } = await send(sqs, url, "poison");
  await receive(sqs, url, { visibility: 0 });
  expect(await receive(sqs, url)).toEqual([]);

  const next = await killed();
  expect(await receive(next.sqs, await next.urlOf("jobs"))).toEqual([]);
  const [message] = await receive(next.sqs, await next.urlOf("dead"));
  expect(message).toMatchObject({ MessageId, Attributes: { DeadLetterQueueSourceArn: queueArn("jobs") } });
});

test("a FIFO queue remembers deduplication ids for five minutes, its order and its sequence", async () => {
  const { sqs, killed } = await startNew();
  const url = await createQueue(sqs, "jobs.fifo", { FifoQueue: "true" });
  const one = { MessageGroupId: "g", MessageDeduplicationId: "1" };
  const first = await send(sqs, url, "first", one);
  await send(sqs, url, "second", { ...one, MessageDeduplicationId: "2" });

  const next = await killed();
  const again = await next.urlOf("jobs.fifo");
  const repeat = await send(next.sqs, again, "first", one);
  expect([repeat.MessageId, repeat.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
  const third = await send(next.sqs, again, "third", { ...one, MessageDeduplicationId: "3" });
  expect(BigInt(third.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
  const messages = await receive(next.sqs, again);
  expect(messages.map(({ Body }) => Body)).toEqual(["first", "second", "third"]);
});

test("a send that was torn by the kill was never there, a purge stays", async () => {
  const { sqs, dataDirectory } = await startNew();
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "purged");
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  await send(sqs, url, "whole");
  const copy = await copyOfKilled(dataDirectory);
  await appendFile(join(copy, "journal.jsonl"), '[["sqs.messages","jobs 0","{\\"record');
  const next = await start(copy);
  expect((await receive(next.sqs, await next.urlOf("jobs"))).map(({ Body }) => Body)).toEqual(["whole"]);
});
