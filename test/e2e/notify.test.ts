import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { SendTaskSuccessCommand, SFNClient } from "@aws-sdk/client-sfn";
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { eventSchemas } from "#domain/events/event-schemas.ts";
import { localAccountId } from "#local/aws-service.ts";
import { dataOf, endOf, startWorld, type World } from "./local-world.ts";

/** A message to initech's own queue, of a Step Functions task that waits. */
const load = { jobTemplate: "daily-load", parameters: { date: "2026-11-21", feed: "orders" } };

let world: World;
beforeAll(async () => {
  world = await startWorld({ visibilitySeconds: 1 });
});
afterAll(async () => await world.local.end());

const send = async (body: object): Promise<string> => {
  const command = new SendMessageCommand({
    QueueUrl: world.queueUrl("initech-jobs"),
    MessageBody: JSON.stringify(body),
  });
  const { MessageId = "" } = await world.as("initech").sqs.send(command);
  return MessageId;
};

/** Messages of a queue until one fits. */
const receiveUntil = async (queue: string, fits: (message: Message) => boolean): Promise<Message[]> => {
  const receive = new ReceiveMessageCommand({
    QueueUrl: world.queueUrl(queue),
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 5,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All"],
  });
  const seen: Message[] = [];
  for (let tries = 0; tries < 10 && !seen.some(fits); tries += 1) {
    seen.push(...((await world.as("initech").sqs.send(receive)).Messages ?? []));
  }
  return seen;
};

const jsonOf = (text: string | undefined): Record<string, unknown> => JSON.parse(text ?? "{}");

const task = (taskToken: string) => world.local.aws.stepFunctions.task(taskToken);
const ended = async (taskToken: string) => {
  await expect.poll(() => task(taskToken)?.end, { timeout: 15_000 }).toBeDefined();
  return task(taskToken)?.end;
};
const startTask = (): string => world.local.aws.stepFunctions.startTask({ timeoutSeconds: 3600 }).taskToken;

describe("the end of a submission", () => {
  it("reaches the task that waits, the tenant's FIFO queue, and a queue behind a rule of the bus", async () => {
    const { sqs, events } = world.as("operator");
    await sqs.send(new CreateQueueCommand({ QueueName: "audit" }));
    const pattern = { source: ["sluice"], "detail-type": ["Submission Completed"] };
    const rule = { Name: "audit", EventBusName: "sluice" };
    await events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }));
    const Arn = `arn:aws:sqs:us-east-1:${localAccountId}:audit`;
    await events.send(
      new PutTargetsCommand({ Rule: "audit", EventBusName: "sluice", Targets: [{ Id: "audit", Arn }] }),
    );

    const taskToken = startTask();
    const submissionId = await send({ ...load, requestId: "end-1", notify: { taskToken } });
    expect(submissionId).not.toBe("");
    const event = await world.published((found) => dataOf(found)["requestId"] === "end-1");
    const { id, subject, data } = event.detail;

    const end = await ended(taskToken);
    expect(end).toMatchObject({ status: "SUCCEEDED" });
    expect(jsonOf(end?.status === "SUCCEEDED" ? end.output : undefined)).toEqual(data);

    const ofSubject = ({ Attributes }: Message) => Attributes?.MessageGroupId === subject;
    const messages = (await receiveUntil("initech-completions.fifo", ofSubject)).filter(ofSubject);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      Attributes: { MessageGroupId: subject, MessageDeduplicationId: id },
      MessageAttributes: {
        eventType: { StringValue: "Submission Completed" },
        tenantId: { StringValue: "initech" },
        submissionId: { StringValue: subject },
      },
    });
    expect(jsonOf(messages[0]?.Body)).toEqual(event.detail);

    const audited = await receiveUntil("audit", ({ Body }) => jsonOf(Body)["id"] === event.id);
    expect(audited.map(({ Body }) => jsonOf(Body))).toContainEqual(event);
  });

  it("tells a task that is tried again at once, and the job does not run twice", async () => {
    const [first, second] = [startTask(), startTask()];
    await send({ ...load, requestId: "retried", notify: { taskToken: first } });
    const event = await world.published((found) => dataOf(found)["requestId"] === "retried");
    await ended(first);
    await send({ ...load, requestId: "retried", notify: { taskToken: second } });
    const end = await ended(second);
    expect(jsonOf(end?.status === "SUCCEEDED" ? end.output : undefined)).toEqual(event.detail["data"]);
    expect(await world.jobRunsOf("00sluicelocal001", String(event.detail["subject"]))).toHaveLength(1);
    expect(world.all.filter(endOf(event.detail["subject"]))).toHaveLength(1);
  });

  it("is one although the task has given up: the token is over, and the event is published", async () => {
    const taskToken = startTask();
    const client = new SFNClient({
      endpoint: world.local.awsUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "initech", secretAccessKey: "local" },
    });
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '"somebody else was faster"' }));
    await send({ ...load, requestId: "given-up", notify: { taskToken } });
    const event = await world.published((found) => dataOf(found)["requestId"] === "given-up");
    const path = `/v1/submissions/${encodeURIComponent(String(event.detail["subject"]))}`;
    await expect
      .poll(async () => (await world.request("GET", path, "initech")).body["publishedAt"], { timeout: 15_000 })
      .toBeDefined();
    expect(task(taskToken)?.end).toMatchObject({ output: '"somebody else was faster"' });
  });
});

it("tells a task that its job request was refused, with every fault", async () => {
  const taskToken = startTask();
  await send({ jobTemplate: "daily-load", parameters: { date: "yesterday", colour: "red" }, notify: { taskToken } });
  const end = await ended(taskToken);
  expect(end).toMatchObject({ status: "FAILED", error: "ERR_JOB_REQUEST_INVALID" });
  const cause = jsonOf(end?.status === "FAILED" ? end.cause : undefined);
  expect(cause).toMatchObject({ tenantId: "initech", problem: { code: "ERR_JOB_REQUEST_INVALID" } });
  const { errors } = cause["problem"] as { errors: { pointer: string }[] };
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    "/parameters/colour",
    "/parameters/date",
    "/parameters/feed",
  ]);
});

it("publishes what the schemas say, and nothing more", () => {
  const schemas: Readonly<Record<string, z.core.$ZodType>> = eventSchemas;
  const kinds = new Set(world.all.map((event) => event["detail-type"]));
  expect(kinds).toEqual(new Set(["Submission Completed", "Submission Refused"]));
  for (const event of world.all) {
    const schema = schemas[event["detail-type"]];
    expect(schema && z.safeParse(schema, event.detail).error?.issues, event["detail-type"]).toBeUndefined();
  }
});
