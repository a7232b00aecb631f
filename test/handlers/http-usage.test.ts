import { describe, expect, test } from "vitest";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { noon } from "#test/helpers/setup.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";
import { call, doors } from "./doors.ts";
import { httpApiEvent, jwtOf, restEvent } from "./http-events.ts";
import { acme, globex, ofAcme, ofGlobex } from "./tenants.ts";

const usage = (query?: Readonly<Record<string, string>>, own = {}) =>
  httpApiEvent({ method: "GET", path: "/v1/usage", ...(query !== undefined && { query }), ...own });

type Doors = ReturnType<typeof doors>;

interface Ended {
  readonly tenantId?: string;
  readonly completedAt?: string;
  readonly jobTemplate?: string;
  readonly state?: string;
  readonly vCPUHour?: number;
}

/** Records job runs that ended: what they used is a number of vCPU hours at the prices of us-east-1. */
const use = async (parts: Doors, ...all: readonly Ended[]): Promise<void> => {
  for (const [
    at,
    { tenantId = "acme", completedAt = noon, jobTemplate, state = "SUCCESS", vCPUHour },
  ] of all.entries()) {
    const billed = { billedResourceUtilization: { vCPUHour: vCPUHour ?? 0, memoryGBHour: 1, storageGBHour: 0 } };
    await recordUsage(parts.door.services, {
      ...startingSubmission({ submissionId: `req.${tenantId}.${at}`, tenantId, ...(jobTemplate && { jobTemplate }) }),
      state: "completed",
      jobRunId: `00run${at}`,
      completedAt,
      jobRun: sampleJobRun({ state, ...(vCPUHour !== undefined && billed) }),
    });
  }
};

describe("GET /v1/usage", () => {
  test("tells the tenant its job runs, outcomes, hours and estimated cost, by day and by job template", async () => {
    const parts = doors();
    await use(
      parts,
      { completedAt: "2026-11-20T23:59:59.999Z", jobTemplate: "nightly", vCPUHour: 10 },
      { completedAt: "2026-11-21T00:00:00.000Z", jobTemplate: "nightly", vCPUHour: 1, state: "FAILED" },
      { completedAt: "2026-11-21T12:00:00.000Z", vCPUHour: 100 },
      { completedAt: "2026-11-21T13:00:00.000Z", state: "CANCELLED" },
    );
    const { statusCode, headers, json } = await call(parts, usage({ from: "2026-11-20", to: "2026-11-21" }));
    expect({ statusCode, headers }).toEqual({
      statusCode: 200,
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
    // 0.052624 USD a vCPU hour, 0.0057785 USD a GB hour of memory; each job run's cost is rounded once.
    expect(json).toEqual({
      tenantId: "acme",
      from: "2026-11-20",
      to: "2026-11-21",
      estimate: true,
      total: {
        jobRuns: 4,
        outcomes: { CANCELLED: 1, FAILED: 1, SUCCESS: 2 },
        vCPUHour: "111.000000",
        memoryGBHour: "3.000000",
        storageGBHour: "0.000000",
        cost: { USD: "5.858601" },
        costMissing: 1,
      },
      days: [
        {
          day: "2026-11-20",
          jobRuns: 1,
          outcomes: { SUCCESS: 1 },
          vCPUHour: "10.000000",
          memoryGBHour: "1.000000",
          storageGBHour: "0.000000",
          cost: { USD: "0.532019" },
          costMissing: 0,
        },
        expect.objectContaining({ day: "2026-11-21", jobRuns: 3, cost: { USD: "5.326582" }, costMissing: 1 }),
      ],
      jobTemplates: [
        expect.not.objectContaining({ jobTemplate: expect.anything() }),
        expect.objectContaining({ jobTemplate: "nightly", jobRuns: 2, outcomes: { FAILED: 1, SUCCESS: 1 } }),
      ],
    });
    expect(json.jobTemplates[0]).toMatchObject({ jobRuns: 2, outcomes: { CANCELLED: 1, SUCCESS: 1 } });
  });

  test("is of the caller's own tenant, whatever the query says", async () => {
    const parts = doors();
    await use(parts, { vCPUHour: 10 }, { tenantId: "globex", vCPUHour: 1 });
    const ofOther = await call(parts, usage(undefined, { authorizer: jwtOf(ofGlobex.client) }));
    expect(ofOther.json).toMatchObject({ tenantId: "globex", total: { jobRuns: 1, vCPUHour: "1.000000" } });
    const asked = await call(parts, usage({ tenantId: "globex" }));
    expect(asked).toMatchObject({ statusCode: 400, json: { code: "ERR_QUERY_INVALID" } });
    expect((await call(parts, usage(undefined, { authorizer: jwtOf("stranger") }))).statusCode).toBe(403);
    expect((await call(parts, usage(undefined, { authorizer: undefined }))).statusCode).toBe(401);
  });

  test("is of this month until today, where the query does not say", async () => {
    const parts = doors();
    expect((await call(parts, usage())).json).toMatchObject({ from: "2026-11-01", to: "2026-11-22" });
    expect((await call(parts, usage({ to: "2026-10-05" }))).json).toMatchObject({
      from: "2026-10-01",
      to: "2026-10-05",
    });
    expect((await call(parts, usage({ from: "2026-11-22" }))).json).toMatchObject({
      from: "2026-11-22",
      to: "2026-11-22",
    });
    const empty = { jobRuns: 0, outcomes: {}, cost: {}, costMissing: 0, vCPUHour: "0.000000" };
    expect((await call(parts, usage())).json).toMatchObject({ total: empty, days: [], jobTemplates: [] });
  });

  test("comes through every shape of an HTTP event", async () => {
    const parts = doors();
    const asked = { method: "GET", path: "/v1/usage", query: { from: "2026-11-02" } } as const;
    for (const event of [
      httpApiEvent({ ...asked, stage: "prod" }),
      restEvent({ ...asked, authorizer: { claims: { sub: ofAcme.subject } } }),
    ]) {
      expect((await call(parts, event)).json).toMatchObject({ from: "2026-11-02" });
    }
  });

  test.each([
    [{ from: "yesterday" }, ['/from must be a day such as "2026-11-22": current value is "yesterday"']],
    [{ from: "2026-02-30" }, ['/from must be a day such as "2026-11-22": current value is "2026-02-30"']],
    [
      { from: "2026-11-1", to: "2026-11-22T00:00:00Z", unit: "day" },
      [
        '/from must be a day such as "2026-11-22": current value is "2026-11-1"',
        '/to must be a day such as "2026-11-22": current value is "2026-11-22T00:00:00Z"',
        "/unit is not a known field: remove it or check its spelling",
      ],
    ],
    [
      { from: "2026-11-22", to: "2026-11-21" },
      ['/from must be at most to, which is 2026-11-21: current value is "2026-11-22"'],
    ],
    [
      { from: "2025-11-20", to: "2026-11-21" },
      ['/from must be at most 366 days before to, which is 2026-11-21: current value is "2025-11-20"'],
    ],
    [
      { from: "2025-10-17", to: "2025-10-18" },
      ['/from must be at least 2025-10-18: usage is kept for 400 days: current value is "2025-10-17"'],
    ],
  ])("refuses the query %j with every fault at once", async (query, faults) => {
    const { statusCode, json } = await call(doors(), usage(query));
    expect(statusCode).toBe(400);
    expect(json).toMatchObject({ code: "ERR_QUERY_INVALID", retryable: false });
    const told = json.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => `${pointer} ${detail}`);
    expect(told).toEqual(faults);
    expect(json.detail).toBe(`Cannot read the query: ${faults.join("; ")}`);
  });

  test("takes no other method", async () => {
    const { statusCode, headers } = await call(doors(), usage(undefined, { method: "POST" }));
    expect({ statusCode, allow: headers["allow"] }).toEqual({ statusCode: 405, allow: "GET" });
  });

  test("tells a tenant with a budget how its month stands", async () => {
    const budget = { monthly: "1.00", currency: "USD", softShare: 0.5 };
    const parts = doors({ tenants: [{ ...acme, tenant: { ...acme.tenant, budget } }, globex] });
    expect((await call(parts, usage())).json.budget).toMatchObject({ verdict: "within", spent: "0.000000" });
    expect((await call(parts, usage(undefined, { authorizer: jwtOf(ofGlobex.client) }))).json).not.toHaveProperty(
      "budget",
    );
  });
});
