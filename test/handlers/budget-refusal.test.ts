import { beforeEach, describe, expect, test } from "vitest";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { settleUsage } from "#domain/usage/settle-usage.ts";
import { failingWith } from "#test/helpers/services.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";
import { sqsEvent } from "./aws-events.ts";
import { call, deliver, doors, ledgerDown, refusals, startedFor } from "./doors.ts";
import { httpApiEvent, jwtOf, nightly } from "./http-events.ts";
import { acme, globex, ofAcme, ofGlobex } from "./tenants.ts";

const budget = { monthly: "100.00", currency: "USD", softShare: 0.8 };
const thrifty = { ...acme, tenant: { ...acme.tenant, budget } };

type Doors = ReturnType<typeof doors>;

/** Job runs that ended and cost so much in all, as the sweep sums them up. */
const spend = async ({ door: { services }, clock }: Doors, dollars: number): Promise<void> => {
  const vCPUHour = dollars / 0.052624;
  await recordUsage(services, {
    ...startingSubmission({ submissionId: "req.spent" }),
    state: "completed",
    jobRunId: "00spent",
    completedAt: clock.now(),
    jobRun: sampleJobRun({ billedResourceUtilization: { vCPUHour, memoryGBHour: 0, storageGBHour: 0 } }),
  });
  clock.pass(1000);
  await settleUsage(services, services.later(1000));
};

const keyed = (key: string) => httpApiEvent({ body: nightly, headers: { "idempotency-key": key } });
const message = (messageId: string) => sqsEvent({ messageId, body: nightly, sender: ofAcme.userId });

describe("a tenant that has spent its budget", () => {
  let parts: Doors;
  let first: string;

  beforeEach(async () => {
    parts = doors({ tenants: [thrifty, globex] });
    const accepted = await call(parts, keyed("before"));
    expect(accepted.statusCode).toBe(201);
    first = accepted.json.submissionId;
    await spend(parts, 100.25);
  });

  test("is told so by an explanation, with the whole plan; what it submitted before is a repeat", async () => {
    const explain = (key: string) => ({ ...keyed(key), rawPath: "/v1/submissions/explain" });
    const { statusCode, json } = await call(parts, explain("after"));
    expect({ statusCode, json }).toMatchObject({
      statusCode: 200,
      json: {
        verdict: "refused",
        problem: { code: "ERR_BUDGET_SPENT" },
        verdicts: { budget: { verdict: "exceeded", spent: "100.250000", monthly: "100.000000" } },
        input: { clientToken: json.submissionId },
      },
    });
    expect((await call(parts, explain("before"))).json).toMatchObject({
      verdict: "repeat",
      first: { submissionId: first },
    });
  });

  test("is refused over HTTP with the reason, and nothing is stored", async () => {
    const { statusCode, json } = await call(parts, keyed("after"));
    expect({ statusCode, json }).toMatchObject({
      statusCode: 403,
      json: {
        code: "ERR_BUDGET_SPENT",
        retryable: false,
        detail: expect.stringContaining("its budget of 100.000000 USD for 2026-11 is spent: current value is 100.25"),
      },
    });
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(parts.submissions.all()).toHaveLength(1);
  });

  test("is refused at the queue once and for all: stored, published, acknowledged", async () => {
    expect(await deliver(parts, message("m-1"))).toEqual([]);
    expect(await deliver(parts, message("m-1"))).toEqual([]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_BUDGET_SPENT" }]);
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("gets its earlier submission for a repeat, and is refused a re-run", async () => {
    const repeat = await call(parts, keyed("before"));
    expect(repeat).toMatchObject({ statusCode: 201, json: { submissionId: first } });
    const rerun = await call(parts, httpApiEvent({ path: `/v1/submissions/${first}/rerun` }));
    expect(rerun).toMatchObject({ statusCode: 403, json: { code: "ERR_BUDGET_SPENT" } });
    expect(startedFor(parts)).toEqual(["acme"]);
  });

  test("gets its earlier re-run for a repeat of that", async () => {
    const again = doors({ tenants: [thrifty, globex] });
    const { json } = await call(again, keyed("before"));
    const rerun = httpApiEvent({
      path: `/v1/submissions/${json.submissionId}/rerun`,
      headers: { "idempotency-key": "again" },
    });
    const once = await call(again, rerun);
    await spend(again, 200);
    expect(await call(again, rerun)).toMatchObject({ statusCode: 201, json: { submissionId: once.json.submissionId } });
  });

  test("may send the same request again when the budget is raised, or the month turns", async () => {
    await deliver(parts, message("m-1"));
    parts.clock.pass(9 * 24 * 3_600_000);
    expect((await call(parts, keyed("after"))).statusCode).toBe(201);
    expect(await deliver(parts, message("m-1"))).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme", "acme", "acme"]);
  });

  test("keeps nobody else from starting", async () => {
    const other = await call(parts, httpApiEvent({ body: nightly, authorizer: jwtOf(ofGlobex.client) }));
    expect(other.statusCode).toBe(201);
    const both = sqsEvent(
      { messageId: "m-1", body: nightly, sender: ofAcme.userId },
      { messageId: "m-2", body: nightly, sender: ofGlobex.userId },
    );
    expect(await deliver(parts, both)).toEqual([]);
    expect(startedFor(parts)).toEqual(["acme", "globex", "globex"]);
  });
});

test("a budget that cannot be read keeps its tenant's requests waiting, and no other's", async () => {
  const base = doors({ tenants: [thrifty, globex] });
  const usage = failingWith(base.usage, "month", () => ledgerDown());
  const parts = doors({ tenants: [thrifty, globex], services: { usage } });
  const both = sqsEvent(
    { messageId: "m-1", body: nightly, sender: ofAcme.userId },
    { messageId: "m-2", body: nightly, sender: ofGlobex.userId },
  );
  expect(await deliver(parts, both)).toEqual(["m-1"]);
  expect(startedFor(parts)).toEqual(["globex"]);
  expect(refusals(parts)).toEqual([]);
  expect(await call(parts, keyed("k"))).toMatchObject({ statusCode: 503, json: { code: "ERR_LEDGER_DOWN" } });
});
