import { describe, expect, test } from "vitest";
import { busEventOf, intakeOfEvent } from "#handlers/event-delivery.ts";
import {
  busEvent,
  jobRunChange,
  requestedEvent,
  s3Notification,
  scheduledEvent,
  snsEnvelope,
  sqsEvent,
  upload,
} from "./aws-events.ts";
import {
  deliver,
  doors,
  failingLedger,
  ledgerDown,
  noon,
  occur,
  ownAccount,
  refusals,
  startedFor,
  startedWith,
} from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofAcme, ofGlobex } from "./tenants.ts";

describe("eventsHandler() proves the tenant of a Submission Requested event", () => {
  test("by the source that is reserved for it, in our own account", async () => {
    const parts = doors();
    await occur(parts, requestedEvent(nightly));
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.submissions.all()).toMatchObject([{ door: "events", caller: "source:acme.jobs", state: "started" }]);
  });

  test("by the account of an event of another account, whatever its source", async () => {
    for (const source of ["their.own", ofAcme.source, ofGlobex.source]) {
      const parts = doors();
      await occur(parts, requestedEvent(nightly, { source, account: ofGlobex.account }));
      expect(startedFor(parts)).toEqual(["globex"]);
      expect(parts.submissions.all()).toMatchObject([{ caller: "account:444455556666" }]);
    }
  });

  test.each([
    ["our tenant's source, put by an account that no tenant lists", { account: "999999999999" }],
    ["our tenant's source, of no account", { account: "" }],
    ["a source that nobody reserved", { source: "acme.jobs.other" }],
    ["a source in other letters", { source: "ACME.jobs" }],
  ])("and throws on %s", async (_name, own) => {
    const parts = doors();
    await expect(occur(parts, requestedEvent({ ...nightly, tenantId: "acme" }, own))).rejects.toMatchObject({
      code: "ERR_TENANT_UNKNOWN",
      message: expect.stringContaining("Cannot tell the tenant: no tenant lists"),
    });
    expect(parts.submissions.all()).toEqual([]);
    expect(parts.log.records).toMatchObject([{ level: "error", door: "events", code: "ERR_TENANT_UNKNOWN" }]);
  });

  test("and refuses a detail that names another tenant", async () => {
    const parts = doors();
    await occur(parts, requestedEvent({ ...nightly, tenantId: "globex" }));
    expect(refusals(parts)).toMatchObject([{ code: "ERR_TENANT_MISMATCH", status: 403 }]);
    expect(parts.events.published).toMatchObject([{ queueUrl: ofAcme.completionQueueUrl }]);
    expect(startedFor(parts)).toEqual([]);
  });

  test.each([{ detail: "{}" }, { detail: [] }, { detail: null }, { detail: { mode: "FAST" } }])(
    "and refuses %j",
    async ({ detail }) => {
      const parts = doors();
      await occur(parts, requestedEvent(detail));
      expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_REQUEST_INVALID", retryable: false }]);
    },
  );
});

describe("eventsHandler() starts the job of a schedule", () => {
  const firing = (scheduledTime: string) => ({ ...nightly, schedule: { arn: ofAcme.schedule, scheduledTime } });

  test("that puts an event with a document on the bus: once for each time, however often it is put", async () => {
    const parts = doors();
    await occur(parts, requestedEvent(firing("2026-11-22T03:00:00Z"), { id: "first" }));
    await occur(parts, requestedEvent(firing("2026-11-22T03:00:00Z"), { id: "second" }));
    await occur(parts, requestedEvent(firing("2026-11-23T03:00:00Z"), { id: "third" }));
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
    expect(parts.submissions.all()[0]?.submissionId).toMatch(/^sch\./);
  });

  test.each([
    ["a schedule, whose detail is the text {}", scheduledEvent(ofAcme.schedule), "2026-11-20"],
    ["a rule, whose detail is empty", scheduledEvent(ofAcme.rule, { source: "aws.events", detail: {} }), "2026-11-21"],
  ])("that the tenant lists: %s", async (_name, event, date) => {
    const parts = doors();
    await occur(parts, event);
    await occur(parts, { ...event, id: "another-id" });
    expect(startedWith(parts)).toEqual([["--date", date]]);
    await occur(parts, { ...event, time: "2026-11-23T12:00:00Z" });
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });

  test.each([
    ["that no tenant lists", scheduledEvent(`${ofAcme.schedule}-2`), "no tenant lists"],
    ["of no ARN", scheduledEvent("", { resources: [] }), "no tenant lists"],
    ["of an ARN that is no text", scheduledEvent("", { resources: [{ toString: 1 }] }), "no tenant lists"],
    [
      "without its time, which tells firings apart",
      scheduledEvent(ofAcme.schedule, { time: "" }),
      "/time must be the time of the firing",
    ],
    [
      "that claims to come from a tenant",
      scheduledEvent(ofAcme.schedule, { source: ofGlobex.source }),
      "is of no kind that starts jobs",
    ],
  ])("and throws on one %s", async (_name, event, reason) => {
    const parts = doors();
    await expect(occur(parts, event)).rejects.toThrow(reason);
    expect(parts.submissions.all()).toEqual([]);
    expect(JSON.stringify(parts.log.records)).not.toContain("hunter2");
  });
});

describe("eventsHandler() starts one job run", () => {
  test("for an event that comes twice, whose id need not be a version 4 UUID", async () => {
    for (const id of ["f5f1e65c-dc3a-93ca-6c1e-b1647eac7963", "not a uuid, and longer than EMR's tokens ".repeat(3)]) {
      const parts = doors();
      await occur(parts, requestedEvent(nightly, { id }));
      await occur(parts, requestedEvent(nightly, { id }));
      expect(startedFor(parts)).toEqual(["acme"]);
    }
  });

  test("for one request id in two events, and in another door", async () => {
    const parts = doors();
    const detail = { ...nightly, requestId: "n-19" };
    await occur(parts, requestedEvent(detail, { id: "first" }));
    await occur(parts, requestedEvent(detail, { id: "second" }));
    await deliver(parts, sqsEvent({ body: nightly, requestId: "n-19" }));
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("for an event that the ledger did not take and that comes again", async () => {
    const parts = doors();
    const down = doors({ services: failingLedger(ledgerDown()) });
    await expect(occur(down, requestedEvent(nightly))).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN" });
    await occur(doors({ services: { ...parts.door.services, starts: down.starts } }), requestedEvent(nightly));
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("whose client token is the event's id, which EventBridge gave it", async () => {
    const parts = doors();
    await occur(parts, requestedEvent(nightly, { id: "17793124-05d4-b198-2fde-7ededc63b103" }));
    expect(parts.jobRuns.started.map(({ clientToken }) => clientToken)).toEqual([
      "17793124-05d4-b198-2fde-7ededc63b103",
    ]);
  });
});

test("eventsHandler() refuses a schedule's detail that is no JSON, in the name of its tenant", async () => {
  const parts = doors();
  await occur(parts, scheduledEvent(ofAcme.schedule, { detail: "hunter2" }));
  expect(startedFor(parts)).toEqual([]);
  expect(parts.submissions.all()).toMatchObject([{ tenantId: "acme", state: "refused" }]);
  expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_REQUEST_INVALID" }]);
});

describe("eventsHandler() throws on what starts nothing here", () => {
  const unread = "Cannot read the event: an EventBridge event with id, source, detail-type and detail is wanted";

  test.each([
    [
      "a change of an EMR application",
      busEvent({
        source: "aws.emr-serverless",
        "detail-type": "EMR Serverless Application State Change",
        detail: { state: "CREATING" },
      }),
      "is of no kind that starts jobs",
    ],
    [
      "a change of a job run",
      jobRunChange({ applicationId: "a", jobRunId: "b", state: "SUCCESS" }),
      "is of no kind that starts jobs",
    ],
    [
      "a request whose source is AWS's",
      requestedEvent(nightly, { source: "aws.jobs" }),
      "is of no kind that starts jobs",
    ],
    [
      "another event of the tenant",
      requestedEvent(nightly, { "detail-type": "Something Else" }),
      "is of no kind that starts jobs",
    ],
    ["SNS without a queue", { Records: [{ EventSource: "aws:sns", Sns: snsEnvelope(nightly) }] }, unread],
    ["S3 without a bus", s3Notification(upload), unread],
    ["SQS", sqsEvent({ body: nightly }), "events are taken from"],
    ["an empty batch", { Records: [] }, unread],
    ["a document without an envelope", nightly, unread],
    [
      "an envelope without a detail",
      { id: "1", source: ofAcme.source, "detail-type": "Submission Requested", time: noon },
      unread,
    ],
    ["an empty document", {}, unread],
    ["nothing", null, unread],
    ["a list", [requestedEvent(nightly)], unread],
    ["a text", "event", unread],
  ])("%s", async (_name, event, reason) => {
    const parts = doors();
    await expect(occur(parts, event)).rejects.toThrow(reason);
    expect(parts.submissions.all()).toEqual([]);
    expect(parts.log.records).toMatchObject([{ level: "error", message: "failed", door: "events" }]);
  });
});

describe("eventsHandler() refuses a detail of more than 256 KB", () => {
  const large = { ...nightly, parameters: { date: "x".repeat(256 * 1024) } };
  const tooLarge = { code: "ERR_JOB_REQUEST_TOO_LARGE", detail: expect.stringContaining("at most 262144 bytes") };

  test.each([
    ["of a Submission Requested event", requestedEvent(large)],
    ["of a schedule", scheduledEvent(ofAcme.schedule, { detail: JSON.stringify(large) })],
    ["of a rule", scheduledEvent(ofAcme.rule, { source: "aws.events", detail: large })],
  ])("%s, and says so with its size", async (_what, event) => {
    const parts = doors();
    await occur(parts, event);
    expect(startedFor(parts)).toEqual([]);
    expect(refusals(parts)).toMatchObject([tooLarge]);
  });

  test("by its bytes, not its characters", async () => {
    const parts = doors();
    await occur(parts, requestedEvent({ ...nightly, parameters: { date: "é".repeat(130 * 1024) } }));
    expect(refusals(parts)).toMatchObject([tooLarge]);
  });

  test("and one that is nested without end, which the writer of JSON cannot write", async () => {
    const parts = doors();
    const detail: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    const intake = await intakeOfEvent(
      { services: parts.door.services, door: "events", accountId: ownAccount, proofs: [] },
      busEventOf({ ...requestedEvent({}), detail })!,
    );
    expect(intake).toMatchObject({
      deliveries: [{ parsed: { error: { message: expect.stringContaining("at most 64 levels") } } }],
    });
  });
});
