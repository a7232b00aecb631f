import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";
import type { AwsRequest } from "#local/aws-service.ts";
import { startAws } from "#local/start-aws.ts";
import { clientConfig, createClock, receive, recordEvents, useAws } from "./aws-clients.ts";
import { newDirectory } from "./kept/data-directories.ts";

test("startAws() gives the embedded EMR Serverless a bus and objects, and routes to it", async () => {
  const requests: AwsRequest[] = [];
  let ended = false;
  const aws = await startAws({
    port: 0,
    emrServerless: ({ emit, objects }) => ({
      handle: async (request) => {
        requests.push(request);
        await objects.createBucket("logs");
        await objects.putObject("logs", "a b/ü+1", "log");
        emit({ source: "aws.emr-serverless", detailType: "Change", detail: { state: "RUNNING" } });
        return { status: 200, headers: {}, body: "{}" };
      },
      end: async () => {
        ended = true;
      },
    }),
  });
  onTestFinished(() => aws.end());
  const events = recordEvents(aws);
  const authorization = "AWS4-HMAC-SHA256 Credential=acme/20261122/us-east-1/emr-serverless/aws4_request, Signature=00";
  await fetch(`${aws.url}/applications`, { method: "POST", headers: { authorization }, body: "{}" });
  expect(requests).toMatchObject([{ path: "/applications", principal: "acme" }]);
  await aws.events.idle();
  expect(events).toMatchObject([
    { source: "aws.s3", detail: { object: { key: "a b/ü+1" } } },
    { source: "aws.emr-serverless", detail: { state: "RUNNING" } },
  ]);
  await aws.end();
  expect(ended).toBe(true);
});

test("startAws() has calls for this process that go through the services", async () => {
  const { aws, sqs } = await useAws();
  const { url, arn } = await aws.queues.createQueue("jobs", { VisibilityTimeout: "5" });
  expect([url, arn]).toEqual([`${aws.url}/111122223333/jobs`, "arn:aws:sqs:us-east-1:111122223333:jobs"]);
  await aws.queues.sendMessage({ queue: url, body: "by url", principal: "acme", messageGroupId: "g" });
  await aws.queues.sendMessage({ queue: arn, body: "by arn" });
  const messages = await receive(sqs, url);
  expect(messages.map(({ Body, Attributes }) => [Body, Attributes?.SenderId, Attributes?.MessageGroupId])).toEqual([
    ["by url", "acme", "g"],
    ["by arn", "111122223333", undefined],
  ]);
  await expect(aws.queues.sendMessage({ queue: "none", body: "x" })).rejects.toThrow(
    "SendMessage failed: The specified queue does not exist.",
  );
  await expect(aws.objects.putObject("none", "a", "x")).rejects.toThrow("PUT /none/a failed");
});

test("startAws() leaves nothing behind: a temporary directory, a port, a long poll", async () => {
  const clock = createClock();
  const aws = await startAws({ port: 0, now: clock.now, schedule: clock.schedule });
  const folder = dirname(aws.objects.directory);
  expect(existsSync(folder)).toBe(true);
  const sqs = new SQSClient(clientConfig(aws.url));
  onTestFinished(() => sqs.destroy());
  const { url } = await aws.queues.createQueue("jobs");
  const poll = receive(sqs, url, { wait: 20 }).catch((error: unknown) => error);
  await expect.poll(clock.due).toEqual([20_000]);
  await aws.end();
  await poll;
  expect(clock.due()).toEqual([]);
  await aws.end();
  expect(existsSync(folder)).toBe(false);
  const again = await startAws({ port: aws.port });
  await again.end();
});

test("startAws() says which flag chooses another port", async () => {
  const { aws } = await useAws();
  await expect(startAws({ port: aws.port })).rejects.toThrow(
    `Cannot listen on 127.0.0.1:${aws.port}: the port is taken: choose another with --aws-port`,
  );
});

test("startAws() gives its data directory back when it cannot start, and when it ends", async () => {
  const { aws } = await useAws();
  const dataDirectory = await newDirectory();
  await expect(startAws({ port: aws.port, dataDirectory })).rejects.toThrow("the port is taken");
  const first = await startAws({ port: 0, dataDirectory });
  await expect(startAws({ port: 0, dataDirectory })).rejects.toThrow(`Cannot use data directory ${dataDirectory}`);
  await first.end();
  const second = await startAws({ port: 0, dataDirectory });
  await second.end();
});
