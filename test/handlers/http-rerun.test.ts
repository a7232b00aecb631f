import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import type { Tenant } from "#domain/tenant/tenant.ts";
import { proved } from "#test/helpers/setup.ts";
import { sqsEvent } from "./aws-events.ts";
import { call, deliver, doors, failingStart, limited, startedFor, startedWith } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, globex, ofAcme, ofGlobex } from "./tenants.ts";

const rerun = (submissionId: string, own = {}) =>
  httpApiEvent({ path: `/v1/submissions/${submissionId}/rerun`, ...own });
const keyed = (key: string) => ({ headers: { "idempotency-key": key } });

/** Doors behind which tenant acme's nightly job was started once. */
const withFirst = async () => {
  const parts = doors();
  const { json } = await call(parts, httpApiEvent({ body: nightly }));
  return { parts, first: String(json.submissionId) };
};

describe("httpHandler() runs a submission again on purpose", () => {
  test("as a new submission with its own id, token and job run, which names the first", async () => {
    const { parts, first } = await withFirst();
    const answer = await call(parts, rerun(first, { stage: "prod" }));
    expect(answer).toMatchObject({ statusCode: 201, json: { rerunOf: first, state: "started", tenantId: "acme" } });
    const { submissionId } = answer.json;
    expect(submissionId).not.toBe(first);
    expect(answer.headers["location"]).toBe(`/prod/v1/submissions/${submissionId}`);
    expect(answer.headers).not.toHaveProperty("idempotent-replayed");
    expect(startedWith(parts)).toEqual([
      ["--date", "2026-11-19"],
      ["--date", "2026-11-19"],
    ]);
    expect(parts.jobRuns.started.map(({ clientToken }) => clientToken)).toEqual([first, submissionId]);
    expect(parts.jobRuns.started[1]?.tags).toMatchObject({ "sluice:submission": submissionId });
    expect(JSON.stringify(parts.jobRuns.started[1])).not.toContain(first);
  });

  test("each time it is asked without a key, and once with one", async () => {
    const { parts, first } = await withFirst();
    await call(parts, rerun(first));
    await call(parts, rerun(first));
    expect(startedFor(parts)).toHaveLength(3);
    const once = await call(parts, rerun(first, keyed("again-1")));
    const repeat = await call(parts, rerun(first, keyed('"again-1"')));
    expect(repeat).toMatchObject({ statusCode: 201, headers: { "idempotent-replayed": "true" } });
    expect(repeat.json).toEqual(once.json);
    await call(parts, rerun(first, keyed("again-2")));
    expect(startedFor(parts)).toHaveLength(5);
  });

  test("under a key of its own: the one of the first request, or of another re-run, is another", async () => {
    const parts = doors();
    const { json: first } = await call(parts, httpApiEvent({ body: nightly, ...keyed("k") }));
    const { json: second } = await call(parts, rerun(first.submissionId, keyed("k")));
    const { json: third } = await call(parts, rerun(second.submissionId, keyed("k")));
    expect(new Set([first.submissionId, second.submissionId, third.submissionId]).size).toBe(3);
    expect(third.rerunOf).toBe(second.submissionId);
    expect(startedFor(parts)).toHaveLength(3);
  });

  test("but not what the tenant's rules forbid by now", async () => {
    const { parts, first } = await withFirst();
    const spark = { ...acme.tenant.spark, forbidden: ["spark.dynamicAllocation.*"] };
    const narrowed = doors({
      services: { submissions: parts.submissions },
      tenants: [{ ...acme, tenant: { ...acme.tenant, spark } }],
    });
    const answer = await call(narrowed, rerun(first));
    expect(answer).toMatchObject({ statusCode: 403, json: { code: "ERR_JOB_NOT_ALLOWED" } });
    expect(answer.json.errors[0].detail).toContain(
      'must not set Spark properties that match "spark.dynamicAllocation.*"',
    );
    expect(startedFor(narrowed)).toEqual([]);
  });

  /** The answer where the tenant has changed since the first run, and what was started then. */
  const rerunWith = async (body: unknown, own: Partial<Tenant>) => {
    const parts = doors();
    const { json } = await call(parts, httpApiEvent({ body }));
    const later = doors({
      services: { submissions: parts.submissions },
      tenants: [proved({ ...acme, tenant: { ...acme.tenant, ...own } })],
    });
    const answer = await call(later, rerun(json.submissionId));
    return { answer, errors: answer.json.errors, first: parts.jobRuns.started[0], started: later.jobRuns.started };
  };
  const adHoc = { jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/x.py" } }, executionTimeoutMinutes: 600 };
  const limitedTo = (maxMinutes: number) => ({ executionTimeout: { ...acme.tenant.executionTimeout, maxMinutes } });

  test.each([
    ["an application that it lost", nightly, { applications: { main: "00f1other" } }, "/applicationId"],
    ["a job template that it may not start any more", nightly, { jobTemplates: ["import"] }, "/jobTemplate"],
    ["a longer timeout than its cap", adHoc, limitedTo(60), "/executionTimeoutMinutes"],
    ["a job of its own, where it runs templates only", adHoc, { adHoc: false }, "/jobDriver"],
    [
      "code from a prefix that it lost",
      adHoc,
      { entryPoints: ["s3://jobs/acme/v2/"] },
      "/jobDriver/sparkSubmit/entryPoint",
    ],
  ])("but not with %s", async (_what, body, own, pointer) => {
    const { answer, errors, started } = await rerunWith(body, own);
    expect(answer).toMatchObject({ statusCode: 403, json: { code: "ERR_JOB_NOT_ALLOWED" } });
    expect(errors).toEqual([expect.objectContaining({ pointer })]);
    expect(started).toEqual([]);
  });

  test("and all that the tenant lost is told at once", async () => {
    const { errors } = await rerunWith(adHoc, { ...limitedTo(60), applications: { main: "00f1other" }, adHoc: false });
    expect(errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      "/applicationId",
      "/jobDriver",
      "/executionTimeoutMinutes",
    ]);
  });

  test("under the role that the tenant has by now, with what its rules enforce by now", async () => {
    const executionRoleArn = "arn:aws:iam::123456789012:role/acme-second";
    const spark = { ...acme.tenant.spark, enforced: { "spark.sql.ansi.enabled": "true" } };
    const { answer, started } = await rerunWith(nightly, { executionRoleArn, spark });
    expect(answer.statusCode).toBe(201);
    const parameters = started[0]?.jobDriver.sparkSubmit?.sparkSubmitParameters;
    expect(started[0]).toMatchObject({ executionRoleArn });
    expect(parameters).toContain("--conf spark.sql.ansi.enabled=true");
    expect(answer.json.changes).toContainEqual(expect.objectContaining({ field: expect.stringContaining("ansi") }));
  });

  test("with the same bytes and the same changes, where nothing changed", async () => {
    const { answer, first, started } = await rerunWith(adHoc, {});
    const own = { clientToken: "", name: "", tags: {} };
    expect({ ...started[0], ...own }).toEqual({ ...first, ...own });
    const keys = answer.json.changes.map((change: object) => JSON.stringify(change));
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("also one that came by the queue", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "3f0b9a52-52f3-4a8f-9a39-0d4d3f5f0001", body: nightly }));
    const answer = await call(parts, rerun("3f0b9a52-52f3-4a8f-9a39-0d4d3f5f0001"));
    expect(answer).toMatchObject({ statusCode: 201, json: { door: "http", caller: `jwt:client_id=${ofAcme.client}` } });
    expect(startedFor(parts)).toEqual(["acme", "acme"]);
  });

  test("when its turn comes, where the slots are taken: 202 with its place", async () => {
    const parts = doors({ tenants: [limited(acme, { maxActive: 1, maxWaiting: 1 }), globex] });
    const { json: first } = await call(parts, httpApiEvent({ body: nightly }));
    const answer = await call(parts, rerun(first.submissionId));
    expect(answer).toMatchObject({
      statusCode: 202,
      headers: { "retry-after": "5" },
      json: { state: "waiting", rerunOf: first.submissionId, place: { waitingFor: "tenant-slots", ahead: 0 } },
    });
    expect(parts.wakes).toHaveLength(1);
    expect(await call(parts, rerun(first.submissionId))).toMatchObject({
      statusCode: 429,
      headers: { "retry-after": "30" },
      json: { code: "ERR_TENANT_BUSY" },
    });
  });

  test("but not what was refused before it was planned: there is nothing to run", async () => {
    const parts = doors();
    await deliver(parts, sqsEvent({ messageId: "refused", body: "no JSON" }));
    const answer = await call(parts, rerun("refused"));
    expect(answer).toMatchObject({ statusCode: 409, json: { code: "ERR_SUBMISSION_NOT_RUNNABLE", retryable: false } });
    expect(answer.json.detail).toContain("it was refused, so there is nothing to run");
    expect(parts.submissions.all()).toHaveLength(1);
  });

  test("and answers a refusal of EMR Serverless with 422 and the new submission that says so", async () => {
    const { parts, first } = await withFirst();
    const refused = new ServiceError("ERR_EMR_REFUSED", "EMR Serverless refused it: the release is gone");
    const again = doors({ services: { ...parts.door.services, ...failingStart(refused) } });
    const answer = await call(again, rerun(first));
    expect(answer).toMatchObject({ statusCode: 422, json: { code: "ERR_EMR_REFUSED" } });
    expect(await parts.submissions.get(answer.json.submissionId)).toMatchObject({ state: "refused", rerunOf: first });
  });

  test("but not under a key that cannot be one: 400 with what is wrong of it", async () => {
    const { parts, first } = await withFirst();
    const answer = await call(parts, rerun(first, keyed("ü")));
    expect(answer).toMatchObject({
      statusCode: 400,
      json: { code: "ERR_JOB_REQUEST_INVALID", errors: [{ pointer: "/Idempotency-Key" }] },
    });
    expect(answer.json.detail).toMatch(/^Cannot run the submission again: .*Idempotency-Key/);
    expect(startedFor(parts)).toHaveLength(1);
  });

  test("of the caller's own tenant only: another's answers exactly like one that does not exist", async () => {
    const { parts, first } = await withFirst();
    const authorizer = jwtOf(ofGlobex.client);
    const others = await call(parts, rerun(first, { authorizer }));
    const missing = await call(parts, rerun("new.none", { authorizer }));
    expect(others).toMatchObject({ statusCode: 404, json: { code: "ERR_SUBMISSION_NOT_FOUND" } });
    expect(others).toEqual(missing);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("and logs which of which, but nothing of what it runs", async () => {
    const { parts, first } = await withFirst();
    const { json } = await call(parts, rerun(first));
    expect(parts.log.records.at(-1)).toMatchObject({
      door: "http",
      message: "submission",
      verdict: "started",
      rerunOf: first,
      submissionId: json.submissionId,
      tenantId: "acme",
      caller: `jwt:client_id=${ofAcme.client}`,
    });
    expect(JSON.stringify(parts.log.records)).not.toMatch(/2026-11-19|s3:|entryPoint/);
  });
});
