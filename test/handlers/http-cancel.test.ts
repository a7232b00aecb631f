import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { call, doors, emrDown, failingStart, limited, noon, startedFor } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, globex, ofAcme, ofGlobex } from "./tenants.ts";

const cancel = (submissionId: string, own = {}) =>
  httpApiEvent({ path: `/v1/submissions/${submissionId}/cancel`, ...own });
const look = (submissionId: string) => httpApiEvent({ method: "GET", path: `/v1/submissions/${submissionId}` });

/** Doors behind which one submission of tenant acme has started and another waits. */
const withWaiting = async () => {
  const parts = doors({ tenants: [limited(acme, { maxActive: 1 }), globex] });
  const { json: started } = await call(parts, httpApiEvent({ body: nightly }));
  const event = httpApiEvent({ body: nightly, headers: { "idempotency-key": "night-1" } });
  const { json: waiting } = await call(parts, event);
  return { parts, event, started: String(started.submissionId), waiting: String(waiting.submissionId) };
};

describe("httpHandler() cancels a waiting submission", () => {
  test("which ends without a start", async () => {
    const { parts, started, waiting } = await withWaiting();
    const answer = await call(parts, cancel(waiting));
    expect(answer).toMatchObject({
      statusCode: 200,
      json: { submissionId: waiting, state: "cancelled", cancelledAt: noon },
    });
    expect(answer.json).not.toHaveProperty("place");
    await parts.starts.leave("acme", [started]);
    await dispatch(parts.door.services, "one", parts.clock.later(60_000));
    expect(startedFor(parts)).toEqual(["acme"]);
    expect((await call(parts, look(waiting))).json).toMatchObject({ state: "cancelled" });
    expect(await parts.starts.line("acme")).toMatchObject({ waiting: 0 });
  });

  test("and tells it, once, to the tenant", async () => {
    const { parts, waiting } = await withWaiting();
    await call(parts, cancel(waiting));
    await call(parts, cancel(waiting));
    expect(parts.events.published).toMatchObject([
      {
        queueUrl: ofAcme.completionQueueUrl,
        event: {
          detailType: "Submission Completed",
          detail: { data: { submissionId: waiting, outcome: "CANCELLED", cancelledAt: noon } },
        },
      },
    ]);
  });

  test("twice with the same answer, and takes nobody else out of the line", async () => {
    const { parts, waiting } = await withWaiting();
    await call(parts, httpApiEvent({ body: nightly }));
    const first = await call(parts, cancel(waiting));
    parts.clock.pass(60_000);
    const again = await call(parts, cancel(waiting));
    expect(again.statusCode).toBe(200);
    expect(again.json).toMatchObject({ state: "cancelled", cancelledAt: first.json.cancelledAt });
    expect(await parts.starts.line("acme")).toMatchObject({ waiting: 1 });
  });

  test("and publishes the next time what could not be published", async () => {
    const { parts, waiting } = await withWaiting();
    const { services, ...door } = parts.door;
    const publish = () => Promise.reject(new ServiceError("ERR_EVENTS_DOWN", "Cannot publish: the bus is away"));
    const away = { door: { ...door, services: { ...services, events: { publish, tellTask: publish } } } };
    expect(await call(away, cancel(waiting))).toMatchObject({ statusCode: 503, json: { code: "ERR_EVENTS_DOWN" } });
    expect(await call(parts, cancel(waiting))).toMatchObject({ statusCode: 200 });
    expect(parts.events.published).toHaveLength(1);
  });

  test("whose key stays used: sent again, it starts nothing", async () => {
    const { parts, event, started, waiting } = await withWaiting();
    await call(parts, cancel(waiting));
    await parts.starts.leave("acme", [started]);
    const again = await call(parts, event);
    expect(again.json).toMatchObject({ submissionId: waiting, state: "cancelled" });
    expect(again).toMatchObject({ statusCode: 200, headers: { "idempotent-replayed": "true" } });
    expect(startedFor(parts)).toEqual(["acme"]);
    expect((await parts.starts.line("acme")).active).toEqual([]);
  });

  test("of the caller's own tenant only: another's answers exactly like one that does not exist", async () => {
    const { parts, waiting } = await withWaiting();
    const authorizer = jwtOf(ofGlobex.client);
    const others = await call(parts, cancel(waiting, { authorizer }));
    const missing = await call(parts, cancel("new.none", { authorizer }));
    expect(others).toMatchObject({ statusCode: 404, json: { code: "ERR_SUBMISSION_NOT_FOUND" } });
    expect(others).toEqual(missing);
    expect(await parts.submissions.get(waiting)).toMatchObject({ state: "waiting" });
    expect(await call(parts, cancel(waiting, { authorizer: null }))).toMatchObject({ statusCode: 401 });
  });

  test("and not one that is being started: it can be cancelled in some seconds", async () => {
    const { parts, waiting } = await withWaiting();
    const seen = await parts.submissions.get(waiting);
    await parts.submissions.claim(seen!, parts.clock.later(30_000));
    const answer = await call(parts, cancel(waiting));
    expect(answer).toMatchObject({
      statusCode: 409,
      headers: { "content-type": "application/problem+json", "retry-after": "5" },
    });
    expect(answer.json).toMatchObject({
      code: "ERR_SUBMISSION_NOT_WAITING",
      detail: `Cannot cancel submission "${waiting}": it is being started: try again in some seconds`,
    });
  });

  test("and logs who cancelled which", async () => {
    const { parts, started, waiting } = await withWaiting();
    await call(parts, cancel(waiting));
    await call(parts, cancel(started));
    const who = { door: "http", method: "POST", tenantId: "acme", caller: `jwt:client_id=${ofAcme.client}` };
    expect(parts.log.records.slice(-2)).toMatchObject([
      { level: "info", message: "cancelled", submissionId: waiting, ...who },
      { level: "info", message: "cancel requested", submissionId: started, ...who },
    ]);
  });
});

describe("httpHandler() cancels a started submission", () => {
  const jobRunOf = async (parts: ReturnType<typeof doors>, submissionId: string) => {
    const { applicationId = "", jobRunId = "" } = (await parts.submissions.get(submissionId)) ?? {};
    return { applicationId, jobRunId, state: (await parts.jobRuns.get(applicationId, jobRunId)).state };
  };

  test("by its job run, and answers 202: it ends when that has ended, by its tenant's wish", async () => {
    const { parts, started } = await withWaiting();
    const answer = await call(parts, cancel(started));
    expect(answer).toMatchObject({ statusCode: 202, headers: { "retry-after": "5" } });
    expect(answer.json).toMatchObject({ submissionId: started, state: "started", cancelRequestedAt: noon });
    const { state, ...jobRun } = await jobRunOf(parts, started);
    expect(state).toBe("CANCELLING");
    parts.jobRuns.change(jobRun.jobRunId, { state: "CANCELLED" });
    await completeJobRun(parts.door.services, jobRun);
    const told = { outcome: "CANCELLED", reason: "CANCELLED_BY_TENANT", cancelRequestedAt: noon };
    expect(parts.events.published).toMatchObject([{ event: { detail: { data: told } } }]);
    expect(await parts.starts.line("acme")).toMatchObject({ active: [] });
  });

  test("again with the same answer, and keeps the time of the first wish", async () => {
    const { parts, started } = await withWaiting();
    await call(parts, cancel(started));
    parts.clock.pass(60_000);
    expect(await call(parts, cancel(started))).toMatchObject({ statusCode: 202, json: { cancelRequestedAt: noon } });
  });

  test("also where EMR Serverless does not hear it, or its rate is used up: the wish stands, and is due at once", async () => {
    const { parts, started } = await withWaiting();
    await parts.starts.takeTokens("CancelJobRun", 25, "door");
    expect(await call(parts, cancel(started))).toMatchObject({ statusCode: 202 });
    expect((await jobRunOf(parts, started)).state).toBe("SUBMITTED");
    parts.clock.pass(60_000);
    const { services, ...door } = parts.door;
    const away = { door: { ...door, services: { ...services, ...failingStart(emrDown()) } } };
    expect(await call(away, cancel(started))).toMatchObject({ statusCode: 202 });
    expect(parts.log.records.at(-1)).toMatchObject({ level: "warn", message: "cancelled later", code: "ERR_EMR_DOWN" });
    expect(await parts.submissions.get(started)).toMatchObject({ cancelRequestedAt: noon, dueAt: noon });
  });

  test("and none that has ended: 409 with its state", async () => {
    const { parts, started } = await withWaiting();
    const { applicationId, jobRunId } = await jobRunOf(parts, started);
    parts.jobRuns.change(jobRunId, { state: "SUCCESS" });
    await completeJobRun(parts.door.services, { applicationId, jobRunId });
    const answer = await call(parts, cancel(started));
    expect(answer).toMatchObject({ statusCode: 409, json: { code: "ERR_SUBMISSION_ENDED", retryable: false } });
    expect(answer.json.detail).toContain('it must not have ended: current state is "completed"');
  });
});
