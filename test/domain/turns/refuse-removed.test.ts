import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { refuseRemoved } from "#domain/turns/refuse-removed.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { crashingAfter, failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";
import { startingSubmission, waitingSubmission } from "#test/helpers/submission.ts";

const minute = 60_000;
const globex = sampleSetup({ tenant: { tenantId: "globex" } });

/** So many waiting submissions of acme, and one of globex. */
const withWaiting = async (count: number): Promise<SampleServices> => {
  const services = sampleServices(sampleSetup(), globex);
  for (let at = 0; at < count; at += 1) {
    await services.starts.queueUp("acme", 1, 10_000);
    await services.submissions.accept(waitingSubmission({ submissionId: `req.${at}`, taskToken: `task-${at}` }));
  }
  await services.starts.queueUp("globex", 1, 10_000);
  await services.submissions.accept(waitingSubmission({ submissionId: "req.globex", tenantId: "globex" }));
  return services;
};

const remove = ({ tenants }: SampleServices): void => tenants.replace([globex]);
const statesOf = ({ submissions }: SampleServices) => new Set(submissions.all().map(({ state }) => state));

describe("refuseRemoved()", () => {
  test("refuses whatever waits of a removed tenant, says why, and publishes each ending", async () => {
    const services = await withWaiting(60);
    remove(services);
    expect(await refuseRemoved(services, services.later(minute))).toEqual({ waitingRefused: 60, failures: [] });
    expect(await services.submissions.get("req.7")).toMatchObject({
      state: "refused",
      refusal: {
        code: "ERR_TENANT_REMOVED",
        message: 'Cannot start the job of submission "req.7": tenant "acme" was removed while it waited',
      },
      publishedAt: services.now(),
    });
    const published = services.events.published.map(({ event, taskToken }) => [event.detail.subject, taskToken]);
    expect(new Map(published as [string, string][]).size).toBe(60);
    expect(published).toContainEqual(["req.7", "task-7"]);
    expect(services.events.published.every(({ event }) => event.detailType === "Submission Refused")).toBe(true);
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 0 });
    expect(await services.submissions.get("req.globex")).toMatchObject({ state: "waiting" });
    expect(await refuseRemoved(services, services.later(minute))).toEqual({ waitingRefused: 0, failures: [] });
  });

  test("leaves a tenant's alone whose record cannot be read, and refuses a removed one's beside it", async () => {
    const services = await withWaiting(2);
    const byId: typeof services.tenants.byId = async (tenantId) => {
      if (tenantId === "acme") throw new ServiceError("ERR_TENANT_UNREADABLE", 'Cannot read "tenant#acme"');
      return undefined;
    };
    const parts = { ...services, tenants: { ...services.tenants, byId } };
    expect(await refuseRemoved(parts, services.later(minute))).toMatchObject({ waitingRefused: 1 });
    expect(await services.submissions.get("req.0")).toMatchObject({ state: "waiting" });
    expect(await services.submissions.get("req.globex")).toMatchObject({ state: "refused" });
  });

  test("refuses nothing where the ledger does not say whether the tenant is there", async () => {
    const services = await withWaiting(2);
    const down = new ServiceError("ERR_LEDGER_DOWN", "Cannot read the tenant");
    const tenants = failingWith(services.tenants, "byId", () => down);
    await expect(refuseRemoved({ ...services, tenants }, services.later(minute))).rejects.toBe(down);
    expect(statesOf(services)).toEqual(new Set(["waiting"]));
  });

  test("leaves what has a slot: it may have a job run, and starts again", async () => {
    const services = await withWaiting(0);
    await services.submissions.accept(startingSubmission({ submissionId: "req.starts" }));
    await services.starts.enter("acme", ["req.starts"], 25);
    await services.starts.queueUp("acme", 1, 10);
    remove(services);
    services.clock.pass(minute);
    await refuseRemoved(services, services.later(minute));
    await startExpired(services, services.later(minute));
    expect(await services.submissions.get("req.starts")).toMatchObject({ state: "started" });
  });

  test.each(["claim", "recordRefusal"] as const)("goes on after a crash right after %s", async (step) => {
    const services = await withWaiting(3);
    remove(services);
    const crashing = { ...services, submissions: crashingAfter(services.submissions, step) };
    expect(await refuseRemoved(crashing, services.later(minute))).toMatchObject({ failures: [{}] });
    services.clock.pass(minute);
    await startExpired(services, services.later(minute));
    await refuseRemoved(services, services.later(minute));
    const acme = services.submissions.all().filter(({ tenantId }) => tenantId === "acme");
    expect(acme.map(({ state }) => state)).toEqual(["refused", "refused", "refused"]);
    expect(services.jobRuns.started).toEqual([]);
  });

  test("stops when its time is up, and where everything fails", async () => {
    const services = await withWaiting(20);
    remove(services);
    expect(await refuseRemoved(services, services.now())).toEqual({ waitingRefused: 0, failures: [] });
    const down = new ServiceError("ERR_LEDGER_DOWN", "Cannot claim it");
    const submissions = failingWith(services.submissions, "claim", () => down);
    const { failures } = await refuseRemoved({ ...services, submissions }, services.later(minute));
    expect(failures).toHaveLength(5);
  });
});
