import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventsHandler } from "#handlers/events.ts";
import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { waitingSubmission } from "#test/helpers/submission.ts";
import {
  busEvent,
  jobRunChange,
  objectCreated,
  requestedEvent,
  s3Notification,
  scheduledEvent,
  serviceSender,
  snsEnvelope,
  sqsRecord,
} from "./aws-events.ts";
import { call, deliver, doors, invoke, startedFor } from "./doors.ts";
import { formatOneEvent, functionUrlEvent, httpApiEvent, jwtOf, nightly, restEvent } from "./http-events.ts";
import { ofAcme, ofGlobex, sharedFifoQueue, sharedQueue } from "./tenants.ts";

/** Any JSON, with the names that mean something here among its keys. */
const names = [
  "tenantId",
  "requestId",
  "jobTemplate",
  "parameters",
  "jobDriver",
  "Records",
  "eventSource",
  "s3",
  "Type",
  "TopicArn",
  "Message",
  "detail",
  "source",
  "id",
  "detail-type",
  "__proto__",
  "constructor",
  "toString",
];
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { depthSize: "small", maxDepth: 4 },
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom("aws:s3", "Notification", "acme", "globex", "nightly", "aws.s3", "Submission Requested", "{}"),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), tie("json"), { maxKeys: 5, noNullPrototype: true }),
  ),
}));

/** What an attacker as well as anybody else may send: wrong, right, and right of another tenant. */
const document = fc.oneof(
  json,
  fc.constant(nightly),
  fc.record(
    { jobTemplate: fc.constant("nightly"), tenantId: fc.constantFrom("acme", "globex"), requestId: fc.string() },
    { requiredKeys: ["jobTemplate"] },
  ),
  fc
    .constantFrom(ofAcme, ofGlobex)
    .chain((of) =>
      fc.constantFrom<unknown>(
        requestedEvent(nightly, { source: of.source }),
        requestedEvent(nightly, { account: of.account }),
        scheduledEvent(of.schedule),
        objectCreated({ key: `${of.source.slice(0, -5)}/in/day.csv` }),
        s3Notification({ key: "acme/in/day.csv" }, { key: "globex/in/day.csv" }),
        snsEnvelope(s3Notification({ key: `${of.source.slice(0, -5)}/in/day.csv` })),
        snsEnvelope(nightly),
      ),
    ),
);

const text = fc.oneof(
  document.map((value) => JSON.stringify(value) ?? ""),
  fc.string(),
);

const runs = { numRuns: 500 };

describe("whatever comes in", () => {
  test("httpHandler() answers with a status and JSON, and starts jobs of the proven tenant only", async () => {
    let started = 0;
    const shape = fc.constantFrom(
      (own: object) => httpApiEvent({ authorizer: jwtOf(ofGlobex.client), ...own }),
      (own: object) => restEvent({ authorizer: { claims: { sub: ofGlobex.subject } }, ...own }),
      (own: object) => formatOneEvent({ authorizer: { principalId: ofGlobex.principal }, ...own }),
      (own: object) => functionUrlEvent({ userArn: ofGlobex.userArn, ...own }),
    );
    const asked = fc.record(
      {
        method: fc.constantFrom("POST", "POST", "GET", "PUT"),
        path: fc.oneof(
          fc.constant("/v1/submissions"),
          fc.string().map((id) => `/v1/submissions/${id}`),
          fc
            .tuple(fc.oneof(fc.string(), fc.constant("of-acme")), fc.constantFrom("cancel", "rerun"))
            .map(([id, action]) => `/v1/submissions/${id}/${action}`),
          fc.string(),
        ),
        headers: fc.dictionary(
          fc.oneof(fc.constantFrom("Idempotency-Key", "content-type", "x-tenant"), fc.string()),
          fc.string(),
          { noNullPrototype: true },
        ),
        body: fc.oneof(text, document),
        base64: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(shape, asked, async (event, own) => {
        const parts = doors();
        await parts.submissions.accept(waitingSubmission({ submissionId: "of-acme" }));
        const answer = await call(parts, event(own));
        expect(await parts.submissions.get("of-acme")).toMatchObject({ state: "waiting" });
        expect(answer.statusCode).toBeGreaterThanOrEqual(200);
        expect(answer.statusCode).toBeLessThan(500);
        expect(typeof answer.json).toBe("object");
        expect(startedFor(parts).filter((tenant) => tenant !== "globex")).toEqual([]);
        started += startedFor(parts).length;
      }),
      runs,
    );
    expect(started).toBeGreaterThan(0);
  });

  test("httpHandler() answers to any request context, and starts nothing for one that proves nobody", async () => {
    await fc.assert(
      fc.asyncProperty(json, json, text, async (authorizer, identity, body) => {
        const parts = doors();
        const event = httpApiEvent({ authorizer, body, headers: { authorization: ofAcme.client } });
        const answer = await call(parts, { ...event, requestContext: { ...event.requestContext, identity } });
        expect([401, 403]).toContain(answer.statusCode);
        expect(startedFor(parts)).toEqual([]);
      }),
      runs,
    );
  });

  test("queueHandler() answers with ids of its batch, and starts jobs of the proven tenants only", async () => {
    let started = 0;
    const record = fc.record({
      body: text,
      queue: fc.constantFrom(sharedQueue, sharedFifoQueue, ofGlobex.queue, ofGlobex.inbox),
      sender: fc.constantFrom(ofGlobex.userId, `${ofGlobex.roleId}:${ofAcme.userId}`, serviceSender, ""),
      group: fc.constantFrom("a", "b"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(record, { maxLength: 6 }), async (sent) => {
        const parts = doors();
        const messages = sent.map((own, at) => sqsRecord({ ...own, messageId: `m${at}` }));
        const returned = await deliver(parts, { Records: messages });
        const ids = messages.map(({ messageId }) => messageId);
        expect(ids).toEqual(expect.arrayContaining(returned));
        expect(new Set(returned).size).toBe(returned.length);
        expect(startedFor(parts).filter((tenant) => tenant !== "globex")).toEqual([]);
        started += startedFor(parts).length;
        expect(parts.submissions.all().filter(({ tenantId }) => tenantId !== "globex")).toEqual([]);
      }),
      runs,
    );
    expect(started).toBeGreaterThan(0);
  });

  test("eventsHandler() answers nothing or throws an error, and starts jobs of the proven tenant only", async () => {
    let started = 0;
    const event = fc.oneof(
      document,
      fc
        .record({ detail: document, account: fc.constantFrom(ofGlobex.account, "999999999999", "") })
        .map((own) => requestedEvent(own.detail, { account: own.account })),
      document.map((detail) => requestedEvent(detail, { source: ofGlobex.source })),
      document.map((detail) => scheduledEvent(ofGlobex.schedule, { detail })),
      document.map((detail) => busEvent({ source: "aws.s3", "detail-type": "Object Created", detail })),
    );
    // Events of acme's own, which AWS would have proved, are left out: what is left may start globex's jobs at most.
    const isAcmes = (value: unknown): boolean => {
      const { source, account, resources, detail } = Object(value);
      const key = String(Object(Object(detail)["object"])["key"]);
      return (
        (source === ofAcme.source && account !== ofGlobex.account) ||
        account === ofAcme.account ||
        Object(resources)[0] === ofAcme.schedule ||
        (source === "aws.s3" && key.startsWith("acme/"))
      );
    };
    await fc.assert(
      fc.asyncProperty(event, async (value) => {
        fc.pre(!isAcmes(value));
        const parts = doors();
        const answer = await invoke(eventsHandler(parts.door), value).catch((error: unknown) => error);
        expect(answer === undefined || answer instanceof Error).toBe(true);
        expect(answer).not.toBeInstanceOf(TypeError);
        expect(startedFor(parts).filter((tenant) => tenant !== "globex")).toEqual([]);
        started += startedFor(parts).length;
      }),
      runs,
    );
    expect(started).toBeGreaterThan(0);
  });

  test("jobRunChangedHandler() answers with ids of its batch or throws an error, and ends nothing", async () => {
    const event = fc.oneof(
      document,
      document.map((detail) => jobRunChange({ applicationId: "a", jobRunId: "b", state: "SUCCESS" }, { detail })),
    );
    await fc.assert(
      fc.asyncProperty(event, async (value) => {
        const parts = doors();
        const answer = await invoke(jobRunChangedHandler(parts.door), value).catch((error: unknown) => error);
        if (answer instanceof Error) expect(answer).not.toBeInstanceOf(TypeError);
        else expect([undefined, { batchItemFailures: [] }]).toContainEqual(answer);
        const batch = { Records: [sqsRecord({ messageId: "m", body: value ?? null })] };
        expect([{ batchItemFailures: [] }, { batchItemFailures: [{ itemIdentifier: "m" }] }]).toContainEqual(
          await invoke(jobRunChangedHandler(parts.door), batch),
        );
        expect(parts.events.published).toEqual([]);
      }),
      runs,
    );
  });
});
