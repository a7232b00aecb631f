import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { applyTenants } from "#adapters/aws/apply-tenants.ts";
import { dynamodbTenants } from "#adapters/aws/dynamodb-tenants.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import { submitJobs } from "#domain/submission/submit-job.ts";
import { proveTenant } from "#domain/tenant/prove-tenant.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { sampleServices } from "#test/helpers/services.ts";
import { sampleSetup } from "#test/helpers/setup.ts";

let dynamoDb: TestDynamoDb;
let table: string;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
beforeEach(async () => {
  table = await dynamoDb.newTable();
});
afterAll(async () => {
  await dynamoDb.end();
});

const job = parseJobRequest({ jobDriver: { sparkSubmit: { entryPoint: "s3://jobs/acme/report.py" } } });

/** Tenant acme in the table, and everything else in memory, with one clock. */
const openWorld = async () => {
  const limit = async (maxActive: number): Promise<void> => {
    const limits = { maxActive, maxWaiting: 10_000, weight: 1 };
    await applyTenants(dynamoDb.client, table, [sampleSetup({ tenant: { callers: ["sender:A"], limits } })]);
  };
  const services = sampleServices();
  const now = () => Date.parse(services.now());
  const tenants = dynamodbTenants(dynamoDb.client, table, { now });
  const world = { ...services, tenants };
  let ids = 0;
  /** What a door does with so many requests of the tenant. */
  const submit = async (count: number): Promise<string[]> => {
    const { setup } = await proveTenant(tenants, ["caller#sender:A"]);
    const deliveries = Array.from({ length: count }, (): Delivery => {
      ids += 1;
      const id = `job-${String(ids).padStart(4, "0")}`;
      return { setup, door: "queue", caller: "sender:A", parsed: job, text: id, fallback: { kind: "delivery", id } };
    });
    return (await submitJobs(world, deliveries)).map(({ verdict }) => verdict);
  };
  return { world, limit, submit };
};

test("A door goes by new limits ten seconds after they were applied", async () => {
  const { world, limit, submit } = await openWorld();
  await limit(2);
  expect(await submit(3)).toEqual(["started", "started", "accepted"]);
  await limit(1000);
  world.clock.pass(10_000);
  await dispatch(world, "dispatcher-1", world.later(1000));
  expect(world.jobRuns.started).toHaveLength(3);
  // By then the dispatcher keeps the doors off the tokens no longer.
  world.clock.pass(15_000);
  expect(await submit(1)).toEqual(["started"]);
});

test("A dispatcher that leads already goes by new limits within ten seconds", async () => {
  const { world, limit, submit } = await openWorld();
  await limit(1000);
  await submit(100);
  expect(world.jobRuns.started).toHaveLength(24);
  const changeAt = world.later(5000);
  let changed: number | undefined;
  const pauseUntil = async (time: string): Promise<void> => {
    await world.pauseUntil(time);
    if (changed !== undefined || time < changeAt) return;
    await limit(1);
    changed = world.jobRuns.started.length;
  };
  await dispatch({ ...world, pauseUntil }, "dispatcher-1", world.later(60_000));
  expect(changed).toBeGreaterThan(25);
  expect(world.jobRuns.started.length).toBeLessThanOrEqual((changed ?? 0) + 11);
});

test("A dispatcher that leads already gives no turn to a tenant that is paused", async () => {
  const { world, limit, submit } = await openWorld();
  await limit(1000);
  await submit(50);
  const pauseAt = world.later(5000);
  let paused: number | undefined;
  const pauseUntil = async (time: string): Promise<void> => {
    await world.pauseUntil(time);
    if (paused !== undefined || time < pauseAt) return;
    await world.starts.suspend("acme", "We move");
    paused = world.jobRuns.started.length;
  };
  await dispatch({ ...world, pauseUntil }, "dispatcher-1", world.later(60_000));
  expect(world.jobRuns.started).toHaveLength(paused ?? 0);
});
