import { GetJobRunCommand, ListJobRunsCommand } from "@aws-sdk/client-emr-serverless";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { localAccountId } from "#local/aws-service.ts";
import type { AwsEvent } from "#local/events/event.ts";
import type { Local } from "#local/runtime/start.ts";
import { clientsOf, post } from "./clients.ts";
import { check, jobLines, tell } from "./tell.ts";
import type { Watch } from "./watch.ts";

interface Stage {
  readonly local: Local;
  readonly seen: Watch;
}

const dataOf = ({ detail }: AwsEvent): Record<string, unknown> => detail["data"] as Record<string, unknown>;

const isCompletion = (event: AwsEvent): boolean => event["detail-type"] === "Submission Completed";

const queueUrl = (local: Local, name: string): string => `${local.awsUrl}/${localAccountId}/${name}`;

/** Waits for the end of a job and tells its story. */
const tellJob = async (
  { local, seen }: Stage,
  title: string,
  door: string,
  fits: (data: Record<string, unknown>) => boolean,
): Promise<AwsEvent> => {
  const event = await seen.event(`the completion of: ${title}`, (found) => isCompletion(found) && fits(dataOf(found)));
  const { applicationId, jobRunId } = dataOf(event)["jobRun"] as { applicationId: string; jobRunId: string };
  const { jobRun } = await clientsOf(local, "operator").emr.send(new GetJobRunCommand({ applicationId, jobRunId }));
  if (jobRun === undefined) throw new Error(`EMR Serverless does not know job run ${jobRunId}`);
  tell(title, jobLines(door, jobRun, seen.statesOf(jobRunId), event));
  const { tenantId, submissionId } = dataOf(event);
  check(dataOf(event)["outcome"] === "SUCCESS", "the job run ended in SUCCESS");
  check(
    jobRun.tags?.["sluice:tenant"] === tenantId && jobRun.tags?.["sluice:submission"] === submissionId,
    "its tags name the tenant and the submission",
  );
  check(
    (jobRun.executionIamPolicy?.policy ?? "").includes(`/${tenantId}/`),
    "its execution policy is the tenant's own",
  );
  return event;
};

export const postsAJob = async (stage: Stage): Promise<AwsEvent> => {
  const request = {
    name: "hello",
    jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py", entryPointArguments: ["world"] } },
  };
  const { status, answer } = await post(stage.local, "acme", request);
  const fits = ({ submissionId }: Record<string, unknown>): boolean => submissionId === answer["submissionId"];
  const event = await tellJob(stage, "acme POSTs a Spark job", "http", fits);
  check(status === 201, "the POST was answered 201 with the job run id");
  return event;
};

export const sendsAMessage = async (stage: Stage): Promise<AwsEvent> => {
  const { local, seen } = stage;
  const body = JSON.stringify({ jobTemplate: "daily-load", parameters: { date: "2026-11-21", feed: "orders" } });
  const { sqs, emr } = clientsOf(local, "initech");
  const { MessageId: messageId = "" } = await sqs.send(
    new SendMessageCommand({ QueueUrl: queueUrl(local, "initech-jobs"), MessageBody: body }),
  );
  const event = await tellJob(
    stage,
    "initech sends a message",
    "queue",
    ({ submissionId }) => submissionId === messageId,
  );

  const record = {
    messageId,
    receiptHandle: "again",
    body,
    attributes: {
      ApproximateReceiveCount: "2",
      SentTimestamp: "0",
      SenderId: "initech",
      ApproximateFirstReceiveTimestamp: "0",
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: `arn:aws:sqs:${local.aws.region}:${localAccountId}:initech-jobs`,
    awsRegion: local.aws.region,
  };
  const again = await local.functions.queue({ Records: [record] });
  const { applicationId } = dataOf(event)["jobRun"] as { applicationId: string };
  const { jobRuns = [] } = await emr.send(new ListJobRunsCommand({ applicationId }));
  const runs = jobRuns.filter(({ name }) => name?.endsWith(messageId));
  check(
    JSON.stringify(again) === '{"batchItemFailures":[]}' && runs.length === 1,
    "the same message delivered twice started one job run",
  );
  check(seen.eventsOf(messageId).length === 1, "and its end was published once");
  return event;
};

export const uploadsAFile = async (stage: Stage): Promise<AwsEvent> => {
  const upload = { Bucket: "globex-inbox", Key: "incoming/orders 2026-11-21.csv", Body: "order,amount\n1,20\n2,22\n" };
  await clientsOf(stage.local, "globex").s3.send(new PutObjectCommand(upload));
  return await tellJob(
    stage,
    `globex uploads s3://${upload.Bucket}/${upload.Key}`,
    "events (S3 upload)",
    ({ tenantId, door }) => tenantId === "globex" && door === "events",
  );
};

/** Whether a tenant's completion queue gets an event of a submission. */
const isTold = async (local: Local, tenantId: string, queue: string, submissionId: string): Promise<boolean> => {
  const { sqs } = clientsOf(local, tenantId);
  const receive = { QueueUrl: queueUrl(local, queue), MaxNumberOfMessages: 10, WaitTimeSeconds: 2 };
  for (let tries = 0; tries < 10; tries += 1) {
    const { Messages: messages = [] } = await sqs.send(new ReceiveMessageCommand(receive));
    if (messages.some(({ Body: body = "" }) => body.includes(submissionId))) return true;
  }
  return false;
};

export const isRefused = async ({ local, seen }: Stage): Promise<void> => {
  const theft = await post(local, "acme", {
    jobDriver: { sparkSubmit: { entryPoint: "s3://globex-jobs/csv_to_parquet.py" } },
  });
  tell("acme asks for code of globex", {
    answer: `${theft.status} ${theft.answer["code"]}`,
    reason: String(theft.answer["detail"]),
  });
  check(theft.status === 403, "acme's job with globex's code was refused");

  const disguise = await post(local, "acme", { tenantId: "globex", jobTemplate: "csv-to-parquet", parameters: {} });
  tell("acme says that it is globex", {
    answer: `${disguise.status} ${disguise.answer["code"]}`,
    reason: String(disguise.answer["detail"]),
  });
  check(disguise.status === 403, "the body does not decide who the tenant is");

  const output = await post(local, "globex", {
    jobTemplate: "csv-to-parquet",
    parameters: { input: "s3://globex-inbox/incoming/a.csv", output: "s3://sluice-lake/acme/" },
  });
  tell("globex asks to write among acme's data", {
    answer: `${output.status} ${output.answer["code"]}`,
    reason: String(output.answer["detail"]),
  });
  check(output.status === 403, "globex's job on acme's data was refused");

  const { sqs } = clientsOf(local, "acme");
  const malformed = {
    QueueUrl: queueUrl(local, "sluice-submissions"),
    MessageBody: '{"jobDriver": {"sparkSubmit": {}}, "tags": {"aws:x": "é"}, "executionTimeoutMinutes": 1}',
  };
  const { MessageId: messageId } = await sqs.send(new SendMessageCommand(malformed));
  const refusal = await seen.event(
    "the refusal of a malformed message",
    ({ detail }) => detail["subject"] === messageId,
  );
  const problem = dataOf(refusal)["problem"] as { code: string; errors: { pointer: string; detail: string }[] };
  tell("acme sends a malformed job", {
    event: `${refusal["detail-type"]} ${problem.code}`,
    ...Object.fromEntries(problem.errors.map(({ pointer, detail }) => [pointer.split("/").at(-1) ?? pointer, detail])),
  });
  check(problem.errors.length >= 3, "every fault was listed at once");
  const told = await isTold(local, "acme", "acme-completions", String(messageId));
  check(told, "acme's own queue got the refusal as well");
};
