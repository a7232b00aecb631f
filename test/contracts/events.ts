import { describe, expect, test } from "vitest";
import type { CloudEvent, PublishedEvent } from "#domain/events/published-event.ts";
import type { Events } from "#domain/ports.ts";

export interface EventsWorld {
  readonly events: Events;
  /** What the bus took, as its consumers would get it. */
  onBus(): PublishedEvent[];
  /** What a queue took. */
  inQueue(queueUrl: string): CloudEvent[];
  /** What tasks were told: the tokens, in order. */
  toldTasks(): string[];
  /** A queue that exists. */
  readonly queueUrl: string;
}

export const sampleEvent = (id = "req.1/completed"): PublishedEvent => ({
  detailType: "Submission Completed",
  time: "2026-11-22T12:30:00.000Z",
  resources: ["arn:aws:emr-serverless:us-east-1:123456789012:/applications/00f1/jobruns/00run1"],
  detail: {
    specversion: "1.0",
    id,
    source: "sluice",
    type: "sluice.submission.completed.v1",
    subject: "req.1",
    time: "2026-11-22T12:30:00.000Z",
    sequence: "00000012",
    datacontenttype: "application/json",
    data: { tenantId: "acme", submissionId: "req.1", outcome: "SUCCESS", note: "ä" },
  },
});

/** What every publisher promises. */
export const eventsContract = (name: string, open: () => EventsWorld): void => {
  describe(`${name}: publish()`, () => {
    test("puts the whole event on the bus", async () => {
      const { events, onBus, inQueue, queueUrl } = open();
      await events.publish(sampleEvent(), {});
      expect(onBus()).toEqual([sampleEvent()]);
      expect(inQueue(queueUrl)).toEqual([]);
    });

    test("also sends it to the tenant's queue", async () => {
      const { events, onBus, inQueue, queueUrl } = open();
      await events.publish(sampleEvent(), { queueUrl });
      expect(onBus()).toEqual([sampleEvent()]);
      expect(inQueue(queueUrl)).toEqual([sampleEvent().detail]);
    });

    test("also tells the task that waits for it", async () => {
      const { events, onBus, inQueue, toldTasks, queueUrl } = open();
      await events.publish(sampleEvent(), { queueUrl, taskToken: "AQCE" });
      expect(onBus()).toEqual([sampleEvent()]);
      expect(inQueue(queueUrl)).toEqual([sampleEvent().detail]);
      expect(toldTasks()).toEqual(["AQCE"]);
    });

    test("publishes an event again when asked again", async () => {
      const { events, onBus } = open();
      await events.publish(sampleEvent(), {});
      await events.publish(sampleEvent(), {});
      expect(onBus()).toHaveLength(2);
    });
  });

  test(`${name}: tellTask() tells the task, and nobody else`, async () => {
    const { events, onBus, inQueue, toldTasks, queueUrl } = open();
    await events.tellTask(sampleEvent(), "AQCE");
    expect(toldTasks()).toEqual(["AQCE"]);
    expect([onBus(), inQueue(queueUrl)]).toEqual([[], []]);
  });
};
