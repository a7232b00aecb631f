import { describe, expect, test } from "vitest";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import type { Services } from "#domain/ports.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import { settleUsage } from "#domain/usage/settle-usage.ts";
import { sqsEvent } from "#test/handlers/aws-events.ts";
import { deliver, doors } from "#test/handlers/doors.ts";
import { nightly } from "#test/handlers/http-events.ts";
import { acme, globex, ofAcme } from "#test/handlers/tenants.ts";
import { sampleJobRun, startingSubmission } from "#test/helpers/submission.ts";
import { dead, world } from "./redrive-world.ts";

const named = { ...nightly, requestId: "n-42" };

const budget = { monthly: "100.00", currency: "USD", softShare: 0.8 };
const thrifty = { ...acme, tenant: { ...acme.tenant, budget } };

/** Usage of a tenant whose job runs cost 150 USD this month. */
const spent = async (): Promise<Services["usage"]> => {
  const { door, clock, usage } = doors({ tenants: [thrifty] });
  await recordUsage(door.services, {
    ...startingSubmission({ submissionId: "req.spent" }),
    state: "completed",
    jobRunId: "00spent",
    completedAt: clock.now(),
    jobRun: sampleJobRun({
      billedResourceUtilization: { vCPUHour: 150 / 0.052624, memoryGBHour: 0, storageGBHour: 0 },
    }),
  });
  clock.pass(1000);
  await settleUsage(door.services, clock.later(1000));
  return usage;
};

/** What a door that took a message before has left in the ledger. */
const afterTaking = async (body: unknown) => {
  const { door, submissions } = doors();
  await deliver({ door }, sqsEvent({ messageId: "first", body, sender: ofAcme.userId }));
  return { submissions };
};

describe("redrive() judges by what the ledger has", () => {
  test("leaves a job request whose request id another one has, and names the field", async () => {
    const services = await afterTaking(named);
    const { run, lines, sent } = world([dead({ id: "m1", body: { ...named, priority: 9 } })], { services });
    expect(await run()).toEqual({ moved: 0, notAsked: 0, left: { refused: 1 } });
    expect(lines[0]).toContain('request id "n-42" was used for another job request');
    expect(sent).toEqual([]);
  });

  test("moves what was accepted before, whatever the tenant's files say by now: it starts nothing twice", async () => {
    const services = await afterTaking(named);
    const strict = { ...acme, jobTemplates: [] };
    const tenants = memoryTenants([strict, globex]);
    expect(await world([dead({ id: "m1", body: named })], { services, tenants }).run()).toMatchObject({ moved: 1 });
    expect(await world([dead({ id: "m1", body: named })], { tenants }).run()).toMatchObject({ left: { refused: 1 } });
  });

  test("moves what was refused, and would not be any more", async () => {
    const services = await afterTaking({ ...named, jobTemplate: "nigthly" });
    expect(await world([dead({ id: "m1", body: named })], { services }).run()).toMatchObject({ moved: 1 });
  });

  test("leaves what a spent budget refuses, but not what was accepted before it was spent", async () => {
    const tenants = memoryTenants([thrifty, globex]);
    const { submissions } = await afterTaking(named);
    const services = { submissions, usage: await spent() };
    const { run, lines } = world([dead({ id: "m1" }), dead({ id: "m2", body: named })], { services, tenants });
    expect(await run()).toEqual({ moved: 1, notAsked: 0, left: { refused: 1 } });
    expect(lines[0]).toContain("m1: left, refused: ");
    expect(lines[0]).toContain("budget");
  });
});
