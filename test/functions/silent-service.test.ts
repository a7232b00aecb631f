import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordOf } from "#adapters/aws/sqs-record.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { refusedEvent } from "#domain/events/ending-event.ts";
import type { Log, LogRecord } from "#handlers/door.ts";
import { noon } from "#test/helpers/setup.ts";
import { refusedSubmission, sampleInput } from "#test/helpers/submission.ts";
import { clientConfig } from "../../src/functions/client-config.ts";
import { awsQuarantine, awsRedelivery, awsServices } from "../../src/functions/door-services.ts";

let server: Server;
const sockets = new Set<Socket>();

/** A service that takes every connection and never says a word. */
beforeAll(async () => {
  server = createServer((socket) => sockets.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const silent = { metrics: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const client = () => ({
  ...clientConfig({ connection: 500, request: 50 }),
  maxAttempts: 1,
  endpoint: endpoint(),
  region: "us-east-1",
  credentials: { accessKeyId: "local", secretAccessKey: "local" },
});

const config = {
  table: "sluice",
  eventBus: "sluice",
  wakeQueueUrl: "https://sqs.us-east-1.amazonaws.com/123456789012/wake",
  rates: {},
  prices: listPrices,
  retentionDays: 90,
  lookSeconds: 30,
};
const services = (log: Log = silent) => awsServices({ config, log, client: client() });
const cause = { name: "TimeoutError" };

const strangersRecord = recordOf(
  { MessageId: "m", Body: "{}", Attributes: { SenderId: "AIDASTRANGER" } },
  "arn:aws:sqs:us-east-1:123456789012:jobs",
);

test("A ledger that says nothing is ERR_LEDGER_DOWN", async () => {
  await expect(services().submissions.get("req.1")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", cause });
  await expect(services().tenants.byId("acme")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", cause });
  await expect(services().starts.line("acme")).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", cause });
  const tokens = services().starts.takeTokens("StartJobRun", 1, "door");
  await expect(tokens).rejects.toMatchObject({ code: "ERR_LEDGER_DOWN", cause });
});

test("EMR Serverless that says nothing is ERR_EMR_DOWN", async () => {
  await expect(services().jobRuns.start(sampleInput())).rejects.toMatchObject({ code: "ERR_EMR_DOWN", cause });
  await expect(services().jobRuns.get("00f1", "00run1")).rejects.toMatchObject({ code: "ERR_EMR_DOWN", cause });
  await expect(services().jobRuns.list(sampleInput(), noon)).rejects.toMatchObject({ code: "ERR_EMR_DOWN", cause });
});

test("A bus that says nothing is ERR_EVENTS_DOWN", async () => {
  const event = refusedEvent(refusedSubmission());
  await expect(services().events.publish(event, {})).rejects.toMatchObject({ code: "ERR_EVENTS_DOWN", cause });
});

test("A queue that says nothing keeps nobody waiting", async () => {
  const later = awsRedelivery(client()).later("AQEB", "arn:aws:sqs:us-east-1:123456789012:jobs", 5);
  await expect(later).rejects.toMatchObject(cause);
});

test("A quarantine that says nothing keeps nobody waiting, and without a queue there is none", async () => {
  const quarantineQueueUrl = `${endpoint()}/123456789012/quarantine`;
  const quarantine = awsQuarantine({ config: { quarantineQueueUrl }, client: client() });
  await expect(quarantine?.(strangersRecord, "ERR_TENANT_UNKNOWN: nobody knows")).rejects.toMatchObject(cause);
  expect(awsQuarantine({ config: { quarantineQueueUrl: undefined }, client: client() })).toBeUndefined();
});

test("A dispatcher that cannot be woken fails nobody, and is told", async () => {
  const warned: { message: string; record: LogRecord }[] = [];
  const log: Log = { ...silent, warn: (message, record) => void warned.push({ message, record }) };
  await expect(services(log).wake()).resolves.toBeUndefined();
  expect(warned).toMatchObject([{ message: "dispatcher not woken", record: { error: "TimeoutError" } }]);
});

test("A dispatcher without a queue of its own is left to its schedule, silently", async () => {
  const warn = () => expect.unreachable("nothing is wrong");
  const asleep = awsServices({
    config: { ...config, wakeQueueUrl: undefined },
    log: { ...silent, warn },
    client: client(),
  });
  await expect(asleep.wake()).resolves.toBeUndefined();
});
