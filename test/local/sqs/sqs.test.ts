import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import { clientConfig, createClock, createQueue, queueArn, receive, useAws } from "../aws-clients.ts";

const send = (sqs: SQSClient, url: string, body: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, ...more }));

async function counts(sqs: SQSClient, url: string) {
  const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }));
  const of = (name: string) => Number(Attributes[name as keyof typeof Attributes]);
  return [
    of("ApproximateNumberOfMessages"),
    of("ApproximateNumberOfMessagesNotVisible"),
    of("ApproximateNumberOfMessagesDelayed"),
  ];
}

test("every queue URL is on the endpoint", async () => {
  const { aws, sqs } = await useAws();
  const url = `http://127.0.0.1:${aws.port}/111122223333/jobs`;
  expect(await createQueue(sqs, "jobs")).toBe(url);
  expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "jobs" }))).QueueUrl).toBe(url);
  expect((await sqs.send(new ListQueuesCommand({}))).QueueUrls).toEqual([url]);
});

test("SenderId is the access key id that signed the send", async () => {
  const { aws, sqs } = await useAws();
  const url = await createQueue(sqs, "jobs");
  const globex = new SQSClient({
    ...clientConfig(aws.url),
    credentials: { accessKeyId: "globex", secretAccessKey: "local" },
  });
  onTestFinished(() => globex.destroy());
  const batch = new SendMessageBatchCommand({
    QueueUrl: url,
    Entries: [
      { Id: "1", MessageBody: "b1" },
      { Id: "2", MessageBody: "b2" },
    ],
  });
  await Promise.all([send(sqs, url, "a"), globex.send(batch), send(globex, url, "c")]);
  const messages = await receive(sqs, url);
  expect(Object.fromEntries(messages.map(({ Body, Attributes }) => [Body, Attributes?.SenderId]))).toEqual({
    a: "acme",
    b1: "globex",
    b2: "globex",
    c: "globex",
  });
});

test("a message comes back with its attributes, and with its group from a standard queue", async () => {
  const { sqs } = await useAws();
  const url = await createQueue(sqs, "jobs");
  const attribute = { DataType: "String", StringValue: "wörld" };
  const { MessageId } = await send(sqs, url, '{"a":"<&>"}', {
    MessageGroupId: "acme",
    MessageAttributes: { hello: attribute },
  });
  const [message] = await receive(sqs, url);
  expect(message).toMatchObject({ MessageId, Body: '{"a":"<&>"}', MessageAttributes: { hello: attribute } });
  expect(message?.Attributes).toMatchObject({ MessageGroupId: "acme", ApproximateReceiveCount: "1" });
});

test("a long poll answers at once with what is there", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now, schedule: clock.schedule });
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "here");
  // The clock stands still: a poll that waited would wait for ever.
  expect((await receive(sqs, url, { wait: 20 })).map(({ Body }) => Body)).toEqual(["here"]);
});

test("a long poll answers when a message arrives", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now, schedule: clock.schedule });
  const url = await createQueue(sqs, "jobs");
  const poll = receive(sqs, url, { wait: 20 });
  await expect.poll(clock.due).toEqual([20_000]);
  await send(sqs, url, "late");
  expect((await poll).map(({ Body }) => Body)).toEqual(["late"]);
});

test("a long poll answers nothing at its end, and a message when its visibility ends before", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now, schedule: clock.schedule });
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "hidden");
  await receive(sqs, url, { visibility: 30 });
  const short = receive(sqs, url, { wait: 20 });
  await expect.poll(clock.due).toEqual([20_000]);
  clock.pass(20_000);
  expect(await short).toEqual([]);
  const long = receive(sqs, url, { wait: 20 });
  await expect.poll(clock.due).toEqual([30_000]);
  clock.pass(10_000);
  expect((await long).map(({ Body }) => Body)).toEqual(["hidden"]);
});

test("a message is hidden for its visibility timeout, and ChangeMessageVisibility is not a receive", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now });
  const url = await createQueue(sqs, "jobs", { VisibilityTimeout: "30" });
  await send(sqs, url, "job");
  const [first] = await receive(sqs, url);
  expect(await counts(sqs, url)).toEqual([0, 1, 0]);
  expect(await receive(sqs, url)).toEqual([]);
  const { ReceiptHandle } = first!;
  await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 120 }));
  clock.pass(119_999);
  expect(await receive(sqs, url)).toEqual([]);
  clock.pass(1);
  const [second] = await receive(sqs, url);
  expect(second?.MessageId).toBe(first?.MessageId);
  expect(second?.Attributes?.ApproximateReceiveCount).toBe("2");
});

test("a deleted message does not come back", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now });
  const url = await createQueue(sqs, "jobs");
  await Promise.all([send(sqs, url, "a"), send(sqs, url, "b")]);
  const [first, second] = await receive(sqs, url);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle }));
  const entries = [
    { Id: "1", ReceiptHandle: second!.ReceiptHandle },
    { Id: "2", ReceiptHandle: "nonsense" },
  ];
  const { Successful, Failed } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
  expect([Successful?.[0]?.Id, Failed?.[0]?.Id, Failed?.[0]?.Code]).toEqual(["1", "2", "ReceiptHandleIsInvalid"]);
  clock.pass(3_600_000);
  expect(await receive(sqs, url)).toEqual([]);
});

test("a delayed message comes after its delay", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now });
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "later", { DelaySeconds: 60 });
  expect(await counts(sqs, url)).toEqual([0, 0, 1]);
  expect(await receive(sqs, url)).toEqual([]);
  clock.pass(60_000);
  expect((await receive(sqs, url)).length).toBe(1);
});

test("a FIFO queue keeps the order of a group and gives none of it while one is hidden", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now });
  const url = await createQueue(sqs, "jobs.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
  for (const [body, group] of [
    ["a1", "a"],
    ["a2", "a"],
    ["b1", "b"],
  ] as const) {
    await send(sqs, url, body, { MessageGroupId: group });
  }
  const [first] = await receive(sqs, url, { max: 1 });
  expect(first?.Body).toBe("a1");
  expect((await receive(sqs, url)).map(({ Body }) => Body)).toEqual(["b1"]);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: first!.ReceiptHandle }));
  expect((await receive(sqs, url)).map(({ Body }) => Body)).toEqual(["a2"]);
});

test("a FIFO queue takes one deduplication id once in five minutes, also after the message is deleted", async () => {
  const clock = createClock();
  const { sqs } = await useAws({ now: clock.now });
  const url = await createQueue(sqs, "jobs.fifo", { FifoQueue: "true" });
  const again = () => send(sqs, url, "job", { MessageGroupId: "a", MessageDeduplicationId: "1" });
  const first = await again();
  const [message] = await receive(sqs, url);
  await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: message!.ReceiptHandle }));
  clock.pass(299_999);
  const repeat = await again();
  expect([repeat.MessageId, repeat.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
  expect(await receive(sqs, url)).toEqual([]);
  clock.pass(1);
  expect((await again()).MessageId).not.toBe(first.MessageId);
  expect((await receive(sqs, url)).length).toBe(1);
});

async function deadLetters() {
  const clock = createClock();
  const started = await useAws({ now: clock.now });
  const { sqs } = started;
  const dead = await createQueue(sqs, "dead");
  const policy = JSON.stringify({ deadLetterTargetArn: queueArn("dead"), maxReceiveCount: 2 });
  const url = await createQueue(sqs, "jobs", { RedrivePolicy: policy, VisibilityTimeout: "10" });
  const { MessageId } = await send(sqs, url, "job");
  for (let times = 0; times < 2; times += 1) {
    expect((await receive(sqs, url)).length).toBe(1);
    clock.pass(10_000);
  }
  return { ...started, clock, dead, url, MessageId };
}

test("a message that was received too often goes to the dead-letter queue under its own id", async () => {
  const { sqs, dead, url, MessageId } = await deadLetters();
  expect(await receive(sqs, url)).toEqual([]);
  expect(await counts(sqs, url)).toEqual([0, 0, 0]);
  const [message] = await receive(sqs, dead);
  expect(message).toMatchObject({ MessageId, Body: "job" });
  expect(message?.Attributes).toMatchObject({ DeadLetterQueueSourceArn: queueArn("jobs"), SenderId: "acme" });
});

test("a FIFO message goes to its dead-letter queue with its id for deduplication", async () => {
  const { sqs } = await useAws();
  const fifo = { FifoQueue: "true" };
  const dead = await createQueue(sqs, "dead.fifo", fifo);
  const policy = JSON.stringify({ deadLetterTargetArn: queueArn("dead.fifo"), maxReceiveCount: 1 });
  const url = await createQueue(sqs, "jobs.fifo", { ...fifo, RedrivePolicy: policy });
  const { MessageId } = await send(sqs, url, "job", { MessageGroupId: "a", MessageDeduplicationId: "1" });
  await receive(sqs, url, { visibility: 0 });
  expect(await receive(sqs, url)).toEqual([]);
  const [message] = await receive(sqs, dead);
  expect(message?.Attributes).toMatchObject({ MessageDeduplicationId: MessageId, MessageGroupId: "a" });
});

test("StartMessageMoveTask sends dead letters back under new ids, still of their sender", async () => {
  const { sqs, url, MessageId } = await deadLetters();
  await receive(sqs, url);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queueArn("dead") }));
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn: queueArn("dead") }));
  expect(Results).toMatchObject([{ Status: "COMPLETED", ApproximateNumberOfMessagesMoved: 1 }]);
  const [message] = await receive(sqs, url);
  expect(message?.Body).toBe("job");
  expect(message?.MessageId).not.toBe(MessageId);
  expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: "1", SenderId: "acme" });
  expect(message?.Attributes).not.toHaveProperty("DeadLetterQueueSourceArn");
});

test("a message may have 1 MiB, in bytes", async () => {
  const { sqs } = await useAws();
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "x".repeat(1_048_576));
  await expect(send(sqs, url, "x".repeat(1_048_577))).rejects.toThrow("Message must be shorter than 1048576 bytes");
  await expect(send(sqs, url, "ü".repeat(524_289))).rejects.toThrow("Message must be shorter than 1048576 bytes");
  const entry = (Id: string) => ({ Id, MessageBody: "ü".repeat(300_000) });
  const batch = new SendMessageBatchCommand({ QueueUrl: url, Entries: [entry("1"), entry("2")] });
  await expect(sqs.send(batch)).rejects.toThrow("Batch requests cannot be longer than 1048576 bytes");
});

test("PurgeQueue empties a queue and DeleteQueue removes it", async () => {
  const { sqs } = await useAws();
  const url = await createQueue(sqs, "jobs");
  await send(sqs, url, "job");
  await sqs.send(new PurgeQueueCommand({ QueueUrl: url }));
  expect(await receive(sqs, url)).toEqual([]);
  await send(sqs, url, "job");
  await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
  await expect(receive(sqs, url)).rejects.toMatchObject({ name: "QueueDoesNotExist" });
  await createQueue(sqs, "jobs");
  expect(await receive(sqs, url)).toEqual([]);
});

test("CreateQueue refuses other attributes for a queue that is there", async () => {
  const { sqs } = await useAws();
  await createQueue(sqs, "jobs", { VisibilityTimeout: "30" });
  const other = new CreateQueueCommand({ QueueName: "jobs", Attributes: { VisibilityTimeout: "60" } });
  await expect(sqs.send(other)).rejects.toMatchObject({ name: "QueueNameExists" });
});
