import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { serviceSender, sqsEvent } from "./aws-events.ts";
import { deliver, doors, failingLedger, ledgerDown, refusals, startedFor, startedWith } from "./doors.ts";
import { nightly } from "./http-events.ts";
import { acme, ofAcme, ofGlobex } from "./tenants.ts";

const dated = (date: string) => ({ jobTemplate: "nightly", parameters: { date } });

describe("queueHandler() proves the tenant", () => {
  test.each([
    ["by the sender, an IAM user", { sender: ofAcme.userId }, `sender:${ofAcme.userId}`],
    [
      "by the sender, a role, whatever its session",
      { sender: `${ofAcme.roleId}:AIDAGLOBEX` },
      `sender:${ofAcme.roleId}`,
    ],
    ["by the tenant's own queue, whoever sent it there", { sender: serviceSender, queue: ofAcme.queue }, ofAcme.queue],
    ["by both, where they agree", { sender: ofAcme.userId, queue: ofAcme.queue }, ofAcme.queue],
  ])("%s", async (_name, sent, caller) => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ body: nightly, ...sent }))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.submissions.all()).toMatchObject([
      { submissionId: "6b1a6a7e-0001", tenantId: "acme", door: "queue", caller, state: "started" },
    ]);
  });

  test.each([
    ["a sender whom no tenant lists", { sender: serviceSender }, "no tenant lists"],
    [
      "a sender of another tenant on a tenant's own queue",
      { sender: ofGlobex.userId, queue: ofAcme.queue },
      "belong to 2 tenants",
    ],
    ["a role's session of the name of a listed user", { sender: `AROAOTHER:${ofAcme.userId}` }, "no tenant lists"],
    ["a federated user of a listed name", { sender: `123456789012:${ofAcme.userId}` }, "no tenant lists"],
    ["a sender id that a listed one begins", { sender: `${ofAcme.roleId}X:s` }, "no tenant lists"],
    ["no sender id", { sender: "" }, "no tenant lists"],
  ])("and returns a message of %s to the queue", async (_name, sent, reason) => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: { ...nightly, tenantId: "acme" }, ...sent }))).toEqual(
      ["m"],
    );
    expect(startedFor(parts)).toEqual([]);
    expect(parts.events.published).toEqual([]);
    expect(parts.log.records).toEqual([
      expect.objectContaining({
        level: "warn",
        message: "returned to the queue",
        messageId: "m",
        code: "ERR_TENANT_UNKNOWN",
        reason: expect.stringContaining(reason),
      }),
    ]);
  });

  test("and does not take a federated user for the root user of its account", async () => {
    const rooted = { ...acme, tenant: { ...acme.tenant, callers: ["sender:123456789012"] } };
    const parts = doors({ services: { tenants: memoryTenants([rooted]) } });
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: nightly, sender: "123456789012:acme" }))).toEqual([
      "m",
    ]);
    expect(await deliver(parts, sqsEvent({ messageId: "n", body: nightly, sender: "123456789012" }))).toEqual([]);
  });
});

describe("queueHandler() refuses for good", () => {
  test.each([
    [
      "text that is no JSON",
      "Test message.",
      "ERR_JOB_REQUEST_INVALID",
      "Cannot read the job request: the body must be JSON",
    ],
    [
      "null",
      "null",
      "ERR_JOB_REQUEST_INVALID",
      "Cannot read the job request: the document must be of type object: current value is null",
    ],
    [
      "a list",
      "[]",
      "ERR_JOB_REQUEST_INVALID",
      "Cannot read the job request: the document must be of type object: current value is []",
    ],
    [
      "a number",
      "1e999",
      "ERR_JOB_REQUEST_INVALID",
      "Cannot read the job request: the document must be of type object: current value is null",
    ],
    ["no records", '{"Records":[]}', "ERR_JOB_REQUEST_INVALID", undefined],
    ["records of nothing", '{"Records":[null]}', "ERR_JOB_REQUEST_INVALID", undefined],
    [
      "a source that picks a parser elsewhere",
      '{"eventSource":"aws:cloudwatch"}',
      "ERR_JOB_REQUEST_INVALID",
      undefined,
    ],
    ["a key that reaches a prototype", '{"__proto__":{"tenantId":"globex"}}', "ERR_JOB_REQUEST_INVALID", undefined],
    [
      "values that are no texts",
      '{"Type":{"toString":1},"TopicArn":[],"id":{},"detail":1}',
      "ERR_JOB_REQUEST_INVALID",
      undefined,
    ],
    [
      "configurations without end",
      `{"configurationOverrides":{"applicationConfiguration":${'[{"configurations":'.repeat(6000)}[]${"}]".repeat(6000)}}}`,
      "ERR_JOB_REQUEST_INVALID",
      undefined,
    ],
    ["another tenant's name", JSON.stringify({ ...nightly, tenantId: "globex" }), "ERR_TENANT_MISMATCH", undefined],
    [
      "a job that the rules deny",
      JSON.stringify({ jobDriver: { sparkSubmit: { entryPoint: "s3://x/y.py" } } }),
      "ERR_JOB_NOT_ALLOWED",
      undefined,
    ],
    ["more than 256 KiB", JSON.stringify({ name: "n".repeat(262_144) }), "ERR_JOB_REQUEST_TOO_LARGE", undefined],
  ])("%s: stored, published and acknowledged", async (_name, body, code, detail) => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ messageId: "m", body }))).toEqual([]);
    expect(startedFor(parts)).toEqual([]);
    expect(parts.submissions.all()).toMatchObject([
      { submissionId: "m", tenantId: "acme", state: "refused", refusal: { code } },
    ]);
    expect(refusals(parts)).toMatchObject([{ code, retryable: false, ...(detail !== undefined && { detail }) }]);
    expect(parts.events.published).toMatchObject([{ queueUrl: ofAcme.completionQueueUrl }]);
  });

  test("once, however often the message comes", async () => {
    const parts = doors();
    for (const _time of [1, 2, 3]) await deliver(parts, sqsEvent({ body: "Test message." }));
    expect(parts.events.published).toHaveLength(1);
  });

  test("a request id attribute that cannot be one, together with the faults of the body", async () => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ body: { mode: "FAST" }, requestId: "é".repeat(100_000) }))).toEqual([]);
    expect(refusals(parts)).toMatchObject([
      {
        code: "ERR_JOB_REQUEST_INVALID",
        errors: [{ pointer: "/mode" }, { pointer: "" }, { pointer: "/messageAttributes/requestId" }],
      },
    ]);
    expect(JSON.stringify(parts.submissions.all()).length).toBeLessThan(5000);
  });
});

describe("queueHandler() starts one job run", () => {
  test("for a message that comes twice, also in one batch", async () => {
    const parts = doors();
    const event = sqsEvent({ body: nightly }, { body: nightly });
    expect(await deliver(parts, event)).toEqual([]);
    expect(await deliver(parts, event)).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("for one request id in two messages, as attribute and in the document", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "a", body: nightly, requestId: "n-19" }));
    await deliver(parts, sqsEvent({ messageId: "b", body: { ...nightly, requestId: "n-19" } }));
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.submissions.all()).toMatchObject([{ requestId: "n-19" }]);
  });

  test("for a message that the ledger did not take and that comes again", async () => {
    const parts = doors();
    const down = doors({ services: failingLedger(ledgerDown()) });
    expect(await deliver(down, sqsEvent({ messageId: "m", body: nightly }))).toEqual(["m"]);
    expect(down.log.records).toMatchObject([{ message: "returned to the queue", code: "ERR_LEDGER_DOWN" }]);
    const { starts } = down;
    const again = doors({ services: { starts, submissions: parts.submissions } });
    expect(await deliver(again, sqsEvent({ messageId: "m", body: nightly }))).toEqual([]);
    expect(startedFor(again)).toEqual(["acme"]);
    expect((await starts.line("acme")).active).toEqual(["m"]);
  });

  test("and refuses another job request under the request id, without a word about the first", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "a", body: nightly, requestId: "r" }));
    expect(await deliver(parts, sqsEvent({ messageId: "b", body: dated("2026-01-01"), requestId: "r" }))).toEqual([]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_SUBMISSION_CONFLICT" }]);
    expect(startedWith(parts)).toEqual([["--date", "2026-11-19"]]);
  });
});
