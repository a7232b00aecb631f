import { describe, expect, test } from "vitest";
import {
  jobRunChange,
  objectCreated,
  requestedEvent,
  scheduledEvent,
  serviceSender,
  sqsEvent,
  upload,
} from "./aws-events.ts";
import {
  doors,
  eventsQueue,
  failingStart,
  noon,
  occur,
  occurAll,
  refusals,
  startedFor,
  startedWith,
  throttled,
} from "./doors.ts";
import { nightly } from "./http-events.ts";
import { ofAcme, ofGlobex, sharedQueue } from "./tenants.ts";

/** Events as EventBridge's rules put them on the queue. */
const queued = (...bodies: unknown[]) =>
  sqsEvent(...bodies.map((body, at) => ({ messageId: `m${at}`, body, queue: eventsQueue, sender: serviceSender })));

describe("eventsHandler() takes a batch of the events' own queue", () => {
  test("like events that EventBridge hands over: with their own ids, and proved by themselves", async () => {
    const parts = doors();
    const id = "17793124-05d4-b198-2fde-7ededc63b103";
    const events = [
      requestedEvent(nightly, { id }),
      requestedEvent(nightly, { source: "any", account: ofGlobex.account, id: "other" }),
      objectCreated(upload),
      scheduledEvent(ofAcme.schedule),
    ];
    expect(await occurAll(parts, queued(...events))).toEqual([]);
    expect(startedFor(parts).toSorted()).toEqual(["acme", "acme", "acme", "globex"]);
    expect(parts.submissions.all()).toContainEqual(
      expect.objectContaining({ submissionId: id, door: "events", caller: `source:${ofAcme.source}` }),
    );
  });

  test("and starts one job run for an event that also came straight", async () => {
    const parts = doors();
    const event = requestedEvent(nightly, { id: "once" });
    await occur(parts, event);
    expect(await occurAll(parts, queued(event, event))).toEqual([]);
    expect(startedWith(parts)).toHaveLength(1);
  });

  test("and settles each on its own", async () => {
    const parts = doors();
    const change = jobRunChange({ applicationId: "a", jobRunId: "b", state: "SUCCESS" });
    const stranger = requestedEvent(nightly, { source: "nobody.jobs" });
    const batch = queued(
      "hunter2",
      requestedEvent(nightly),
      "null",
      change,
      stranger,
      requestedEvent({ mode: "FAST" }, { id: "wrong" }),
    );
    expect((await occurAll(parts, batch)).toSorted()).toEqual(["m0", "m2", "m3", "m4"]);
    expect(startedFor(parts)).toEqual(["acme"]);
    expect(refusals(parts)).toMatchObject([{ code: "ERR_JOB_REQUEST_INVALID" }]);
    expect(JSON.stringify(parts.log.records)).not.toContain("hunter2");
  });
});

describe("eventsHandler() believes no other queue, because its messages could be forged", () => {
  const forged = { body: requestedEvent(nightly), sender: serviceSender };

  test.each([
    ["a shared one", sqsEvent({ ...forged, queue: sharedQueue })],
    ["a tenant's own", sqsEvent({ ...forged, queue: ofGlobex.inbox })],
    ["one that begins like it", sqsEvent({ ...forged, queue: `${eventsQueue}-2` })],
    ["one among right ones", sqsEvent({ ...forged, queue: eventsQueue }, { ...forged, queue: sharedQueue })],
  ])("%s", async (_name, batch) => {
    const parts = doors();
    await expect(occurAll(parts, batch)).rejects.toThrow(`events are taken from ${eventsQueue} only`);
    expect(parts.submissions.all()).toEqual([]);
    expect(parts.log.records).toMatchObject([{ level: "error", message: "failed", door: "events" }]);
  });

  test("nor any, where none is configured", async () => {
    const parts = doors({ config: { eventsQueueArn: undefined } });
    await expect(occurAll(parts, queued(requestedEvent(nightly)))).rejects.toThrow(
      `Cannot take the messages of queue ${eventsQueue}: no queue of events is configured`,
    );
    expect(parts.submissions.all()).toEqual([]);
  });
});

describe("eventsHandler() takes what has to wait", () => {
  test.each([
    ["a request", requestedEvent(nightly)],
    ["an upload", objectCreated(upload)],
    ["a schedule", scheduledEvent(ofAcme.schedule)],
  ])("of %s, straight and from its queue: nothing is thrown, and nothing comes again", async (_name, event) => {
    const straight = doors({ services: failingStart(throttled()) });
    await occur(straight, event);
    const batched = doors({ services: failingStart(throttled()) });
    expect(await occurAll(batched, queued(event))).toEqual([]);
    for (const parts of [straight, batched]) {
      expect(parts.submissions.all()).toMatchObject([{ state: "waiting", waitingFor: "account-rate" }]);
      expect(parts.log.records).toMatchObject([{ message: "submission", verdict: "accepted", door: "events" }]);
      expect(parts.wakes).toContain(noon);
      expect(parts.waits).toEqual([]);
    }
  });
});
