import {
  CreateQueueCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordOf } from "#adapters/aws/sqs-record.ts";
import { redriveOnAws } from "#cli/redrive-on-aws.ts";
import type { Terminal } from "#cli/terminal.ts";
import { localAccountId } from "#local/aws-service.ts";
import { runWith } from "#test/cli/terminal.ts";
import { startWorld, type World } from "./local-world.ts";

const applicationId = "00sluicelocal001";
const hello = JSON.stringify({ jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } });
const submissions = "sluice-submissions";
let world: World;

beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.local.end();
});

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:${localAccountId}:${name}`;

/** A queue that no function takes from, whose messages are dead letters after one receive. */
const shortLived = async (name: string, dead: string): Promise<void> => {
  const { sqs } = world.as("operator");
  const own = name.endsWith(".fifo") ? { FifoQueue: "true" } : {};
  await sqs.send(new CreateQueueCommand({ QueueName: dead, Attributes: own }));
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf(dead), maxReceiveCount: 1 });
  await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...own, RedrivePolicy } }));
};

interface Sent {
  readonly queue: string;
  readonly body?: string;
  readonly attributes?: Record<string, MessageAttributeValue>;
  readonly group?: string;
  readonly deduplication?: string;
}

const send = async (by: string, { queue, body = hello, attributes, group, deduplication }: Sent): Promise<string> => {
  const command = new SendMessageCommand({
    QueueUrl: world.queueUrl(queue),
    MessageBody: body,
    ...(attributes !== undefined && { MessageAttributes: attributes }),
    ...(group !== undefined && { MessageGroupId: group }),
    ...(deduplication !== undefined && { MessageDeduplicationId: deduplication }),
  });
  const { MessageId: id = "" } = await world.as(by).sqs.send(command);
  return id;
};

/** One receive, after which the message is visible at once. */
const receive = async (queue: string): Promise<Message[]> => {
  const command = new ReceiveMessageCommand({
    QueueUrl: world.queueUrl(queue),
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All"],
  });
  const { Messages: messages = [] } = await world.as("operator").sqs.send(command);
  return messages;
};

const redrive = async (from: string, to: string, now: () => number = Date.now, ...more: readonly string[]) => {
  const lines: string[] = [];
  const out = (line: string): void => void lines.push(line);
  const client = {
    endpoint: world.local.awsUrl,
    region: "us-east-1",
    credentials: { accessKeyId: "operator", secretAccessKey: "local" },
  };
  const own: Partial<Terminal> = {
    out,
    err: out,
    defaultTable: "sluice",
    redrive: async (table, options) =>
      await redriveOnAws({ environment: { SLUICE_OPERATOR_SENDERS: "operator" }, client, out, now }, table, options),
  };
  const given = ["redrive", "--from", world.queueUrl(from), "--to", world.queueUrl(to), ...more];
  const { code } = await runWith(own, ...given);
  return { code, lines };
};

const emptied = async (queue: string): Promise<void> =>
  await expect.poll(async () => await world.waitingIn(queue), { timeout: 15_000 }).toBe(0);

test("A message whose first delivery had started a job is moved back, and starts no second one", async () => {
  await shortLived("crashing", "crashing-dlq");
  const id = await send("acme", { queue: "crashing" });
  const [first] = await receive("crashing");
  // Its function starts the job, and crashes before the message is deleted.
  await world.local.functions.queue({ Records: [recordOf(first!, arnOf(submissions))] });
  expect(await world.jobRunsOf(applicationId, id)).toHaveLength(1);
  expect(await receive("crashing")).toEqual([]);

  const { code, lines } = await redrive("crashing-dlq", submissions);
  expect(lines).toEqual([expect.stringMatching(`^${id}: moved for tenant acme, as `), "moved 1 message, left 0"]);
  expect(code).toBe(0);
  await emptied(submissions);
  expect(await world.jobRunsOf(applicationId, id)).toHaveLength(1);
  const newId = lines[0]?.split(" as ")[1] ?? "";
  expect(newId).not.toBe(id);
  expect(await world.jobRunsOf(applicationId, newId)).toEqual([]);
  expect(await world.waitingIn("crashing-dlq")).toBe(0);
});

test("What would fail again stays and is listed; the rest starts once, under its first id", async () => {
  await shortLived("mixed", "mixed-dlq");
  const good = await send("acme", { queue: "mixed-dlq" });
  const broken = await send("acme", { queue: "mixed-dlq", body: '{"jobDriver":' });
  const stranger = await send("nobody", { queue: "mixed-dlq" });

  const dry = await redrive("mixed-dlq", submissions, Date.now, "--dry-run");
  expect(dry).toMatchObject({ code: 1 });
  expect(dry.lines.at(-1)).toBe("would move 1 message, left 2 (1 refused, 1 unproven)");
  expect(await world.waitingIn("mixed-dlq")).toBe(3);

  const { code, lines } = await redrive("mixed-dlq", submissions);
  expect(code).toBe(1);
  expect(lines).toHaveLength(4);
  expect(lines).toContainEqual(expect.stringMatching(`^${good}: moved `));
  expect(lines).toContainEqual(expect.stringMatching(`^${broken}: left, refused: `));
  expect(lines).toContainEqual(expect.stringMatching(`^${stranger}: left, unproven: .*sender:nobody`));
  await expect.poll(async () => await world.jobRunsOf(applicationId, good), { timeout: 15_000 }).toHaveLength(1);
  expect((await receive("mixed-dlq")).map(({ MessageId }) => MessageId).toSorted()).toEqual(
    [broken, stranger].toSorted(),
  );
});

test("A FIFO queue's groups and deduplication ids are kept, and what was redriven before keeps its first id", async () => {
  await shortLived("ordered.fifo", "ordered-dlq.fifo");
  const later = () => Date.now() + 600_000;
  const attributes = { requestId: { DataType: "String", StringValue: "order-1" } };
  const id = await send("acme", { queue: "ordered.fifo", attributes, group: "a", deduplication: "d1" });
  expect(await receive("ordered.fifo")).toHaveLength(1);
  expect(await receive("ordered.fifo")).toEqual([]);

  expect(await redrive("ordered-dlq.fifo", "ordered.fifo", later)).toMatchObject({ code: 0 });
  const expected = {
    Body: hello,
    MessageAttributes: {
      requestId: { StringValue: "order-1" },
      "sluice-message-id": { StringValue: id },
      "sluice-sender-id": { StringValue: "AROAACMEPIPELINES0001" },
    },
  };
  const [again] = await receive("ordered.fifo");
  expect(again).toMatchObject(expected);
  expect(again?.Attributes).toMatchObject({ MessageGroupId: "a", MessageDeduplicationId: id, SenderId: "operator" });

  expect(await receive("ordered.fifo")).toEqual([]);
  expect(await redrive("ordered-dlq.fifo", "ordered.fifo", later)).toMatchObject({ code: 0 });
  expect(await receive("ordered.fifo")).toMatchObject([expected]);
});

test("The command moves nothing where it is not told whom the queue door believes", async () => {
  const options = { from: "x", to: "y", rate: 5, kind: "all", dryRun: false } as const;
  const surroundings = { environment: {}, client: {}, out: () => undefined, now: Date.now };
  await expect(redriveOnAws(surroundings, "sluice", options)).rejects.toThrow("SLUICE_OPERATOR_SENDERS must be set");
});
