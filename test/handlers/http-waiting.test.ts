import { describe, expect, test } from "vitest";
import { dispatch } from "#domain/turns/dispatch.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { call, doors, emrDown, failingStart, limited, noon, type OwnParts, startedFor, throttled } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, globex, ofGlobex } from "./tenants.ts";

const post = (own = {}) => httpApiEvent({ body: nightly, ...own });
const look = (submissionId: string, own = {}) =>
  httpApiEvent({ method: "GET", path: `/v1/submissions/${submissionId}`, ...own });

/** Doors behind which tenant acme may have one job run at once. */
const narrow = (own: OwnParts = {}) =>
  doors({ tenants: [limited(acme, { maxActive: 1, maxWaiting: 3 }), globex], ...own });

describe("httpHandler() accepts what has to wait", () => {
  test("with 202, where it will be, when to look and its place", async () => {
    const parts = narrow();
    await call(parts, post());
    const answer = await call(parts, post({ stage: "prod" }));
    expect(answer.statusCode).toBe(202);
    expect(answer.headers).toEqual({
      "content-type": "application/json",
      "cache-control": "no-store",
      location: "/prod/v1/submissions/new.id-2",
      "retry-after": "5",
    });
    expect(answer.json).toMatchObject({
      submissionId: "new.id-2",
      state: "waiting",
      place: { waitingFor: "tenant-slots", ahead: 0, tenantsWaiting: 1 },
    });
    expect(answer.json.jobRunId).toBeUndefined();
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("and tells one reason why it waits: the one that counts now, which a pause may be", async () => {
    const parts = narrow();
    await call(parts, post());
    const { json } = await call(parts, post());
    expect(json).toMatchObject({ waitingFor: "tenant-slots", place: { waitingFor: "tenant-slots" } });
    await parts.starts.suspend("acme", "moving house");
    const { json: paused } = await call(parts, look(json.submissionId));
    expect(paused).toMatchObject({ waitingFor: "tenant-suspended", place: { waitingFor: "tenant-suspended" } });
  });

  test.each(["acme", "*"])(
    "and says with a full line that starts of %s are suspended, by the operator",
    async (whose) => {
      const parts = narrow();
      await parts.starts.suspend(whose, "moving house");
      for (const _one of "123") expect((await call(parts, post())).statusCode).toBe(202);
      const { statusCode, json } = await call(parts, post());
      expect(statusCode).toBe(429);
      expect(json.detail).toBe(
        'Cannot take the job request for tenant "acme": at most 3 submissions may wait, and so many do: starts are suspended: moving house: try again later',
      );
    },
  );

  test("and wakes the dispatcher for it, but not for what starts at once", async () => {
    const parts = narrow();
    await call(parts, post());
    expect(parts.wakes).toEqual([]);
    await call(parts, post());
    expect(parts.wakes).toEqual([noon]);
  });

  test("and tells its place again at every look, until it has started", async () => {
    const parts = narrow();
    const { json: first } = await call(parts, post());
    await call(parts, post());
    const { json } = await call(parts, post({ body: { ...nightly, priority: 1 } }));
    const before = await call(parts, look(json.submissionId));
    expect(before).toMatchObject({ statusCode: 200, json: { state: "waiting", place: { ahead: 1 } } });
    expect(before.json.place).toEqual(json.place);
    await parts.starts.leave("acme", [first.submissionId]);
    await dispatch(parts.door.services, "one", parts.clock.later(1000));
    expect((await call(parts, look(json.submissionId))).json.place).toEqual({
      waitingFor: "tenant-slots",
      ahead: 0,
      tenantsWaiting: 1,
    });
    await parts.starts.leave("acme", ["new.id-2"]);
    await dispatch(parts.door.services, "one", parts.clock.later(1000));
    const after = await call(parts, look(json.submissionId));
    expect(after).toMatchObject({ statusCode: 200, json: { state: "started", jobRunId: "00mem00000000003" } });
    expect(after.json).not.toHaveProperty("place");
  });

  test("in the order of priority, and counts the tenants that take turns", async () => {
    const parts = narrow({ tenants: [limited(acme, { maxActive: 1 }), limited(globex, { maxActive: 1 })] });
    const asGlobex = { authorizer: jwtOf(ofGlobex.client) };
    for (const own of [{}, {}, asGlobex, asGlobex]) await call(parts, post(own));
    const urgent = await call(parts, post({ body: { ...nightly, priority: 9 } }));
    expect(urgent.json.place).toMatchObject({ ahead: 0, tenantsWaiting: 2 });
    expect((await call(parts, look("new.id-2"))).json.place).toMatchObject({ ahead: 1, tenantsWaiting: 2 });
  });

  test("for the account's rate, when the burst is used up", async () => {
    const parts = doors();
    await parts.starts.takeTokens("StartJobRun", 25, "dispatcher");
    const answer = await call(parts, post());
    expect(answer).toMatchObject({ statusCode: 202, json: { place: { waitingFor: "account-rate" } } });
    expect((await parts.starts.line("acme")).active).toEqual([]);
  });

  test.each(["acme", "*"])("with the operator's message, where the starts of %s are suspended, live", async (whose) => {
    const parts = doors();
    await parts.starts.suspend(whose, "maintenance until 14:00");
    const { json } = await call(parts, post());
    expect(json.place).toMatchObject({ waitingFor: "tenant-suspended", message: "maintenance until 14:00" });
    await parts.starts.suspend(whose, "a little longer");
    expect((await call(parts, look(json.submissionId))).json.place.message).toBe("a little longer");
    await parts.starts.suspend(whose, undefined);
    expect((await call(parts, look(json.submissionId))).json.place).not.toHaveProperty("message");
  });

  test("once for one key: a repeat gets the first one's place", async () => {
    const parts = narrow();
    const event = post({ headers: { "idempotency-key": "night-1" } });
    await call(parts, post());
    const first = await call(parts, event);
    const again = await call(parts, event);
    expect(again).toMatchObject({ statusCode: 202, headers: { "idempotent-replayed": "true" } });
    expect(again.json).toEqual(first.json);
    expect(await parts.starts.line("acme")).toMatchObject({ waiting: 1 });
  });

  test("until the tenant's line is full: then 429, when to come again, and nothing is stored", async () => {
    const parts = narrow();
    for (const _time of [1, 2, 3, 4]) await call(parts, post());
    const answer = await call(parts, post());
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({ "retry-after": "30", "content-type": "application/problem+json" });
    expect(answer.json).toMatchObject({ code: "ERR_TENANT_BUSY", status: 429, retryable: true });
    expect(answer.json.detail).toContain("at most 3 submissions may wait");
    expect(parts.submissions.all()).toHaveLength(4);
    const others = await call(parts, post({ authorizer: jwtOf(ofGlobex.client) }));
    expect(others.statusCode).toBe(201);
  });
});

describe("httpHandler() accepts what EMR Serverless does not take yet", () => {
  test("a throttled start waits for the account's rate, without a slot", async () => {
    const parts = doors({ services: failingStart(throttled()) });
    const answer = await call(parts, post());
    expect(answer).toMatchObject({
      statusCode: 202,
      headers: { location: "/v1/submissions/new.id-1", "retry-after": "5" },
      json: { state: "waiting", place: { waitingFor: "account-rate", ahead: 0, tenantsWaiting: 1 } },
    });
    expect(await parts.starts.line("acme")).toMatchObject({ active: [], waiting: 1 });
    expect(parts.log.records).toMatchObject([{ level: "info", verdict: "accepted", waitingFor: "account-rate" }]);
  });

  test("one without an answer is not confirmed, and is called again when its lease has run out", async () => {
    const parts = doors();
    const down = doors({ services: { ...parts.door.services, ...failingStart(emrDown()) } });
    const answer = await call(down, post());
    expect(answer).toMatchObject({ statusCode: 202, json: { state: "starting" } });
    expect(answer.json).not.toHaveProperty("place");
    expect(await startExpired(parts.door.services, parts.clock.later(60_000))).toMatchObject({ startedAgain: 0 });
    parts.clock.pass(30_001);
    expect(await startExpired(parts.door.services, parts.clock.later(60_000))).toMatchObject({ startedAgain: 1 });
    expect(await call(parts, look("new.id-1"))).toMatchObject({ statusCode: 200, json: { state: "started" } });
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("one without an answer that is sent again under its key is left to its lease, then started by the door", async () => {
    const parts = doors();
    const event = post({ headers: { "idempotency-key": "night-1" } });
    await call(doors({ services: { ...parts.door.services, ...failingStart(emrDown()) } }), event);
    expect(await call(parts, event)).toMatchObject({ statusCode: 202, headers: { "idempotent-replayed": "true" } });
    parts.clock.pass(30_001);
    expect(await call(parts, event)).toMatchObject({ statusCode: 201, headers: { "idempotent-replayed": "true" } });
    expect(startedFor(parts)).toEqual(["acme"]);
  });
});
