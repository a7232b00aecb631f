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

test("readConfig() sends where the SDK's environment says, SQS's own endpoint first", () => {
  const endpoint = (own: Record<string, string>) => readConfig({ ...environment, ...own }).sqsEndpoint;
  expect(endpoint({ AWS_ENDPOINT_URL: "http://127.0.0.1:4566" })).toBe("http://127.0.0.1:4566");
  expect(endpoint({ AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_SQS: "http://sqs" })).toBe("http://sqs");
  for (const absent of [{}, { AWS_ENDPOINT_URL: "" }]) expect(endpoint(absent)).toBeUndefined();
});

test("readConfig() takes the account's own rates, and leaves the others to AWS's defaults", () => {
  const rates = (text?: string) => readConfig({ ...environment, SLUICE_RATES: text }).rates;
  expect(rates("StartJobRun=2.5/50, GetJobRun=20/100")).toEqual({
    StartJobRun: { perSecond: 2.5, burst: 50 },
    GetJobRun: { perSecond: 20, burst: 100 },
  });
  for (const absent of [undefined, "", "  "]) expect(rates(absent)).toEqual({});
});

test.each([
  "StartJobRun",
  "StartJobRun=1",
  "StartJobRun=1/",
  "StartJobRun=0/25",
  "StartJobRun=1/0",
  "StartJobRun=-1/25",
  "StartJobRun=1/2.5",
  "StartJobRun=fast/25",
  "StartJobRun=1/25;GetJobRun=1/2",
  "startjobrun=1/25",
  "CreateApplication=1/25",
  "toString=1/25",
  "__proto__=1/25",
])("readConfig() refuses the rate %s", (text) => {
  expect(() => readConfig({ ...environment, SLUICE_RATES: text })).toThrow(
    `Cannot start the function: SLUICE_RATES must read like "StartJobRun=1/25": current value is "${text}"`,
  );
});

test("readConfig() refuses a rate without end, which would let everything through", () => {
  for (const text of [`StartJobRun=${"9".repeat(400)}/25`, `StartJobRun=1/${"9".repeat(400)}`]) {
    expect(() => readConfig({ ...environment, SLUICE_RATES: text })).toThrow("SLUICE_RATES must read like");
  }
});

test("readConfig() refuses a rate that is given twice: which one counts is not said", () => {
  expect(() => readConfig({ ...environment, SLUICE_RATES: "StartJobRun=1/25,StartJobRun=9/90" })).toThrow(
    'SLUICE_RATES must give each API once: current value is "StartJobRun=9/90"',
  );
});

test("readConfig() takes the queue that wakes the dispatcher, where there is one", () => {
  const wakeQueueUrl = "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-wake";
  expect(readConfig({ ...environment, SLUICE_WAKE_QUEUE_URL: wakeQueueUrl }).wakeQueueUrl).toBe(wakeQueueUrl);
  for (const absent of [undefined, ""]) {
    expect(readConfig({ ...environment, SLUICE_WAKE_QUEUE_URL: absent }).wakeQueueUrl).toBeUndefined();
  }
});

test.each(["sluice-wake", "arn:aws:sqs:us-east-1:111122223333:sluice-wake", "https://sqs.us-east-1.amazonaws.com/"])(
  "readConfig() refuses %s for the queue that wakes the dispatcher: every wake would be lost",
  (text) => {
    expect(() => readConfig({ ...environment, SLUICE_WAKE_QUEUE_URL: text })).toThrow(
      `SLUICE_WAKE_QUEUE_URL must be an SQS queue URL with a 12-digit account id: current value is "${text}"`,
    );
  },
);

test("readConfig() takes a quarantine queue by its URL, or none", () => {
  const quarantineQueueUrl = "https://sqs.us-east-1.amazonaws.com/111122223333/sluice-quarantine";
  const read = (text: string | undefined) => readConfig({ ...environment, SLUICE_QUARANTINE_QUEUE_URL: text });
  expect(read(quarantineQueueUrl).quarantineQueueUrl).toBe(quarantineQueueUrl);
  for (const absent of [undefined, ""]) expect(read(absent).quarantineQueueUrl).toBeUndefined();
  for (const wrong of ["sluice-quarantine", "arn:aws:sqs:us-east-1:111122223333:sluice-quarantine"]) {
    expect(() => read(wrong)).toThrow(
      `SLUICE_QUARANTINE_QUEUE_URL must be an SQS queue URL with a 12-digit account id: current value is "${wrong}"`,
    );
  }
});

test("readConfig() takes how long submissions are kept, and how long a job run may be without news", () => {
  expect(readConfig(environment)).toMatchObject({ retentionDays: 90, lookSeconds: 30 });
  const own = { ...environment, SLUICE_RETENTION_DAYS: "29", SLUICE_LOOK_SECONDS: "1" };
  expect(readConfig(own)).toMatchObject({ retentionDays: 29, lookSeconds: 1 });
});

test.each(["28", "0", "1.5", "soon", "3651"])(
  "readConfig() refuses to keep submissions for %s days: a message that waits longer would start its job again",
  (text) => {
    expect(() => readConfig({ ...environment, SLUICE_RETENTION_DAYS: text })).toThrow(
      `SLUICE_RETENTION_DAYS must be a whole number from 29 to 3650, longer than a message can wait on two queues: current value is "${text}"`,
    );
  },
);

test.each(["0", "31", "x"])("readConfig() refuses %s seconds without news", (text) => {
  expect(() => readConfig({ ...environment, SLUICE_LOOK_SECONDS: text })).toThrow(
    `SLUICE_LOOK_SECONDS must be a whole number from 1 to 30: current value is "${text}"`,
  );
});

test("readConfig() tells all faults at once", () => {
  const wrong = {
    SLUICE_TABLE: "",
    SLUICE_RATES: "StartJobRun=0/1,GetJobRun=1/2,What=1/2",
    SLUICE_WAKE_QUEUE_URL: "no",
  };
  expect(() => readConfig({ ...environment, ...wrong })).toThrow(
    [
      "Cannot start the function: SLUICE_TABLE must be set",
      'SLUICE_RATES must read like "StartJobRun=1/25": current value is "StartJobRun=0/1"',
      'SLUICE_RATES must read like "StartJobRun=1/25": current value is "What=1/2"',
      'SLUICE_WAKE_QUEUE_URL must be an SQS queue URL with a 12-digit account id: current value is "no"',
    ].join("; "),
  );
});
