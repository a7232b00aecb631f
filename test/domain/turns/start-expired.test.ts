import { describe, expect, test } from "vitest";
import { ServiceError } from "#domain/errors.ts";
import { cancelSubmission } from "#domain/submission/cancel-submission.ts";
import { startExpired } from "#domain/turns/start-expired.ts";
import { failingWith, type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";
import { sampleInput, startingSubmission } from "#test/helpers/submission.ts";

const minute = 60_000;

/** Submissions whose starters died: each has its slot, and its lease has run out. */
const withExpired = async (count: number): Promise<SampleServices> => {
  const services = sampleServices(sampleSetup());
  const ids = Array.from({ length: count }, (_, at) => `req.${String(at).padStart(3, "0")}`);
  for (const submissionId of ids) {
    const input = JSON.stringify(sampleInput({ clientToken: submissionId, name: `nightly.${submissionId}` }));
    await services.submissions.accept(startingSubmission({ submissionId, input }));
  }
  await services.starts.enter("acme", ids, 1000);
  services.clock.pass(minute);
  return services;
};

const tokensLeft = async ({ starts }: SampleServices): Promise<number> =>
  (await starts.takeTokens("StartJobRun", 25, "dispatcher")).taken;

describe("startExpired()", () => {
  test("starts again whatever is due, as long as there are tokens", async () => {
    const services = await withExpired(30);
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 24 });
    services.clock.pass(minute);
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 6 });
    expect(services.jobRuns.started).toHaveLength(30);
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 0 });
  });

  test("begins no start when its time is up, and leaves the rest to the next call", async () => {
    const services = await withExpired(10);
    const start: typeof services.jobRuns.start = async (input) => {
      services.clock.pass(5000);
      return await services.jobRuns.start(input);
    };
    const slow = { ...services, jobRuns: { ...services.jobRuns, start } };
    expect(await startExpired(slow, services.later(12_000))).toMatchObject({ startedAgain: 3 });
    expect(await startExpired(slow, services.now())).toMatchObject({ startedAgain: 0 });
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 7 });
  });

  test("gives the token back where somebody else is starting the submission", async () => {
    const services = await withExpired(1);
    const claim = async () => undefined;
    const late = { ...services, submissions: { ...services.submissions, claim } };
    expect(await startExpired(late, services.later(minute))).toMatchObject({ startedAgain: 0 });
    expect(await tokensLeft(services)).toBe(24);
  });

  test("lets one without a slot wait for its turn, and gives the token back", async () => {
    const services = await withExpired(1);
    await services.starts.leave("acme", ["req.000"]);
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 0 });
    expect(services.submissions.all()).toMatchObject([{ state: "waiting", waitingFor: "tenant-slots" }]);
    expect(await services.starts.line("acme")).toEqual({ active: [], waiting: 1 });
    expect(await tokensLeft(services)).toBe(24);
  });

  test("starts nothing of a suspended tenant, which may have a job run already, and gives the token back", async () => {
    const services = await withExpired(1);
    await services.starts.suspend("acme", "Migration until noon");
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 0 });
    expect(services.submissions.all()).toMatchObject([{ state: "starting" }]);
    expect(await tokensLeft(services)).toBe(24);
  });

  test("needs no tenant's record: one that nobody can read holds up no start", async () => {
    const services = await withExpired(2);
    const broken = new ServiceError("ERR_TENANT_UNREADABLE", 'Cannot read "tenant#acme"');
    const tenants = failingWith(services.tenants, "byId", () => broken);
    expect(await startExpired({ ...services, tenants }, services.later(minute))).toMatchObject({ startedAgain: 2 });
  });

  test("says which start came to an error that nobody foresaw, and goes on", async () => {
    const services = await withExpired(3);
    const start: typeof services.jobRuns.start = async (input) => {
      if (input.clientToken === "req.000") throw new RangeError("out of luck");
      return await services.jobRuns.start(input);
    };
    const failing = { ...services, jobRuns: { ...services.jobRuns, start } };
    expect(await startExpired(failing, services.later(minute))).toMatchObject({
      startedAgain: 2,
      failures: [{ submissionId: "req.000", error: { name: "RangeError" } }],
    });
  });

  test("comes past a page of a suspended tenant to whoever is behind it", async () => {
    const services = await withExpired(26);
    await services.starts.suspend("acme", "Migration until noon");
    const behind = startingSubmission({ submissionId: "req.z", tenantId: "globex", leaseUntil: services.later(-1) });
    await services.submissions.accept(behind);
    await services.starts.enter("globex", ["req.z"], 25);
    expect(await startExpired(services, services.later(20_000))).toMatchObject({ startedAgain: 1 });
  });

  test("leaves one of a suspended tenant that was only ever denied as one that may be cancelled", async () => {
    const services = await withExpired(1);
    const [seen = expect.unreachable()] = services.submissions.all();
    await services.submissions.claim(seen, services.later(-1), { code: "ERR_EMR_DENIED", since: services.now() });
    await services.starts.suspend("acme", "Migration until noon");
    await startExpired(services, services.later(minute));
    const [left = expect.unreachable()] = services.submissions.all();
    expect(await cancelSubmission(services, left)).toMatchObject({ verdict: "cancelled" });
  });

  test("looks for the job run of one that lost its slot before it lets it wait", async () => {
    const services = await withExpired(1);
    const [seen = expect.unreachable()] = services.submissions.all();
    const { jobRunId } = await services.jobRuns.start(JSON.parse(seen.input ?? ""));
    await services.starts.leave("acme", ["req.000"]);
    expect(await startExpired(services, services.later(minute))).toMatchObject({ startedAgain: 1 });
    expect(services.submissions.all()).toMatchObject([{ state: "started", jobRunId }]);
    expect(await tokensLeft(services)).toBe(24);
  });
});

describe("startExpired() after an outage", () => {
  test("lists an application's job runs once for all whose calls were not answered long ago", async () => {
    const services = await withExpired(20);
    const [first = expect.unreachable()] = services.submissions.all();
    await services.jobRuns.start(JSON.parse(first.input ?? ""));
    services.clock.pass(10 * minute);
    await services.starts.takeTokens("ListJobRuns", 25, "dispatcher");
    let pages = 0;
    const list: typeof services.jobRuns.list = async (input, since, page) => {
      pages += 1;
      const { jobRunIds } = await services.jobRuns.list(input, since, page);
      if (page === undefined) return { jobRunIds: new Map(), nextPage: "2" };
      return Number(page) < 10 ? { jobRunIds: new Map(), nextPage: String(Number(page) + 1) } : { jobRunIds };
    };
    const listing = { ...services, jobRuns: { ...services.jobRuns, list } };
    expect(await startExpired(listing, services.later(minute))).toMatchObject({ startedAgain: 20, unconfirmed: [] });
    expect(pages).toBe(10);
    expect(services.jobRuns.started).toHaveLength(20);
  });

  test("looks for each on its own where no list can be had, and calls for none of them in doubt", async () => {
    const services = await withExpired(2);
    services.clock.pass(10 * minute);
    const list = async () => ({ jobRunIds: new Map<string, string>(), nextPage: "more" });
    const endless = { ...services, jobRuns: { ...services.jobRuns, list } };
    expect((await startExpired(endless, services.later(minute))).unconfirmed).toHaveLength(2);
    expect(services.jobRuns.started).toEqual([]);
  });
});
