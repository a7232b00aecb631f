import { expect, test } from "vitest";
import { readConfig } from "../../src/functions/config.ts";

const environment = {
  SLUICE_TABLE: "sluice",
  SLUICE_EVENT_BUS: "sluice",
  SLUICE_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-submissions",
};
const eventsQueue = "arn:aws:sqs:us-east-1:111122223333:sluice-events";

test("readConfig() takes the queue of events, where there is one", () => {
  expect(readConfig({ ...environment, SLUICE_EVENTS_QUEUE_ARN: eventsQueue }).eventsQueueArn).toBe(eventsQueue);
  for (const absent of [undefined, ""]) {
    expect(readConfig({ ...environment, SLUICE_EVENTS_QUEUE_ARN: absent }).eventsQueueArn).toBeUndefined();
  }
});

test.each(["*", "sluice-events", "arn:aws:sqs:us-east-1:111122223333:", environment.SLUICE_QUEUE_URL])(
  "readConfig() refuses %s for the queue of events, with all other faults",
  (text) => {
    expect(() => readConfig({ ...environment, SLUICE_TABLE: "", SLUICE_EVENTS_QUEUE_ARN: text })).toThrow(
      `Cannot start the function: SLUICE_TABLE must be set; SLUICE_EVENTS_QUEUE_ARN must be the ARN of an SQS queue: current value is "${text}"`,
    );
  },
);
