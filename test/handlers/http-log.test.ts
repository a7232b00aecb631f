import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { call, doors, failingLedger, failingStart, limited } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, ofAcme, ofGlobex } from "./tenants.ts";

describe("httpHandler() logs ids and verdicts only", () => {
  test("of what it starts, refuses and cannot read", async () => {
    const parts = doors();
    const secret = "hunter2";
    const driver = { sparkSubmit: { entryPoint: "s3://jobs/acme/a.py", entryPointArguments: ["--password", secret] } };
    await call(parts, httpApiEvent({ body: { jobDriver: driver } }));
    await call(parts, httpApiEvent({ body: { jobDriver: driver, mode: secret, parameters: { secret } } }));
    await call(parts, httpApiEvent({ body: `{"jobDriver": ${secret}` }));
    await call(parts, httpApiEvent({ body: secret, headers: { "content-type": "text/plain" } }));
    await call(parts, httpApiEvent({ body: nightly, headers: { "idempotency-key": `ü${secret}` } }));
    await call(
      parts,
      httpApiEvent({ body: nightly, headers: { authorization: `Bearer ${secret}` }, authorizer: null }),
    );
    expect(parts.log.records).toHaveLength(6);
    const text = JSON.stringify(parts.log.records);
    expect(text).not.toContain(secret);
    expect(text).not.toContain("s3:GetObject");
    expect(text).not.toContain("entryPoint");
  });

  test("with the tenant, also of a refusal that nothing is stored of", async () => {
    const parts = doors();
    await call(parts, httpApiEvent({ body: { jobTemplate: "weekly" } }));
    expect(parts.log.records).toEqual([
      expect.objectContaining({ door: "http", verdict: "refused", tenantId: "acme", code: "ERR_JOB_REQUEST_INVALID" }),
    ]);
  });
});

describe("httpHandler() logs what goes wrong as loud as it is, with all that is known", () => {
  const who = { door: "http", method: "POST", tenantId: "acme", caller: `jwt:client_id=${ofAcme.client}` };
  const down = (cause: Error) => new ServiceError("ERR_LEDGER_DOWN", "Cannot store the submission", { cause });

  test("an outage as an error, with AWS's own words and ids", async () => {
    const cause = Object.assign(new Error("connect timed out"), { name: "TimeoutError" });
    const told = Object.assign(cause, { $metadata: { requestId: "aws-1" } });
    const parts = doors({ services: failingLedger(down(told)) });
    await call(parts, httpApiEvent({ body: nightly }));
    expect(parts.log.records).toEqual([
      expect.objectContaining({
        ...who,
        level: "error",
        message: "failed",
        code: "ERR_LEDGER_DOWN",
        apiRequestId: "ZhMpgigvDoEEPlg=",
        cause: "TimeoutError",
        causeReason: "connect timed out",
        serviceRequestId: "aws-1",
      }),
    ]);
    expect(parts.log.records[0]?.["stack"]).toBeUndefined();
  });

  test("a full line as a warning", async () => {
    const parts = doors({ tenants: [limited(acme, { maxActive: 1, maxWaiting: 0 })] });
    await call(parts, httpApiEvent({ body: nightly }));
    await call(parts, httpApiEvent({ body: nightly }));
    expect(parts.log.records.at(-1)).toMatchObject({
      ...who,
      level: "warn",
      message: "failed",
      code: "ERR_TENANT_BUSY",
    });
  });

  test("a bug as an error, with its stack but not with what it may hold", async () => {
    const bug = new TypeError(`policy ${"x".repeat(5000)}`);
    const parts = doors({ services: failingStart(bug) });
    await call(parts, httpApiEvent({ body: nightly }));
    expect(parts.log.records).toMatchObject([{ ...who, level: "error", error: "TypeError" }]);
    const record = parts.log.records[0];
    const stack = String(record?.["stack"]);
    expect(record?.["reason"]).toHaveLength(301);
    expect(stack).toMatch(/^ +at .+http-log\.test\.ts/);
    expect(stack).not.toContain("xxx");
  });

  test("no word of what could not be parsed, nor of the cause of a refusal", async () => {
    const parsing = new SyntaxError('Unexpected token, "hunter2" is not valid JSON');
    const refusal = new ServiceError("ERR_TENANT_UNKNOWN", "Cannot tell the tenant", { cause: new Error("hunter2") });
    for (const error of [parsing, down(parsing), refusal]) {
      const parts = doors({ services: failingLedger(error) });
      await call(parts, httpApiEvent({ body: nightly }));
      expect(parts.log.records).toHaveLength(1);
      expect(JSON.stringify(parts.log.records)).not.toContain("hunter2");
    }
  });

  const large = { body: { name: "x".repeat(300_000) } };
  const text = { body: "a", headers: { "content-type": "text/plain" } };
  const stranger = { body: nightly, authorizer: jwtOf("stranger") };

  test.each([
    ["401", { body: nightly, authorizer: null }, { code: "ERR_CALLER_UNPROVEN" }],
    ["403", stranger, { code: "ERR_TENANT_UNKNOWN", caller: "jwt:client_id=stranger" }],
    ["404", { path: "/v2" }, { code: "ERR_ROUTE_NOT_FOUND", caller: who.caller }],
    ["405", { method: "PUT" }, { code: "ERR_METHOD_NOT_ALLOWED", method: "PUT", caller: who.caller }],
    ["413", large, { ...who, code: "ERR_JOB_REQUEST_TOO_LARGE" }],
    ["415", text, { ...who, code: "ERR_CONTENT_TYPE" }],
  ])("a refusal with %s as information", async (status, asked, record) => {
    const parts = doors();
    expect((await call(parts, httpApiEvent(asked))).statusCode).toBe(Number(status));
    expect(parts.log.records).toEqual([
      expect.objectContaining({ level: "info", message: "refused", apiRequestId: "ZhMpgigvDoEEPlg=", ...record }),
    ]);
  });

  test("a submission that is not there, or another tenant's, with the id that was asked for", async () => {
    const parts = doors();
    const authorizer = jwtOf(ofGlobex.client);
    await call(parts, httpApiEvent({ method: "GET", path: "/v1/submissions/new.id-7", authorizer }));
    expect(parts.log.records).toMatchObject([
      { level: "info", code: "ERR_SUBMISSION_NOT_FOUND", tenantId: "globex", submissionId: "new.id-7" },
    ]);
  });
});
