import {
  DescribeStateMachineCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import { describe, expect, test } from "vitest";
import { createClock, useAws } from "../aws-clients.ts";
import { copyOfKilled, newDirectory } from "../kept/data-directories.ts";

const start = async (dataDirectory?: string) => {
  const clock = createClock();
  const { aws, stepFunctions } = await useAws({
    now: clock.now,
    ...(dataDirectory !== undefined && { dataDirectory }),
  });
  return { clock, aws, client: stepFunctions };
};

const succeed = (client: SFNClient, taskToken: string, output = "{}") =>
  client.send(new SendTaskSuccessCommand({ taskToken, output }));
const fail = (client: SFNClient, taskToken: string, said: { error?: string; cause?: string } = {}) =>
  client.send(new SendTaskFailureCommand({ taskToken, ...said }));
const beat = (client: SFNClient, taskToken: string) => client.send(new SendTaskHeartbeatCommand({ taskToken }));

describe("a task that waits", () => {
  test("ends with what SendTaskSuccess says", async () => {
    const { aws, client, clock } = await start();
    const { taskToken } = aws.stepFunctions.startTask();
    clock.pass(1000);
    await succeed(client, taskToken, '{"outcome":"SUCCESS"}');
    expect(aws.stepFunctions.task(taskToken)?.end).toEqual({
      status: "SUCCEEDED",
      output: '{"outcome":"SUCCESS"}',
      at: clock.time,
    });
  });

  test("ends with what SendTaskFailure says, which may be nothing", async () => {
    const { aws, client, clock } = await start();
    const [one, other] = [aws.stepFunctions.startTask(), aws.stepFunctions.startTask()];
    await fail(client, one.taskToken, { error: "FAILED", cause: "It ran out of memory" });
    await fail(client, other.taskToken);
    expect(aws.stepFunctions.task(one.taskToken)?.end).toEqual({
      status: "FAILED",
      error: "FAILED",
      cause: "It ran out of memory",
      at: clock.time,
    });
    expect(aws.stepFunctions.task(other.taskToken)?.end).toEqual({ status: "FAILED", at: clock.time });
  });

  test("has a token that fits AWS's limit, another one each time, or the one that it is given", async () => {
    const { aws } = await start();
    const tokens = [1, 2, 3].map(() => aws.stepFunctions.startTask().taskToken);
    expect(new Set(tokens).size).toBe(3);
    for (const token of tokens) expect(token).toMatch(/^\S{1,2048}$/);
    expect(aws.stepFunctions.startTask({ taskToken: "of-a-test" }).taskToken).toBe("of-a-test");
  });
});

describe("a task that does not wait any more", () => {
  const gone = { name: "TaskTimedOut", $metadata: { httpStatusCode: 400 } };

  test("takes no second end", async () => {
    const { aws, client } = await start();
    const { taskToken } = aws.stepFunctions.startTask();
    await succeed(client, taskToken);
    await expect(succeed(client, taskToken)).rejects.toMatchObject(gone);
    await expect(fail(client, taskToken)).rejects.toMatchObject(gone);
    await expect(beat(client, taskToken)).rejects.toMatchObject(gone);
    expect(aws.stepFunctions.task(taskToken)?.end?.status).toBe("SUCCEEDED");
  });

  test("has passed its timeout, whatever its heartbeats", async () => {
    const { aws, client, clock } = await start();
    const { taskToken } = aws.stepFunctions.startTask({ timeoutSeconds: 60 });
    clock.pass(59_999);
    await beat(client, taskToken);
    clock.pass(1);
    await expect(succeed(client, taskToken)).rejects.toMatchObject(gone);
  });

  test("has missed a heartbeat", async () => {
    const { aws, client, clock } = await start();
    const { taskToken } = aws.stepFunctions.startTask({ heartbeatSeconds: 10 });
    clock.pass(9000);
    await beat(client, taskToken);
    clock.pass(9000);
    await beat(client, taskToken);
    clock.pass(10_000);
    await expect(succeed(client, taskToken)).rejects.toMatchObject(gone);
  });
});

describe("a token", () => {
  test("of nobody is told apart from one that is malformed", async () => {
    const { client } = await start();
    const elsewhere = await start();
    const { taskToken } = elsewhere.aws.stepFunctions.startTask();
    await expect(succeed(client, taskToken)).rejects.toMatchObject({ name: "TaskDoesNotExist" });
    for (const token of ["nonsense", "bnVsbA==", "eyJ0YXNrIjoxfQ=="]) {
      await expect(succeed(client, token), token).rejects.toMatchObject({ name: "InvalidToken" });
    }
  });
});

describe("limits", () => {
  const refused = { name: "ValidationException" };

  test("of the token: 1 to 2,048 characters", async () => {
    const { aws, client } = await start();
    aws.stepFunctions.startTask({ taskToken: "x".repeat(2048) });
    await succeed(client, "x".repeat(2048));
    await expect(succeed(client, "x".repeat(2049))).rejects.toMatchObject(refused);
    await expect(succeed(client, "")).rejects.toMatchObject(refused);
  });

  test("of the output: JSON of 262,144 bytes of UTF-8", async () => {
    const { aws, client } = await start();
    const { taskToken } = aws.stepFunctions.startTask();
    await expect(succeed(client, taskToken, "no JSON")).rejects.toMatchObject({ name: "InvalidOutput" });
    await expect(succeed(client, taskToken, `"${"ü".repeat(131_072)}"`)).rejects.toMatchObject(refused);
    await succeed(client, taskToken, `"${"ü".repeat(131_071)}"`);
  });

  test("of a failure: 256 characters of error, 32,768 of cause", async () => {
    const { aws, client } = await start();
    const { taskToken } = aws.stepFunctions.startTask();
    await expect(fail(client, taskToken, { error: "x".repeat(257) })).rejects.toMatchObject(refused);
    await expect(fail(client, taskToken, { cause: "x".repeat(32_769) })).rejects.toMatchObject(refused);
    await fail(client, taskToken, { error: "x".repeat(256), cause: "x".repeat(32_768) });
  });
});

test("an operation that is not there says so", async () => {
  const { client } = await start();
  const describeMachine = new DescribeStateMachineCommand({
    stateMachineArn: "arn:aws:states:us-east-1:1:stateMachine:x",
  });
  await expect(client.send(describeMachine)).rejects.toMatchObject({
    name: "UnknownOperationException",
    message: 'The embedded Step Functions has no operation "DescribeStateMachine".',
  });
});

test("tasks outlive a kill, ended ones too", async () => {
  const directory = await newDirectory();
  const { aws, client } = await start(directory);
  const [open, ended] = [aws.stepFunctions.startTask(), aws.stepFunctions.startTask()];
  await succeed(client, ended.taskToken, "1");
  const next = await start(await copyOfKilled(directory));
  await expect(succeed(next.client, ended.taskToken)).rejects.toMatchObject({ name: "TaskTimedOut" });
  await succeed(next.client, open.taskToken, "2");
  expect(next.aws.stepFunctions.task(open.taskToken)?.end).toMatchObject({ status: "SUCCEEDED", output: "2" });
});

describe("/tasks", () => {
  const authorization = "AWS4-HMAC-SHA256 Credential=me/20261122/us-east-1/states/aws4_request, Signature=00";
  const ask = async (url: string, body?: object) => {
    const request = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const response = await fetch(`${url}/tasks`, { headers: { authorization }, ...request });
    return { status: response.status, body: await response.json() };
  };

  test("starts tasks for who has no code in this process, and shows how they ended", async () => {
    const { aws, client } = await start();
    const started = await ask(aws.url, { timeoutSeconds: 60 });
    expect(started).toMatchObject({ status: 200, body: { taskToken: expect.any(String), timeoutSeconds: 60 } });
    const { taskToken } = started.body as { taskToken: string };
    await fail(client, taskToken, { error: "FAILED" });
    expect(await ask(aws.url)).toMatchObject({ body: { tasks: [{ taskToken, end: { error: "FAILED" } }] } });
  });

  test.each([
    [{ taskToken: "" }, "taskToken"],
    [{ timeoutSeconds: "60" }, "timeoutSeconds"],
    [{ heartbeatSeconds: 0 }, "heartbeatSeconds"],
  ])("refuses %o", async (body, field) => {
    const { aws } = await start();
    expect(await ask(aws.url, body)).toMatchObject({
      status: 400,
      body: { __type: "ValidationException", message: expect.stringContaining(`'${field}'`) },
    });
  });
});
