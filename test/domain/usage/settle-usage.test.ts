import { describe, expect, test } from "vitest";
import type { Services } from "#domain/ports.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { checkBudget } from "#domain/usage/check-budget.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { type SettledUsage, settleUsage } from "#domain/usage/settle-usage.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup, sampleTenant } from "#test/helpers/setup.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";

/** At the prices of us-east-1, 1000 vCPU hours cost 52.624 USD. */
const perThousand = 52.624;

const budget = { monthly: "100.00" };

/** A submission that ended now, and was billed so many vCPU hours. */
const ended = (
  { now }: Pick<Services, "now">,
  submissionId: string,
  vCPUHour: number,
  tenantId = "acme",
): Submission => ({
  ...startingSubmission({ submissionId, tenantId }),
  state: "completed",
  jobRunId: `00${submissionId}`,
  completedAt: now(),
  jobRun: sampleJobRun({ billedResourceUtilization: { vCPUHour, memoryGBHour: 0, storageGBHour: 0 } }),
});

const settle = async (services: Services & Pick<SampleServices, "clock">): Promise<SettledUsage> => {
  services.clock.pass(60_000);
  return await settleUsage(services, services.later(600_000));
};

const worldWith = (tenant: Record<string, unknown>, ...others: readonly Record<string, unknown>[]) =>
  sampleServices(sampleSetup({ tenant }), ...others.map((other) => sampleSetup({ tenant: other })));

const eventsOf = ({ events }: SampleServices) => events.published.map(({ event }) => event.detail.id);

describe("settleUsage()", () => {
  test("tells once that the soft share is reached, and once that all is spent", async () => {
    const services = worldWith({ budget });
    await recordUsage(services, ended(services, "req.1", 1000));
    expect(await settle(services)).toMatchObject({ months: 1, budgetEvents: 0, failures: [] });
    await recordUsage(services, ended(services, "req.2", 600));
    expect(await settle(services)).toMatchObject({ budgetEvents: 1 });
    await recordUsage(services, ended(services, "req.3", 10));
    expect(await settle(services)).toMatchObject({ months: 1, budgetEvents: 0 });
    await recordUsage(services, ended(services, "req.4", 1000));
    expect(await settle(services)).toMatchObject({ budgetEvents: 1 });
    expect(eventsOf(services)).toEqual(["acme/2026-11/warning/80.000000/USD", "acme/2026-11/exceeded/100.000000/USD"]);
    expect(await checkBudget(services, sampleTenant({ budget }))).toMatchObject({
      verdict: "exceeded",
      spent: (2.61 * perThousand).toFixed(6),
    });
  });

  test("tells again when the budget was raised and the new share is reached", async () => {
    const services = worldWith({ budget });
    await recordUsage(services, ended(services, "req.1", 2000));
    await settle(services);
    services.tenants.replace([sampleSetup({ tenant: { budget: { monthly: "125.00" } } })]);
    await recordUsage(services, ended(services, "req.2", 1));
    await settle(services);
    expect(eventsOf(services)).toEqual([
      "acme/2026-11/warning/80.000000/USD",
      "acme/2026-11/exceeded/100.000000/USD",
      "acme/2026-11/warning/100.000000/USD",
    ]);
  });

  test.each(["keepEvent", "recordEventPublished", "keepSums"] as const)(
    "says the same again after a crash at %s",
    async (method) => {
      const services = worldWith({ budget });
      await recordUsage(services, ended(services, "req.1", 1600));
      const crashing = { ...services, usage: crashingAfter(services.usage, method) };
      expect((await settle(crashing)).failures).toHaveLength(1);
      await recordUsage(services, ended(services, "req.2", 10));
      services.clock.pass(60_000);
      await settle(services);
      expect(new Set(eventsOf(services))).toEqual(new Set(["acme/2026-11/warning/80.000000/USD"]));
      const texts = services.events.published.map(({ event }) => JSON.stringify(event));
      expect(new Set(texts).size).toBe(1);
    },
  );

  test("publishes the stored event where publishing failed", async () => {
    const services = worldWith({ budget });
    await recordUsage(services, ended(services, "req.1", 1600));
    const failing = { ...services, events: failingWith(services.events, "publish", () => new Error("no bus")) };
    expect(await settle(failing)).toMatchObject({ months: 0, budgetEvents: 0 });
    services.clock.pass(60_000);
    expect(await settle(services)).toMatchObject({ months: 1, budgetEvents: 1 });
  });

  test("says nothing of a month that is over, of another currency and of a tenant without a budget", async () => {
    const services = worldWith({ budget: { ...budget, currency: "EUR" } }, { tenantId: "globex" });
    await recordUsage(services, ended(services, "req.1", 5000));
    await recordUsage(services, ended(services, "req.2", 5000, "globex"));
    await settle(services);
    services.tenants.replace([sampleSetup({ tenant: { budget } })]);
    services.clock.pass(10 * 24 * 3_600_000);
    expect(await settle(services)).toMatchObject({ hours: 2, failures: [] });
    expect(await settle(services)).toMatchObject({ months: 2, failures: [] });
    expect(eventsOf(services)).toEqual([]);
  });

  test("sums an hour when it is over, and then its month, also without a budget", async () => {
    const services = worldWith({});
    await recordUsage(services, ended(services, "req.1", 1000));
    expect(await settle(services)).toMatchObject({ hours: 0, months: 0 });
    services.clock.pass(3_600_000);
    expect(await settle(services)).toMatchObject({ hours: 1 });
    expect(await settle(services)).toMatchObject({ months: 1 });
    // The budget that begins now knows the month.
    expect(await checkBudget(services, sampleTenant({ budget }))).toMatchObject({ spent: "52.624000" });
  });

  test("lets one tenant's fault keep nobody else from being settled", async () => {
    const services = worldWith({ budget }, { tenantId: "globex", budget });
    for (const tenantId of ["acme", "globex"])
      await recordUsage(services, ended(services, `req.${tenantId}`, 1600, tenantId));
    const { tenants } = services;
    const byId = async (tenantId: string) => {
      if (tenantId === "acme") throw new Error("its record cannot be read");
      return await tenants.byId(tenantId);
    };
    const settled = await settle({ ...services, tenants: { ...tenants, byId } });
    expect(settled).toMatchObject({ months: 1, budgetEvents: 1 });
    expect(settled.failures).toMatchObject([{ tenantId: "acme", period: "2026-11" }]);
    services.clock.pass(60_000);
    expect(await settle(services)).toMatchObject({ months: 1, failures: [] });
  });

  test("stops when its time is up, and goes on where it stopped", async () => {
    const names = Array.from({ length: 30 }, (_, at) => `tenant-${at}`);
    const [first, ...rest] = names.map((tenantId) => ({ tenantId, budget }));
    const services = worldWith(first!, ...rest);
    for (const tenantId of names) await recordUsage(services, ended(services, `req.${tenantId}`, 1, tenantId));
    services.clock.pass(60_000);
    expect(await settleUsage(services, services.now())).toMatchObject({ months: 0 });
    expect(await settleUsage(services, services.later(1))).toMatchObject({ months: 30 });
    expect(await settleUsage(services, services.later(1))).toMatchObject({ months: 0 });
  });
});

describe("recordUsage()", () => {
  test("counts nothing of a submission that never had a job run", async () => {
    const services = worldWith({ budget });
    await recordUsage(services, { ...startingSubmission(), state: "cancelled", cancelledAt: services.now() });
    expect(await services.usage.hours("acme", "2026-01-01T00", "2026-12-31T23")).toEqual([]);
  });

  test("counts a job run that EMR Serverless lost, without a cost", async () => {
    const services = worldWith({});
    const { jobRun: _jobRun, ...lost } = ended(services, "req.1", 1);
    await recordUsage(services, lost);
    const [entry] = await services.usage.entries("acme", "2026-11-22T12", "2026-11-22T12");
    expect(entry).toEqual({
      tenantId: "acme",
      submissionId: "req.1",
      completedAt: services.now(),
      outcome: "UNKNOWN",
      final: false,
    });
  });
});

test("checkBudget() asks nobody for a tenant without a budget", async () => {
  const services = sampleServices();
  const usage = failingWith(services.usage, "month", () => new Error("asked"));
  expect(await checkBudget({ ...services, usage }, sampleTenant())).toBeUndefined();
});
