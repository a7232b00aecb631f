import { expect, test } from "vitest";
import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { reconcileHandler } from "#handlers/reconcile.ts";
import { jobRunChange, sqsEvent } from "./aws-events.ts";
import { call, doors, invoke } from "./doors.ts";
import { httpApiEvent, nightly } from "./http-events.ts";
import { acme, globex } from "./tenants.ts";

const budget = { monthly: "6.00", currency: "USD", softShare: 0.8 };

/** What tenant acme's job runs cost 5.2624 USD each. */
const billed = { vCPUHour: 100, memoryGBHour: 0, storageGBHour: 0 };

test("an ended job run is counted once, warned of by the next sweep, and the next one ends the month's budget", async () => {
  const parts = doors({ tenants: [{ ...acme, tenant: { ...acme.tenant, budget } }, globex] });
  const runJob = async (): Promise<number> => {
    const { statusCode, json } = await call(parts, httpApiEvent({ body: nightly }));
    if (statusCode !== 201) return statusCode ?? 0;
    const jobRun = { applicationId: "00f1acme", jobRunId: String(json.jobRunId) };
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS", billedResourceUtilization: billed });
    const body = jobRunChange({ ...jobRun, state: "SUCCESS" });
    for (const messageId of ["first", "again"]) {
      const told = sqsEvent({ messageId, body, sender: "" });
      expect(await invoke(jobRunChangedHandler(parts.door), told)).toEqual({ batchItemFailures: [] });
    }
    return statusCode;
  };
  const reconcile = async (): Promise<void> => {
    parts.clock.pass(60_000);
    await invoke(reconcileHandler(parts.door), {});
  };
  const usage = async () => (await call(parts, httpApiEvent({ method: "GET", path: "/v1/usage" }))).json;
  const told = () => parts.events.published.map(({ event }) => event.detailType);

  expect(await runJob()).toBe(201);
  expect(await usage()).toMatchObject({
    total: { jobRuns: 1, outcomes: { SUCCESS: 1 }, vCPUHour: "100.000000", cost: { USD: "5.262400" } },
    jobTemplates: [{ jobTemplate: "nightly", jobRuns: 1 }],
  });
  await reconcile();
  expect(told()).toEqual(["Submission Completed", "Budget Warning"]);
  expect(parts.log.records.at(-1)).toEqual({ level: "info", message: "usage", hours: 0, months: 1, budgetEvents: 1 });

  expect(await runJob()).toBe(201);
  await reconcile();
  expect(told()).toEqual(["Submission Completed", "Budget Warning", "Submission Completed", "Budget Exceeded"]);
  expect(await runJob()).toBe(403);
  expect(await usage()).toMatchObject({
    total: { jobRuns: 2, cost: { USD: "10.524800" } },
    budget: { verdict: "exceeded", monthly: "6.000000", spent: "10.524800" },
  });
});

test("hours that EMR Serverless tells late are found by the sweep, and join the day of the end", async () => {
  const parts = doors();
  const { json } = await call(parts, httpApiEvent({ body: nightly }));
  const jobRun = { applicationId: "00f1acme", jobRunId: String(json.jobRunId) };
  parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
  const told = sqsEvent({ messageId: "m", body: jobRunChange({ ...jobRun, state: "SUCCESS" }), sender: "" });
  await invoke(jobRunChangedHandler(parts.door), told);
  const usage = async () => (await call(parts, httpApiEvent({ method: "GET", path: "/v1/usage" }))).json;
  expect(await usage()).toMatchObject({ total: { jobRuns: 1, cost: {}, costMissing: 1, vCPUHour: "0.000000" } });

  parts.jobRuns.change(jobRun.jobRunId, { billedResourceUtilization: billed });
  for (let sweeps = 0; sweeps < 3; sweeps += 1) {
    parts.clock.pass(61_000);
    await invoke(reconcileHandler(parts.door), {}, 60_000);
  }
  expect(await usage()).toMatchObject({
    total: { jobRuns: 1, cost: { USD: "5.262400" }, costMissing: 0, vCPUHour: "100.000000" },
    days: [{ day: "2026-11-22", jobRuns: 1 }],
  });
});
