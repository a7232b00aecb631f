import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EMRServerlessClient, paginateListJobRuns } from "@aws-sdk/client-emr-serverless";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { expect, onTestFinished, test } from "vitest";

const applicationId = "00sluicelocal001";
const total = 40;

/** `npm start` in a process of its own; resolves with the URL of its AWS. */
const startSluice = async (data: string): Promise<{ child: ChildProcess; awsUrl: string }> => {
  // A low rate, so that most messages wait when the first job runs are seen.
  const flags = ["--port", "0", "--aws-port", "0", "--data", data, "--start-rate", "20/10"];
  const child = spawn(process.execPath, ["src/local/main.ts", ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const awsUrl = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const [, url] = /^ {2}AWS {6}(http:\/\/\S+)/m.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
    child.once("exit", () => reject(new Error(`Sluice did not start:\n${output}`)));
  });
  return { child, awsUrl };
};

const clientsOf = (endpoint: string) => {
  const config = (accessKeyId: string) => ({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId, secretAccessKey: "local" },
    maxAttempts: 10,
  });
  return {
    acme: new SQSClient(config("acme")),
    sqs: new SQSClient(config("operator")),
    emr: new EMRServerlessClient(config("operator")),
    events: new EventBridgeClient(config("operator")),
  };
};
type Clients = ReturnType<typeof clientsOf>;

const queueUrl = (endpoint: string, name: string): string => `${endpoint}/111122223333/${name}`;

/** A queue that gets every event that Sluice publishes. */
const watchEndings = async ({ sqs, events }: Clients): Promise<void> => {
  await sqs.send(new CreateQueueCommand({ QueueName: "endings" }));
  const rule = { Name: "endings", EventBusName: "sluice", EventPattern: JSON.stringify({ source: ["sluice"] }) };
  await events.send(new PutRuleCommand(rule));
  const target = { Id: "queue", Arn: "arn:aws:sqs:us-east-1:111122223333:endings" };
  await events.send(new PutTargetsCommand({ Rule: "endings", EventBusName: "sluice", Targets: [target] }));
};

const sendBatch = async ({ acme }: Clients, endpoint: string, batch: number): Promise<string[]> => {
  const body = { name: "burst", jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } };
  const Entries = Array.from({ length: 10 }, (_, index) => ({
    Id: `m${index}`,
    MessageBody: JSON.stringify({ ...body, name: `burst-${batch}-${index}` }),
  }));
  const command = new SendMessageBatchCommand({ QueueUrl: queueUrl(endpoint, "sluice-submissions"), Entries });
  const { Successful: sent = [] } = await acme.send(command);
  return sent.map(({ MessageId: id = "" }) => id);
};

/** The submission ids in the names of all job runs: the message ids. */
const jobRunNames = async ({ emr: client }: Clients): Promise<string[]> => {
  const names: string[] = [];
  for await (const { jobRuns = [] } of paginateListJobRuns({ client }, { applicationId, maxResults: 50 })) {
    names.push(...jobRuns.map(({ name = "" }) => name.split(".").at(-1) ?? ""));
  }
  return names;
};

/** The ids of the endings of each submission; an event may be delivered twice, and keeps its id. */
const takeEndings = async ({ sqs }: Clients, endpoint: string, endings: Map<string, Set<string>>): Promise<void> => {
  const QueueUrl = queueUrl(endpoint, "endings");
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
  const { Messages: messages = [] } = await sqs.send(receive);
  for (const { Body: body = "" } of messages) {
    const { detail } = JSON.parse(body);
    endings.set(detail.subject, (endings.get(detail.subject) ?? new Set()).add(detail.id));
  }
  if (messages.length === 0) return;
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `m${index}`, ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
};

test("every message ends with one job run although Sluice is killed in the middle of a burst", async () => {
  const data = await mkdtemp(join(tmpdir(), "sluice-restart-"));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  const first = await startSluice(data);
  const before = clientsOf(first.awsUrl);
  await watchEndings(before);
  const batches = await Promise.all([0, 1, 2, 3].map((batch) => sendBatch(before, first.awsUrl, batch)));
  const sent = batches.flat().sort();
  expect(new Set(sent).size).toBe(total);

  let seen = 0;
  const look = async (): Promise<number> => {
    seen = (await jobRunNames(before)).length;
    return seen;
  };
  await expect.poll(look, { timeout: 20_000 }).toBeGreaterThan(2);
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  expect(seen).toBeLessThan(total);

  const second = await startSluice(data);
  const after = clientsOf(second.awsUrl);
  const endings = new Map<string, Set<string>>();
  const endedAll = async (): Promise<number> => {
    await takeEndings(after, second.awsUrl, endings);
    return endings.size;
  };
  await expect.poll(endedAll, { timeout: 90_000 }).toBe(total);

  expect([...endings.keys()].sort()).toEqual(sent);
  expect([...endings.values()].map(({ size }) => size)).toEqual(Array(total).fill(1));
  expect((await jobRunNames(after)).sort()).toEqual(sent);
  second.child.kill("SIGTERM");
  await once(second.child, "exit");
}, 180_000);
