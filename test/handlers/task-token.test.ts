import { describe, expect, test } from "vitest";
import { requestedEvent, snsEnvelope, sqsEvent, toShared } from "./aws-events.ts";
import { call, deliver, doors, failingLedger, ledgerDown, occur, openDoors, refusals } from "./doors.ts";
import { httpApiEvent, nightly } from "./http-events.ts";
import { ofAcme } from "./tenants.ts";

const secret = "AQCEAAAA-a-secret";
const waiting = { ...nightly, notify: { taskToken: secret } };
const malformed = { ...waiting, colour: "red", executionTimeoutMinutes: 1 };

const tokensOf = (parts: ReturnType<typeof doors>) => parts.submissions.all().map(({ taskToken }) => taskToken);
const told = (parts: ReturnType<typeof doors>) => parts.events.told.map(({ taskToken }) => taskToken);

describe("the doors take the task token of a job request", () => {
  test("over HTTP", async () => {
    const parts = doors();
    expect(await call(parts, httpApiEvent({ body: waiting }))).toMatchObject({ statusCode: 201 });
    expect(tokensOf(parts)).toEqual([secret]);
  });

  test("from the queue, in an envelope too", async () => {
    const parts = openDoors();
    expect(await deliver(parts, sqsEvent({ messageId: "m", body: waiting }))).toEqual([]);
    const enclosed = snsEnvelope(waiting);
    expect(await deliver(parts, toShared(enclosed, { messageId: "n", sender: ofAcme.userId }))).toEqual([]);
    expect(tokensOf(parts)).toEqual([secret, secret]);
  });

  test("from an event", async () => {
    const parts = doors();
    await occur(parts, requestedEvent(waiting));
    expect(tokensOf(parts)).toEqual([secret]);
  });
});

describe("the doors answer the task of what is no job request", () => {
  test("from the queue", async () => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ body: malformed }))).toEqual([]);
    expect(told(parts)).toEqual([secret]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_REQUEST_INVALID", errors: [{}, {}] }]);
  });

  test("from the queue, also where the document is too large to be looked at", async () => {
    const parts = doors();
    const body = { ...waiting, parameters: { date: "x".repeat(256 * 1024) } };
    expect(await deliver(parts, sqsEvent({ body }))).toEqual([]);
    expect(told(parts)).toEqual([secret]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_REQUEST_TOO_LARGE" }]);
  });

  test("from the queue, also where only the request id beside it is wrong", async () => {
    const parts = doors();
    expect(await deliver(parts, sqsEvent({ body: { ...waiting, requestId: "a" }, requestId: "b" }))).toEqual([]);
    expect(told(parts)).toEqual([secret]);
  });

  test("from an event", async () => {
    const parts = doors();
    await occur(parts, requestedEvent(malformed));
    expect(told(parts)).toEqual([secret]);
  });

  test("but not over HTTP, where the caller reads the answer", async () => {
    const parts = doors();
    expect(await call(parts, httpApiEvent({ body: malformed }))).toMatchObject({ statusCode: 400 });
    expect(told(parts)).toEqual([]);
  });
});

describe("the doors keep a task token to themselves", () => {
  test("in answers and in the log, whatever becomes of the request", async () => {
    const parts = doors();
    const answers = [];
    const bodies = [
      waiting,
      malformed,
      { notify: waiting.notify },
      { ...nightly, notify: secret },
      JSON.stringify(waiting).slice(0, -3),
    ];
    for (const body of bodies) {
      const answer = await call(parts, httpApiEvent({ body, headers: { "idempotency-key": "one" } }));
      answers.push(answer, await deliver(parts, sqsEvent({ body })));
      await occur(parts, requestedEvent(body)).catch(() => undefined);
    }
    const { submissionId } = parts.submissions.all()[0]!;
    answers.push(await call(parts, httpApiEvent({ method: "GET", path: `/v1/submissions/${submissionId}` })));
    const away = {
      ...parts,
      door: { ...parts.door, services: { ...parts.door.services, ...failingLedger(ledgerDown()) } },
    };
    answers.push(await call(away, httpApiEvent({ body: waiting })), await deliver(away, sqsEvent({ body: waiting })));
    expect(answers.length).toBeGreaterThan(10);
    expect(parts.log.records.length).toBeGreaterThan(10);
    const events = parts.events.published.map(({ event }) => event);
    expect(JSON.stringify([answers, parts.log.records, events])).not.toContain(secret.slice(0, 8));
  });
});
