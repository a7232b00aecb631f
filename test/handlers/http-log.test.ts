import { describe, expect, test } from "vitest";
import { call, doors } from "./doors.ts";
import { httpApiEvent, nightly } from "./http-events.ts";

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
