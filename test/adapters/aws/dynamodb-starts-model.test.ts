import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dynamodbStarts } from "#adapters/aws/dynamodb-starts.ts";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import type { Starts } from "#domain/turns/starts.ts";
import { startDynamoDb, type TestDynamoDb } from "#test/helpers/dynamodb.ts";
import { sampleClock } from "#test/helpers/services.ts";

let dynamoDb: TestDynamoDb;

beforeAll(async () => {
  dynamoDb = await startDynamoDb();
});
afterAll(async () => {
  await dynamoDb.end();
});

type Clock = ReturnType<typeof sampleClock>;
type Call = (starts: Starts, clock: Clock) => Promise<unknown>;

const tenant = fc.constantFrom("acme", "beta");
const id = fc.constantFrom("a", "b", "c", "d", "e");
const ids = fc.uniqueArray(id, { minLength: 1 });
const most = fc.integer({ min: 1, max: 4 });
const message = fc.constantFrom("Closed", undefined);
const by = fc.constantFrom("door" as const, "dispatcher" as const);
const owner = fc.constantFrom("one", "two");
const span = fc.integer({ min: 0, max: 4000 });

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.tuple(tenant, ids, most).map<Call>(
    ([one, some, max]) =>
      async (starts) =>
        await starts.enter(one, some, max),
  ),
  fc.tuple(tenant, most, most).map<Call>(
    ([one, count, max]) =>
      async (starts) =>
        await starts.queueUp(one, count, max),
  ),
  fc.tuple(tenant, most, most).map<Call>(
    ([one, count, max]) =>
      async (starts) =>
        await starts.queueBehind(one, count, max),
  ),
  fc.tuple(tenant, id, most).map<Call>(
    ([one, some, max]) =>
      async (starts) =>
        await starts.takeTurn(one, some, max),
  ),
  fc.tuple(tenant, id).map<Call>(
    ([one, some]) =>
      async (starts) =>
        await starts.giveBack(one, some),
  ),
  fc.tuple(tenant, ids).map<Call>(
    ([one, some]) =>
      async (starts) =>
        await starts.leave(one, some),
  ),
  fc.tuple(tenant, most).map<Call>(
    ([one, count]) =>
      async (starts) =>
        await starts.leaveLine(one, count),
  ),
  fc.tuple(tenant, most, fc.nat(3)).map<Call>(
    ([one, from, to]) =>
      async (starts) =>
        await starts.correctWaiting(one, from, to),
  ),
  fc.tuple(fc.oneof(tenant, fc.constant("*")), message).map<Call>(
    ([one, text]) =>
      async (starts) =>
        await starts.suspend(one, text),
  ),
  fc.tuple(most, by).map<Call>(
    ([wanted, who]) =>
      async (starts) =>
        await starts.takeTokens("StartJobRun", wanted, who),
  ),
  fc.tuple(span).map<Call>(
    ([ms]) =>
      async (starts, clock) =>
        await starts.holdTokens(clock.later(ms)),
  ),
  fc.constant<Call>(async (starts) => await starts.emptyBucket("StartJobRun")),
  fc.tuple(owner, span).map<Call>(
    ([who, ms]) =>
      async (starts, clock) =>
        await starts.lead(who, clock.later(ms)),
  ),
  fc.tuple(owner, span).map<Call>(
    ([who, ms]) =>
      async (starts, clock) =>
        await starts.keepTurns(who, { clock: ms, used: { acme: ms + 1 } }, clock.later(ms)),
  ),
);

/** All that can be seen, in an order of its own. */
const seenOf = async (starts: Starts): Promise<unknown> => {
  const lines = await Promise.all(["acme", "beta"].map((one) => starts.line(one)));
  return {
    lines: lines.map(({ active, ...line }) => ({ ...line, active: active.toSorted() })),
    waiting: (await starts.waitingTenants()).toSorted(),
    active: await starts.activeTenants(undefined),
  };
};

test("dynamodbStarts answers any calls as memoryStarts does", async () => {
  const step = fc.record({ call, instance: fc.nat(1), passes: fc.constantFrom(0, 0, 0, 300, 1000, 5000) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const clock = sampleClock();
      const rates = { StartJobRun: { perSecond: 1, burst: 5 } };
      const table = await dynamoDb.newTable();
      const memory = memoryStarts({ now: clock.now, rates });
      const stored = [0, 1].map(() => dynamodbStarts(dynamoDb.client, table, { now: clock.now, rates }));
      for (const { call: asked, instance, passes } of steps) {
        const wanted = await asked(memory, clock);
        expect(await asked(stored[instance] ?? memory, clock), String(asked)).toEqual(wanted);
        clock.pass(passes);
      }
      expect(await seenOf(stored[0] ?? memory)).toEqual(await seenOf(memory));
    }),
    { numRuns: 40 },
  );
});
