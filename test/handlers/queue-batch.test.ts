import { describe, expect, test } from "vitest";
import { queueHandler } from "#handlers/queue.ts";
import { s3Notification, serviceSender, sqsEvent, sqsRecord, toShared, upload } from "./aws-events.ts";
import { deliver, doors, failingStart, invoke, openDoors, startedFor } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { sharedFifoQueue } from "./tenants.ts";

const dated = (date: string) => ({ jobTemplate: "nightly", parameters: { date } });

describe("queueHandler() settles each message on its own", () => {
  test("so that a bad one fails none of the others", async () => {
    const parts = doors();
    const event = sqsEvent(
      { messageId: "good", body: nightly },
      { messageId: "text", body: "Test message." },
      { messageId: "stranger", body: nightly, sender: serviceSender },
      { messageId: "good too", body: nightly },
    );
    expect(await deliver(parts, event)).toEqual(["stranger"]);
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });

  test("and returns what fails for a reason that nobody foresaw", async () => {
    const parts = doors({ services: failingStart(new RangeError("out of luck")) });
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: nightly }))).toEqual(["m"]);
    expect(parts.log.records).toMatchObject([
      {
        level: "error",
        error: "RangeError",
        reason: "out of luck",
        tenantId: "acme",
        stack: expect.stringMatching(/at /),
      },
    ]);
  });

  test("in a group of a FIFO queue up to the first that fails, while other groups go on", async () => {
    const parts = doors();
    const fifo = { queue: sharedFifoQueue, body: nightly };
    const event = sqsEvent(
      { ...fifo, messageId: "a1", group: "a" },
      { ...fifo, messageId: "b1", group: "b", body: dated("2026-01-01") },
      { ...fifo, messageId: "a2", group: "a", sender: serviceSender },
      { ...fifo, messageId: "a3", group: "a" },
      { ...fifo, messageId: "b2", group: "b", body: dated("2026-01-02") },
    );
    expect(await deliver(parts, event)).toEqual(["a2", "a3"]);
    expect(
      parts.submissions
        .all()
        .map(({ submissionId }) => submissionId)
        .sort(),
    ).toEqual(["a1", "b1", "b2"]);
  });

  test("in a group of a FIFO queue past one that is refused for good", async () => {
    const parts = doors();
    const fifo = { queue: sharedFifoQueue, group: "a" };
    expect(
      await deliver(
        parts,
        sqsEvent({ ...fifo, messageId: "a1", body: "no" }, { ...fifo, messageId: "a2", body: nightly }),
      ),
    ).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("also where a standard queue's messages carry a group, which keeps no order there", async () => {
    const parts = doors();
    const event = sqsEvent(
      { messageId: "m1", group: "acme", body: nightly, sender: serviceSender },
      { messageId: "m2", group: "acme", body: nightly },
    );
    expect(await deliver(parts, event)).toEqual(["m1"]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("and answers an empty batch with no failure", async () => {
    expect(await deliver(doors(), { Records: [] })).toEqual([]);
  });
});

describe("queueHandler() throws", () => {
  test.each([
    ["an HTTP request", { requestContext: { http: {} }, rawPath: "/" }],
    ["an event of a bus", { source: "aws.s3", detail: {} }],
    ["records of S3", { Records: [{ eventSource: "aws:s3", s3: {} }] }],
    ["records of SNS", { Records: [{ EventSource: "aws:sns", Sns: {} }] }],
    ["a bare list of messages", [{ eventSource: "aws:sqs" }]],
    ["messages of another broker", { Records: [{ ...sqsRecord({ body: nightly }), eventSource: "aws:mq" }] }],
    ["a message without an id", { Records: [{ eventSource: "aws:sqs", body: "", eventSourceARN: "arn" }] }],
    ["a record that is null", { Records: [null] }],
    ["nothing", null],
    ["a text", "Records"],
  ])("on %s, and logs it", async (_name, event) => {
    const { door, log } = doors();
    await expect(invoke(queueHandler(door), event)).rejects.toThrow(
      "Cannot read the event: it is not a batch of SQS messages",
    );
    expect(log.records).toMatchObject([{ level: "error", message: "failed", door: "queue" }]);
  });
});

describe("queueHandler() logs ids and verdicts only", () => {
  test("of what it starts, refuses and returns", async () => {
    const parts = doors();
    const args = { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py", entryPointArguments: ["hunter2"] } };
    const event = sqsEvent(
      { messageId: "a", body: { jobDriver: args } },
      { messageId: "b", body: { jobDriver: args, mode: "hunter2" } },
      { messageId: "c", body: "hunter2" },
      { messageId: "d", body: { jobDriver: args }, sender: serviceSender },
    );
    await deliver(parts, event);
    expect(parts.log.records).toHaveLength(4);
    expect(JSON.stringify(parts.log.records)).not.toMatch(/hunter2|s3:|entryPoint/);
    expect(parts.log.records).toContainEqual(
      expect.objectContaining({
        messageId: "b",
        verdict: "refused",
        tenantId: "acme",
        code: "ERR_JOB_REQUEST_INVALID",
      }),
    );
  });
});

describe("queueHandler() throws what kept a part of a message from being read", () => {
  test("once the rest of it is settled, and not in the name of the rest's tenant", async () => {
    const parts = openDoors();
    const notification = s3Notification(upload, upload);
    const records = [notification.Records[0], { ...notification.Records[1], s3: {} }];
    expect(await deliver(parts, toShared({ Records: records }))).toEqual(["m"]);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.log.records).toMatchObject([{ message: "submission" }, { message: "returned to the queue" }]);
    expect(parts.log.records[1]).not.toHaveProperty("tenantId");
  });
});
