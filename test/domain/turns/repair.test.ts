import { describe, expect, test } from "vitest";
import { repair } from "#domain/turns/repair.ts";
import { type SampleServices, sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";
import { refusedSubmission, startingSubmission } from "#test/helpers/submission.ts";

const minute = 60_000;

/** A tenant with so many slots that nobody freed when their submissions had ended. */
const withEnded = async (services: SampleServices, tenantId: string, count: number): Promise<void> => {
  const ids = Array.from({ length: count }, (_, at) => `${tenantId}-${at}`);
  for (const submissionId of ids) await services.submissions.accept(refusedSubmission({ submissionId, tenantId }));
  await services.starts.enter(tenantId, ids, 1000);
};

describe("repair()", () => {
  test("reads the submissions of a hundred slots at once", async () => {
    const services = sampleServices(sampleSetup());
    await withEnded(services, "acme", 250);
    const reads: number[] = [];
    const getAll: typeof services.submissions.getAll = async (ids) => {
      reads.push(ids.length);
      return await services.submissions.getAll(ids);
    };
    const counting = { ...services, submissions: { ...services.submissions, getAll } };
    expect(await repair(counting, services.later(minute))).toMatchObject({ slotsFreed: 250 });
    expect(reads).toEqual([100, 100, 50]);
    expect((await services.starts.line("acme")).active).toEqual([]);
  });

  test("stops when its time is up, and says where the next one goes on", async () => {
    const services = sampleServices(sampleSetup());
    for (const tenantId of ["acme", "globex", "initech"]) await withEnded(services, tenantId, 1);
    const line: typeof services.starts.line = async (tenantId) => {
      services.clock.pass(1000);
      return await services.starts.line(tenantId);
    };
    const slow = { ...services, starts: { ...services.starts, line } };
    const first = await repair(slow, services.later(1500));
    // The look at the second tenant's line took the rest of the time.
    expect(first).toMatchObject({ slotsFreed: 1, next: "acme" });
    expect(await repair(slow, services.now(), first.next)).toMatchObject({ slotsFreed: 0, next: "acme" });
    const last = await repair(slow, services.later(minute), first.next);
    expect(last).toEqual({ slotsFreed: 2, turnsRestored: 0, countsCorrected: 0 });
  });

  test("leaves the slot alone of a submission that nobody can read: it may have a job run", async () => {
    const services = sampleServices(sampleSetup());
    await services.starts.enter("acme", ["broken"], 25);
    const getAll: typeof services.submissions.getAll = async () => new Map([["broken", "unreadable"]]);
    const broken = { ...services, submissions: { ...services.submissions, getAll } };
    for (let minutes = 0; minutes < 5; minutes += 1) {
      await repair(broken, services.later(minute));
      services.clock.pass(minute);
    }
    expect(await services.starts.line("acme")).toEqual({ active: ["broken"], waiting: 0 });
  });

  test("forgets a suspicion that proved wrong: the next slot under that name is as new as any", async () => {
    const services = sampleServices(sampleSetup());
    await services.starts.enter("acme", ["a", "late"], 25);
    await services.submissions.accept(startingSubmission({ submissionId: "a" }));
    await repair(services, services.later(minute));
    await services.submissions.accept(startingSubmission({ submissionId: "late" }));
    services.clock.pass(10 * minute);
    await repair(services, services.later(minute));
    expect(await services.starts.line("acme")).toEqual({ active: ["a", "late"], waiting: 0 });
  });

  test("looks at no count a second time that there is no time for", async () => {
    const services = sampleServices(sampleSetup());
    await services.starts.queueUp("acme", 3, 10);
    expect(await repair(services, services.later(10_000))).toMatchObject({ countsCorrected: 0 });
    expect(await repair(services, services.later(minute))).toMatchObject({ countsCorrected: 1 });
    expect(await services.starts.line("acme")).toMatchObject({ waiting: 0 });
  });
});
