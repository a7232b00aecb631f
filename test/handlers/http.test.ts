import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { httpHandler } from "#handlers/http.ts";
import {
  call,
  doors,
  failingLedger,
  failingStart,
  invoke,
  ledgerDown,
  noon,
  startedFor,
  startedWith,
} from "./doors.ts";
import { formatOneEvent, functionUrlEvent, httpApiEvent, jwtOf, nightly, restEvent } from "./http-events.ts";
import { ofAcme, ofGlobex } from "./tenants.ts";

const acmeClaims = { claims: { client_id: ofAcme.client } };

const shapes = {
  "HTTP API 2.0": (own = {}) => httpApiEvent(own),
  "REST API": (own = {}) => restEvent({ authorizer: acmeClaims, ...own }),
  "HTTP API 1.0": (own = {}) => formatOneEvent({ authorizer: acmeClaims, ...own }),
  "function URL": (own = {}) => functionUrlEvent({ userArn: ofAcme.userArn, ...own }),
} as const;

describe.each(Object.entries(shapes))("httpHandler() over %s", (_name, event) => {
  test("starts the job of a POST and answers 201 with its place and its job run", async () => {
    const parts = doors();
    const answer = await call(parts, event({ body: nightly }));
    expect(answer.statusCode).toBe(201);
    expect(answer.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
    expect(answer.json).toMatchObject({
      submissionId: "new.id-1",
      tenantId: "acme",
      door: "http",
      state: "started",
      jobRunId: "00mem00000000001",
      acceptedAt: noon,
    });
    expect(answer.headers["location"]).toMatch(/\/v1\/submissions\/new\.id-1$/);
    expect(startedWith(parts)).toEqual([["--date", "2026-11-19"]]);
  });

  test("reads a body in base64", async () => {
    const parts = doors();
    expect(await call(parts, event({ body: nightly, base64: true }))).toMatchObject({ statusCode: 201 });
    expect(startedWith(parts)).toEqual([["--date", "2026-11-19"]]);
  });

  test("refuses a POST without a body with the faults of an empty job request", async () => {
    const answer = await call(doors(), event());
    expect(answer.statusCode).toBe(400);
    expect(answer.json.detail).toBe(
      "Cannot read the job request: the document must be of type object: current value is nothing",
    );
  });

  test("finds the submission again at its place", async () => {
    const parts = doors();
    const { json } = await call(parts, event({ body: nightly }));
    const found = await call(parts, event({ method: "GET", path: `/v1/submissions/${json.submissionId}` }));
    expect(found.statusCode).toBe(200);
    expect(found.json).toEqual(json);
  });
});

describe("httpHandler() finds its routes", () => {
  test.each([
    ["a named stage of an HTTP API", httpApiEvent({ body: nightly, stage: "prod" }), "/prod/v1/submissions/new.id-1"],
    ["a stage of a REST API", restEvent({ body: nightly, authorizer: acmeClaims }), "/prod/v1/submissions/new.id-1"],
    [
      "a base path",
      httpApiEvent({ body: nightly, path: "/jobs/api/v1/submissions" }),
      "/jobs/api/v1/submissions/new.id-1",
    ],
    [
      "nothing, with a slash behind",
      httpApiEvent({ body: nightly, path: "/v1/submissions/" }),
      "/v1/submissions/new.id-1",
    ],
    [
      "what could name another host",
      httpApiEvent({ body: nightly, path: "//evil.example/v1/submissions" }),
      "/v1/submissions/new.id-1",
    ],
  ])("behind %s, and tells the place below it", async (_name, event, location) => {
    const answer = await call(doors(), event);
    expect(answer.statusCode).toBe(201);
    expect(answer.headers["location"]).toBe(location);
  });

  test.each([
    "/",
    "/v1",
    "/v1/submissions/a/b",
    "/v1/submissions/a/cancel/b",
    "/v2/submissions",
    "/v1/submissions/%zz",
    "/xv1/submissions",
  ])("and nothing at %s: 404, whatever the body is", async (path) => {
    const answer = await call(
      doors(),
      httpApiEvent({ path, body: "no JSON", headers: { "content-type": "text/plain" } }),
    );
    expect(answer.statusCode).toBe(404);
    expect(answer.json).toMatchObject({
      code: "ERR_ROUTE_NOT_FOUND",
      detail: "Cannot find the route: the API is at /v1/submissions and /v1/usage",
    });
  });

  test.each([
    ["DELETE", "/v1/submissions", "POST"],
    ["GET", "/v1/submissions", "POST"],
    ["POST", "/v1/submissions/new.id-1", "GET"],
    ["GET", "/v1/submissions/new.id-1/cancel", "POST"],
    ["DELETE", "/v1/submissions/new.id-1/rerun", "POST"],
  ])("and answers %s %s with 405 and the method that it takes", async (method, path, allow) => {
    const parts = doors();
    const answer = await call(parts, httpApiEvent({ method, path, body: nightly }));
    expect(answer.statusCode).toBe(405);
    expect(answer.headers).toMatchObject({ allow, "content-type": "application/problem+json" });
    expect(answer.json).toMatchObject({
      code: "ERR_METHOD_NOT_ALLOWED",
      detail: `Cannot ${method} here: the route takes ${allow}`,
    });
    expect(startedFor(parts)).toEqual([]);
  });

  test.each([
    ["a batch of SQS", { Records: [] }],
    ["an event of a bus", { source: "acme.jobs", detail: {} }],
    ["a WebSocket message", { requestContext: { routeKey: "$connect" } }],
    ["nothing", null],
  ])("and throws on %s, because nobody would read the answer", async (_name, event) => {
    const { door, log } = doors();
    await expect(invoke(httpHandler(door), event)).rejects.toThrow(
      "Cannot read the event: it is not an HTTP request of API Gateway or a function URL",
    );
    expect(log.records).toMatchObject([{ level: "error", message: "failed", door: "http" }]);
  });
});

describe("httpHandler() says what passes and what is a bug", () => {
  test("answers 503 and when to come again while the ledger does not answer, for then nothing was taken", async () => {
    const answer = await call(doors({ services: failingLedger(ledgerDown()) }), httpApiEvent({ body: nightly }));
    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toMatchObject({ "retry-after": "5", "content-type": "application/problem+json" });
    expect(answer.json).toMatchObject({ code: "ERR_LEDGER_DOWN", status: 503, retryable: true });
  });

  test("answers with the time that the error gives, where it gives one", async () => {
    const answer = await call(doors({ services: failingLedger(ledgerDown(7)) }), httpApiEvent({ body: nightly }));
    expect(answer.headers["retry-after"]).toBe("7");
  });

  test("answers a bug with 500 and none of its text, but with the id that the log has", async () => {
    const parts = doors({ services: failingStart(new TypeError("table secret-table is gone")) });
    const answer = await call(parts, httpApiEvent({ body: nightly }));
    expect(answer.statusCode).toBe(500);
    expect(answer.json).toEqual({
      type: "about:blank",
      title: "Internal Server Error",
      status: 500,
      retryable: true,
      requestId: "ZhMpgigvDoEEPlg=",
    });
    expect(parts.log.records).toContainEqual(
      expect.objectContaining({
        level: "error",
        message: "failed",
        error: "TypeError",
        reason: "table secret-table is gone",
      }),
    );
  });

  test("gives every problem an id to quote: API Gateway's, or else Lambda's", async () => {
    const parts = doors();
    const event = httpApiEvent({ authorizer: null });
    expect((await call(parts, event)).json.requestId).toBe("ZhMpgigvDoEEPlg=");
    const { requestId: _none, ...requestContext } = event.requestContext;
    expect((await call(parts, { ...event, requestContext })).json.requestId).toBe(
      "00000000-0000-4000-8000-000000000000",
    );
  });

  test("answers 422 when EMR Serverless refuses the job run, with the submission that says so", async () => {
    const refused = new ServiceError("ERR_EMR_REFUSED", "EMR Serverless refused it: the release is unknown");
    const parts = doors({ services: failingStart(refused) });
    const answer = await call(parts, httpApiEvent({ body: nightly }));
    expect(answer.statusCode).toBe(422);
    expect(answer.json).toMatchObject({ code: "ERR_EMR_REFUSED", submissionId: "new.id-1" });
    expect(answer.headers["location"]).toBe("/v1/submissions/new.id-1");
    const found = await call(parts, httpApiEvent({ method: "GET", path: "/v1/submissions/new.id-1" }));
    expect(found.json).toMatchObject({ state: "refused", problem: { code: "ERR_EMR_REFUSED" } });
  });
});

describe("httpHandler() lets a tenant see its own submissions only", () => {
  test("answers another tenant's submission exactly like one that does not exist", async () => {
    const parts = doors();
    const { json } = await call(parts, httpApiEvent({ body: nightly }));
    const asGlobex = (id: string) =>
      httpApiEvent({ method: "GET", path: `/v1/submissions/${id}`, authorizer: jwtOf(ofGlobex.client) });
    const others = await call(parts, asGlobex(json.submissionId));
    const missing = await call(parts, asGlobex("new.none"));
    expect(others.statusCode).toBe(404);
    expect(others).toEqual(missing);
    expect(others.json.detail).toBe("Cannot find the submission: no submission of this tenant has this id");
  });

  test("asks no ledger for what cannot be an id", async () => {
    const parts = doors();
    const get = () => Promise.reject(new Error("the key is too long for the ledger"));
    const asked = doors({ services: { submissions: { ...parts.submissions, get } } });
    for (const id of ["a".repeat(5000), "%20", "..%2F..", "a%00b"]) {
      const answer = await call(asked, httpApiEvent({ method: "GET", path: `/v1/submissions/${id}` }));
      expect(answer).toMatchObject({ statusCode: 404, json: { code: "ERR_SUBMISSION_NOT_FOUND" } });
    }
  });

  test("shows no arguments and no policy", async () => {
    const parts = doors();
    const { body } = await call(parts, httpApiEvent({ body: nightly }));
    expect(body).not.toContain("2026-11-19");
    expect(body).not.toContain("s3:GetObject");
  });
});
