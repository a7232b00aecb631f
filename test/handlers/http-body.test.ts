import { describe, expect, test } from "vitest";
import { call, doors, startedFor } from "./doors.ts";
import { httpApiEvent, nightly, restEvent } from "./http-events.ts";
import { ofAcme } from "./tenants.ts";

const problem = {
  "content-type": "application/problem+json",
  "cache-control": "no-store",
};

describe("httpHandler() takes every JSON content type", () => {
  test.each([
    "application/json",
    "application/json; charset=utf-8",
    "APPLICATION/JSON",
    "application/cloudevents+json",
  ])("%s", async (type) => {
    const answer = await call(doors(), httpApiEvent({ body: nightly, headers: { "content-type": type } }));
    expect(answer.statusCode).toBe(201);
  });

  test.each(["CONTENT-TYPE", "Content-Type", "cOnTeNt-TyPe"])("under a header spelled %s", async (name) => {
    const event = restEvent({ body: nightly, authorizer: { claims: { client_id: ofAcme.client } } });
    const answer = await call(doors(), { ...event, headers: { [name]: "application/json" } });
    expect(answer.statusCode).toBe(201);
  });

  test.each(["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])(
    "and refuses %j with 415",
    async (type) => {
      const answer = await call(doors(), httpApiEvent({ body: nightly, headers: { "content-type": type } }));
      expect(answer).toMatchObject({ statusCode: 415, headers: problem });
      expect(answer.json).toMatchObject({
        code: "ERR_CONTENT_TYPE",
        detail: 'Cannot read the body: Content-Type must be "application/json"',
      });
    },
  );
});

describe("httpHandler() refuses a body that is no job request", () => {
  test.each([
    ["{", "Cannot read the job request: the body must be a JSON object"],
    ["hello", "Cannot read the job request: the body must be a JSON object"],
    ["[]", "Cannot read the job request: the document must be of type object: current value is []"],
    ["null", "Cannot read the job request: the document must be of type object: current value is null"],
    ["0", "Cannot read the job request: the document must be of type object: current value is 0"],
    ['"nightly"', 'Cannot read the job request: the document must be of type object: current value is "nightly"'],
  ])("%s", async (body, detail) => {
    const parts = doors();
    const answer = await call(parts, httpApiEvent({ body }));
    expect(answer).toMatchObject({ statusCode: 400, headers: problem });
    expect(answer.json).toMatchObject({
      type: "docs/errors.md#err_job_request_invalid",
      title: "The job request is not valid",
      status: 400,
      code: "ERR_JOB_REQUEST_INVALID",
      detail,
      retryable: false,
    });
    expect(parts.submissions.all()).toEqual([]);
  });

  test.each([
    '{"__proto__":{"tenantId":"globex"}}',
    '{"parameters":{"__proto__":"x"}}',
    '{"constructor":{"prototype":{}}}',
  ])("that would reach a prototype: %s", async (body) => {
    const answer = await call(doors(), httpApiEvent({ body }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json.detail).toBe(
      'Cannot read the job request: the body must not have a key "__proto__", nor "constructor" with a "prototype" in it',
    );
  });

  test("and takes the last of two equal keys, as JSON.parse does, before anything is checked", async () => {
    const parts = doors();
    const twice = '{"jobTemplate":"nightly","tenantId":"acme","tenantId":"globex"}';
    expect(await call(parts, httpApiEvent({ body: twice }))).toMatchObject({
      statusCode: 403,
      json: { code: "ERR_TENANT_MISMATCH" },
    });
    expect(startedFor(parts)).toEqual([]);
  });

  test("that is larger than 256 KiB, before it is read", async () => {
    const parts = doors();
    const body = `{"x":"${"é".repeat(131_072)}"}`;
    for (const base64 of [false, true]) {
      const answer = await call(parts, httpApiEvent({ body, base64, headers: { "content-type": "text/plain" } }));
      expect(answer).toMatchObject({ statusCode: 413, headers: problem });
      expect(answer.json).toMatchObject({
        code: "ERR_JOB_REQUEST_TOO_LARGE",
        detail: "Cannot take the job request: its size must be at most 262144 bytes: current size is 262152 bytes",
      });
    }
  });

  test("whose configurations are nested without end, and goes on", async () => {
    const depth = 5000;
    const body = `{"jobDriver":{"sparkSubmit":{"entryPoint":"s3://jobs/acme/a.py"}},"configurationOverrides":{"applicationConfiguration":${'[{"classification":"a","configurations":'.repeat(depth)}[]${"}]".repeat(depth)}}}`;
    const answer = await call(doors(), httpApiEvent({ body }));
    expect(answer).toMatchObject({ statusCode: 400, json: { code: "ERR_JOB_REQUEST_INVALID" } });
  });
});

describe("httpHandler() tells every fault at once", () => {
  test("each with its JSON pointer", async () => {
    const body = {
      jobTemplate: "nightly",
      jobDriver: { sparkSubmit: { entryPoint: "", entryPointArguments: "--a" } },
      tags: { "aws:x": "1", "a/b": "*" },
      executionRoleArn: "arn:aws:iam::123456789012:role/admin",
      mode: "FAST",
    };
    const answer = await call(doors(), httpApiEvent({ body, headers: { "idempotency-key": "ü" } }));
    expect(answer.statusCode).toBe(400);
    const pointers = answer.json.errors.map(({ pointer }: { pointer: string }) => pointer);
    expect(pointers).toEqual([
      "/jobDriver/sparkSubmit/entryPoint",
      "/jobDriver/sparkSubmit/entryPointArguments",
      "/mode",
      "/tags/aws:x",
      "/tags/a~1b",
      "/executionRoleArn",
      "",
      "/Idempotency-Key",
    ]);
    expect(answer.json.errors).toContainEqual({
      pointer: "/executionRoleArn",
      detail: "is not for callers: it is set by the tenant's configuration",
    });
  });

  test("of the job and of the tenant's rules, and calls a denial by its name", async () => {
    const body = {
      jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/globex/steal.py" } },
      executionTimeoutMinutes: 100_000,
    };
    const answer = await call(doors(), httpApiEvent({ body }));
    expect(answer).toMatchObject({ statusCode: 403, headers: problem });
    expect(answer.json.code).toBe("ERR_JOB_NOT_ALLOWED");
    expect(answer.json.errors).toMatchObject([
      { pointer: "/jobDriver/sparkSubmit/entryPoint", detail: expect.stringContaining('"s3://jobs/acme/"') },
      { pointer: "/executionTimeoutMinutes", detail: expect.stringContaining("at most 720") },
    ]);
  });
});

describe("httpHandler() starts one job run for one Idempotency-Key", () => {
  const keyed = (key: string, body: unknown = nightly) => httpApiEvent({ body, headers: { "Idempotency-Key": key } });

  test("quoted, bare, or as requestId in the document, and marks what was replayed", async () => {
    const parts = doors();
    const first = await call(parts, keyed('"nightly \\"19\\""'));
    const again = await call(parts, keyed('nightly "19"'));
    const inDocument = await call(parts, httpApiEvent({ body: { ...nightly, requestId: 'nightly "19"' } }));
    const inBoth = await call(parts, keyed('nightly "19"', { ...nightly, requestId: 'nightly "19"' }));
    expect(first.statusCode).toBe(201);
    expect(first.headers).not.toHaveProperty("idempotent-replayed");
    for (const replay of [again, inDocument, inBoth]) {
      expect(replay).toMatchObject({ statusCode: 201, headers: { "idempotent-replayed": "true" }, json: first.json });
      expect(replay.headers["location"]).toBe(first.headers["location"]);
    }
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("whatever the order of the document's keys", async () => {
    const parts = doors();
    await call(parts, keyed("k", { jobTemplate: "nightly", name: "n" }));
    expect(await call(parts, keyed("k", { name: "n", jobTemplate: "nightly" }))).toMatchObject({ statusCode: 201 });
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("and refuses another job request under it with 422", async () => {
    const parts = doors();
    await call(parts, keyed("k"));
    const answer = await call(parts, keyed("k", { jobTemplate: "nightly", parameters: { date: "2026-11-18" } }));
    expect(answer).toMatchObject({ statusCode: 422, headers: problem });
    expect(answer.json).toMatchObject({
      code: "ERR_SUBMISSION_CONFLICT",
      detail:
        'Cannot submit the job request for tenant "acme": request id "k" was used for another job request: send this one under a new request id',
    });
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.events.published).toEqual([]);
  });

  test("and refuses two different request ids with 400", async () => {
    const parts = doors();
    const answer = await call(parts, keyed("a", { ...nightly, requestId: "b" }));
    expect(answer.statusCode).toBe(400);
    expect(answer.json).toMatchObject({
      detail: "Cannot submit the job request: it gives two different request ids",
      errors: [
        { pointer: "/requestId", detail: 'must be the same as the door\'s own request id "a": current value is "b"' },
      ],
    });
    expect(startedFor(parts)).toEqual([]);
  });

  test.each(["", '""', "  ", "tab\tin", "naïve", "k".repeat(256)])("and refuses the key %j with 400", async (key) => {
    const answer = await call(doors(), keyed(key));
    expect(answer.statusCode).toBe(400);
    expect(answer.json).toMatchObject({
      code: "ERR_JOB_REQUEST_INVALID",
      errors: [{ pointer: "/Idempotency-Key", wanted: "1 to 255 printable ASCII characters" }],
    });
  });

  test("and keeps nothing of a refused request, so that a corrected one may use its key", async () => {
    const parts = doors();
    expect(await call(parts, keyed("k", { jobTemplate: "weekly" }))).toMatchObject({ statusCode: 400 });
    expect(await call(parts, keyed("k"))).toMatchObject({ statusCode: 201 });
  });

  test("but two requests without a key are two job runs", async () => {
    const parts = doors();
    await call(parts, httpApiEvent({ body: nightly }));
    await call(parts, httpApiEvent({ body: nightly }));
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });
});
