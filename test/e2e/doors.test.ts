import { GetJobRunCommand } from "@aws-sdk/client-emr-serverless";
import { PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dataOf, endOf, startWorld, type World } from "./local-world.ts";

const shared = "00sluicelocal001";
const hello = { name: "hello", jobDriver: { sparkSubmit: { entryPoint: "s3://acme-jobs/hello.py" } } };

let world: World;
beforeAll(async () => {
  world = await startWorld({ visibilitySeconds: 1 });
});
afterAll(async () => await world.local.end());

describe("the http door", () => {
  it("starts a job with the tenant's policy, tags and role, and publishes its end", async () => {
    const { status, headers, body } = await world.request("POST", "/v1/submissions", "acme", hello);
    expect(status).toBe(201);
    expect(headers.get("location")).toBe(`/v1/submissions/${body["submissionId"]}`);

    const event = await world.published(endOf(body["submissionId"]));
    expect(event).toMatchObject({ source: "sluice", "detail-type": "Submission Completed" });
    expect(event.detail).toMatchObject({ specversion: "1.0", type: "sluice.submission.completed.v1" });
    expect(dataOf(event)).toMatchObject({
      tenantId: "acme",
      door: "http",
      outcome: "SUCCESS",
      jobRun: { jobRunId: body["jobRunId"] },
    });

    const get = new GetJobRunCommand({ applicationId: shared, jobRunId: String(body["jobRunId"]) });
    const { jobRun } = await world.as("operator").emr.send(get);
    expect(jobRun?.executionRole).toBe("arn:aws:iam::111122223333:role/sluice/jobs/acme");
    expect(jobRun?.executionIamPolicy?.policy).toContain("arn:aws:s3:::sluice-lake/acme/*");
    expect(jobRun?.tags).toMatchObject({
      "sluice:tenant": "acme",
      "sluice:submission": body["submissionId"],
      "sluice:door": "http",
    });
    expect(jobRun?.name).toBe(`hello.${body["submissionId"]}`);
  });

  it("shows a submission to its own tenant only", async () => {
    const { body } = await world.request("POST", "/v1/submissions", "acme", hello);
    const path = `/v1/submissions/${body["submissionId"]}`;
    expect(await world.request("GET", path, "acme")).toMatchObject({ status: 200, body: { tenantId: "acme" } });
    const others = await world.request("GET", path, "globex");
    const missing = await world.request("GET", "/v1/submissions/no-such", "globex");
    expect(others.status).toBe(404);
    expect(others.body).toEqual({ ...missing.body, requestId: expect.any(String) });
    expect(others.body["requestId"]).not.toBe(missing.body["requestId"]);
  });

  it("starts one job run for one Idempotency-Key, however often it is sent", async () => {
    const send = async () =>
      await world.request("POST", "/v1/submissions", "acme", hello, { "idempotency-key": '"nightly-1"' });
    const answers = await Promise.all([send(), send(), send()]);
    const again = await send();
    expect(new Set([...answers, again].map(({ body }) => body["submissionId"])).size).toBe(1);
    expect(answers.map(({ status }) => status).sort()).toContain(201);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await world.jobRunsOf(shared, String(again.body["submissionId"]))).toHaveLength(1);
  });

  it("lets nobody in whom the authorizer does not know", async () => {
    expect(await world.request("POST", "/v1/submissions", undefined, hello)).toMatchObject({ status: 401 });
    expect(await world.request("POST", "/v1/submissions", "nobody", hello)).toMatchObject({
      status: 403,
      body: { code: "ERR_TENANT_UNKNOWN" },
    });
  });
});

describe("the queue door", () => {
  it("starts one job run for a message, with the message id as its client token", async () => {
    const send = new SendMessageCommand({
      QueueUrl: world.queueUrl("sluice-submissions"),
      MessageBody: JSON.stringify(hello),
    });
    const { MessageId: messageId = "" } = await world.as("acme").sqs.send(send);
    const event = await world.published(endOf(messageId));
    expect(dataOf(event)).toMatchObject({ tenantId: "acme", door: "queue", caller: "sender:AROAACMEPIPELINES0001" });
    expect(await world.jobRunsOf(shared, messageId)).toHaveLength(1);
  });

  it("keeps a message of a sender whom no tenant lists in quarantine", async () => {
    const send = new SendMessageCommand({
      QueueUrl: world.queueUrl("sluice-submissions"),
      MessageBody: JSON.stringify({ ...hello, name: "stranger" }),
    });
    await world.as("nobody").sqs.send(send);
    await expect.poll(async () => await world.waitingIn("sluice-quarantine"), { timeout: 15_000 }).toBe(1);
    expect(await world.receive("sluice-quarantine")).toEqual([JSON.stringify({ ...hello, name: "stranger" })]);
    await expect.poll(async () => await world.waitingIn("sluice-submissions"), { timeout: 15_000 }).toBe(0);
  });

  it("settles each message of a batch on its own: a refused one is told, and holds up none", async () => {
    const bodies = [hello, { jobDriver: { sparkSubmit: { entryPoint: "s3://globex-jobs/x.py" } } }, "not JSON"];
    const Entries = bodies.map((body, index) => ({
      Id: `m${index}`,
      MessageBody: typeof body === "string" ? body : JSON.stringify(body),
    }));
    const sent = await world
      .as("acme")
      .sqs.send(new SendMessageBatchCommand({ QueueUrl: world.queueUrl("sluice-submissions"), Entries }));
    const ends = await Promise.all((sent.Successful ?? []).map(({ MessageId }) => world.published(endOf(MessageId))));
    expect(ends.map((event) => event["detail-type"]).sort()).toEqual([
      "Submission Completed",
      "Submission Refused",
      "Submission Refused",
    ]);
  });

  it("starts one job run although EMR Serverless's answers were lost", async () => {
    // The job run exists, and nobody knows its id: the start is tried again with the same token.
    world.local.emr.faults.loseAnswer("StartJobRun", 1);
    const send = new SendMessageCommand({
      QueueUrl: world.queueUrl("sluice-submissions"),
      MessageBody: JSON.stringify({ ...hello, name: "lost" }),
    });
    const { MessageId: messageId = "" } = await world.as("acme").sqs.send(send);
    expect(dataOf(await world.published(endOf(messageId)))).toMatchObject({ outcome: "SUCCESS" });
    expect(await world.jobRunsOf(shared, messageId)).toHaveLength(1);
  });
});

describe("the events door", () => {
  it("starts the job template of a trigger for an uploaded file", async () => {
    const upload = { Bucket: "globex-inbox", Key: "incoming/a b+c.csv", Body: "a,b\n1,2\n" };
    await world.as("globex").s3.send(new PutObjectCommand(upload));
    const event = await world.published(({ detail }) => String(detail["subject"]).startsWith("s3."));
    const { applicationId, jobRunId } = dataOf(event)["jobRun"] as { applicationId: string; jobRunId: string };
    const { jobRun } = await world.as("operator").emr.send(new GetJobRunCommand({ applicationId, jobRunId }));
    expect(jobRun?.jobDriver?.sparkSubmit?.entryPointArguments?.[0]).toBe("s3://globex-inbox/incoming/a b+c.csv");
    expect(jobRun?.executionRole).toBe("arn:aws:iam::111122223333:role/sluice/jobs/globex");
  });

  it("starts a job for an event of a reserved source, once for one firing of its schedule", async () => {
    const detail = {
      jobTemplate: "daily-load",
      parameters: { date: "2026-11-21", feed: "orders" },
      schedule: {
        arn: "arn:aws:scheduler:us-east-1:111122223333:schedule/default/loads",
        scheduledTime: "2026-11-22T01:00:00Z",
      },
    };
    const entry = {
      EventBusName: "sluice",
      Source: "initech.jobs",
      DetailType: "Submission Requested",
      Detail: JSON.stringify(detail),
    };
    const { events } = world.as("initech");
    await events.send(new PutEventsCommand({ Entries: [entry, entry] }));
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    const event = await world.published((found) => dataOf(found)["tenantId"] === "initech");
    const submissionId = String(event.detail["subject"]);
    expect(submissionId).toMatch(/^sch\./);
    await world.local.aws.events.idle();
    await expect.poll(async () => await world.waitingIn("sluice-events"), { timeout: 15_000 }).toBe(0);
    expect(await world.jobRunsOf(shared, submissionId)).toHaveLength(1);
  });

  const entry = {
    EventBusName: "sluice",
    Source: "acme.pretends",
    DetailType: "Submission Requested",
    Detail: JSON.stringify(hello),
  };

  it("starts nothing for an event whose source no tenant has reserved", async () => {
    await expect(
      world.local.functions.events({
        version: "0",
        id: "e1",
        source: entry.Source,
        "detail-type": entry.DetailType,
        account: "111122223333",
        time: "2026-11-22T01:00:00Z",
        region: "us-east-1",
        resources: [],
        detail: hello,
      }),
    ).rejects.toThrow("Cannot tell the tenant: no tenant lists acme.pretends");
  });

  it("puts an event whose tenant it cannot prove with the dead ones of its queue at once", async () => {
    const quarantined = await world.waitingIn("sluice-quarantine");
    await world.as("acme").events.send(new PutEventsCommand({ Entries: [entry] }));
    await expect.poll(async () => await world.waitingIn("sluice-events-dlq"), { timeout: 15_000 }).toBe(1);
    await expect.poll(async () => await world.waitingIn("sluice-events"), { timeout: 15_000 }).toBe(0);
    const [body = ""] = await world.receive("sluice-events-dlq");
    expect(JSON.parse(body)).toMatchObject({ source: entry.Source, detail: hello });
    expect(await world.waitingIn("sluice-quarantine")).toBe(quarantined);
  });
});

it("tells a tenant's own queue as well", async () => {
  const { body } = await world.request("POST", "/v1/submissions", "acme", hello);
  await world.published(endOf(body["submissionId"]));
  const seen: string[] = [];
  for (let tries = 0; tries < 10 && !seen.some((text) => text.includes(String(body["submissionId"]))); tries += 1) {
    seen.push(...(await world.receive("acme-completions")));
  }
  const told = seen
    .map((text): { id: string; subject: string } => JSON.parse(text))
    .filter(({ subject }) => subject === body["submissionId"]);
  expect(told.map(({ id }) => id)).toEqual([`${body["submissionId"]}/completed`]);
});
