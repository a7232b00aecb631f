import type { SQSBatchResponse } from "aws-lambda";
import { describe, expect, test } from "vitest";
import type { Services } from "#domain/ports.ts";
import type { DoorServices } from "#handlers/door.ts";
import { eventsHandler } from "#handlers/events.ts";
import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { queueHandler } from "#handlers/queue.ts";
import { jobRunChange, requestedEvent, sqsEvent } from "./aws-events.ts";
import { call, doors, eventsQueue, invoke, startedFor } from "./doors.ts";
import { httpApiEvent, nightly } from "./http-events.ts";

/** Doors each of whose calls takes so long, and which of them began. */
const slowDoors = (callMs: number, parts = doors()) => {
  const began: string[] = [];
  const slow = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        async (...args: unknown[]) => {
          began.push(name);
          parts.clock.pass(callMs);
          return await method(...args);
        },
      ]),
    ) as Port;
  const { tenants, starts, submissions, usage, jobRuns, events, ...rest } = parts.door.services;
  const services: Services = {
    ...rest,
    tenants: slow(tenants),
    starts: slow(starts),
    submissions: slow(submissions),
    usage: slow(usage),
    jobRuns: slow(jobRuns),
    events: slow(events),
  };
  return { ...parts, door: { ...parts.door, services }, began };
};

type Handler = (parts: DoorServices) => Parameters<typeof invoke>[0];

/** What comes again, and how many milliseconds were left at the end. */
const invokeWith = async (handler: Handler, parts: ReturnType<typeof slowDoors>, event: unknown, leftMs: number) => {
  const start = Date.parse(parts.clock.now());
  const { batchItemFailures } = await invoke<SQSBatchResponse>(handler(parts.door), event, leftMs);
  const left = leftMs - (Date.parse(parts.clock.now()) - start);
  return { again: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), left };
};

const queued = sqsEvent({ messageId: "m", body: nightly });
const occurred = sqsEvent({ messageId: "m", body: requestedEvent(nightly), queue: eventsQueue });

const lefts = Array.from({ length: 12 }, (_, step) => 27_001 + step * 3_000);

describe.each([
  ["queueHandler", queueHandler, queued],
  ["eventsHandler", eventsHandler, occurred],
])("%s() of services that are slow", (_name, handler, event) => {
  test.each([1_000, 12_000, 27_000])("begins nothing with %d ms left: the message comes again soon", async (leftMs) => {
    const parts = slowDoors(4_500);
    expect(await invokeWith(handler, parts, event, leftMs)).toEqual({ again: ["m"], left: leftMs });
    expect(parts.began).toEqual([]);
    expect(parts.waits).toMatchObject([{ seconds: 5 }]);
    expect(parts.log.records).toMatchObject([{ level: "warn", message: "returned to the queue", messageId: "m" }]);
  });

  test.each(lefts)(
    "ends in time with %d ms left, at 4.5 and at 15 s a call: the message is settled, or comes again",
    async (leftMs) => {
      for (const callMs of [4_500, 15_000]) {
        const parts = slowDoors(callMs);
        const { again, left } = await invokeWith(handler, parts, event, leftMs);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(parts.submissions.all()).toHaveLength(1 - again.length);
      }
    },
  );

  test("starts a job where there is time for all of it", async () => {
    const parts = slowDoors(4_500);
    expect(await invokeWith(handler, parts, event, 60_000)).toMatchObject({ again: [] });
    expect(startedFor(parts)).toEqual(["acme"]);
  });
});

describe("jobRunChangedHandler() of services that are slow", () => {
  const ended = async (callMs: number) => {
    const parts = doors();
    const { json } = await call(parts, httpApiEvent({ body: nightly }));
    const jobRun = { applicationId: "00f1acme", jobRunId: String(json.jobRunId), state: "SUCCESS" };
    parts.jobRuns.change(jobRun.jobRunId, { state: "SUCCESS" });
    const event = sqsEvent({ messageId: "m", body: jobRunChange(jobRun) });
    return { parts: slowDoors(callMs, parts), event };
  };

  test("begins nothing with a second left: the message comes again soon", async () => {
    const { parts, event } = await ended(4_500);
    expect(await invokeWith(jobRunChangedHandler, parts, event, 1_000)).toEqual({ again: ["m"], left: 1_000 });
    expect(parts.began).toEqual([]);
    expect(parts.waits).toHaveLength(1);
  });

  test.each(lefts)(
    "ends in time with %d ms left, at 4.5 and at 15 s a call: the end is told, or comes again",
    async (leftMs) => {
      for (const callMs of [4_500, 15_000]) {
        const { parts, event } = await ended(callMs);
        const { again, left } = await invokeWith(jobRunChangedHandler, parts, event, leftMs);
        expect(left).toBeGreaterThanOrEqual(0);
        expect(parts.events.published).toHaveLength(1 - again.length);
      }
    },
  );
});
