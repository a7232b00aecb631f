import { createHash } from "node:crypto";
import type { Context, SQSBatchResponse } from "aws-lambda";
import { expect } from "vitest";
import { memoryEvents } from "#adapters/memory/memory-events.ts";
import { memoryJobRuns } from "#adapters/memory/memory-job-runs.ts";
import { memoryStarts } from "#adapters/memory/memory-starts.ts";
import { memorySubmissions } from "#adapters/memory/memory-submissions.ts";
import { memoryTenants } from "#adapters/memory/memory-tenants.ts";
import { memoryUsage } from "#adapters/memory/memory-usage.ts";
import { listPrices } from "#domain/cost/list-prices.ts";
import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { TenantSetup } from "#domain/tenant/tenant-setup.ts";
import type { Starts } from "#domain/turns/starts.ts";
import type { DoorConfig, DoorServices, Log, LogRecord, Quarantine, Redelivery } from "#handlers/door.ts";
import { eventsHandler } from "#handlers/events.ts";
import { httpHandler } from "#handlers/http.ts";
import type { HttpAnswer } from "#handlers/http-answer.ts";
import { queueHandler } from "#handlers/queue.ts";
import { sampleClock } from "#test/helpers/services.ts";
import { noon } from "#test/helpers/setup.ts";
import { acme, globex, sharedQueue } from "./tenants.ts";

export { noon };

/** The account that the doors of these tests stand in. */
export const ownAccount = "123456789012";

/** The queue that EventBridge's rules feed. */
export const eventsQueue = `arn:aws:sqs:us-east-1:${ownAccount}:sluice-events`;

export interface LoggedRecord extends LogRecord {
  readonly level: string;
  readonly message: string;
}

/** A log that keeps its records. */
export const keptLog = (): Log & {
  readonly records: LoggedRecord[];
  readonly counts: Readonly<Record<string, number>>[];
} => {
  const records: LoggedRecord[] = [];
  const counts: Readonly<Record<string, number>>[] = [];
  const keep = (level: string) => (message: string, record: LogRecord) => {
    records.push({ level, message, ...record });
  };
  return {
    records,
    counts,
    metrics: (counted) => void counts.push(counted),
    info: keep("info"),
    warn: keep("warn"),
    error: keep("error"),
  };
};

/** A wait that a queue was told for a message. */
export interface Wait {
  readonly receiptHandle: string;
  readonly queueArn: string;
  readonly seconds: number;
}

export interface OwnParts {
  readonly tenants?: readonly TenantSetup[];
  readonly redelivery?: Partial<Redelivery>;
  readonly services?: Partial<Services>;
  readonly config?: Partial<DoorConfig>;
  readonly quarantine?: Quarantine;
}

/** Everything that a handler is made of, in memory, with tenants acme and globex, and what came of it to look at. */
export const doors = (own: OwnParts = {}) => {
  const clock = sampleClock();
  const { now, later, pauseUntil } = clock;
  const submissions = memorySubmissions();
  const starts = memoryStarts({ now });
  const jobRuns = memoryJobRuns({ now });
  const events = memoryEvents();
  const usage = memoryUsage();
  const log = keptLog();
  const waits: Wait[] = [];
  const wakes: string[] = [];
  let ids = 0;
  const door: DoorServices = {
    services: {
      tenants: memoryTenants(own.tenants ?? [acme, globex]),
      submissions,
      starts,
      jobRuns,
      events,
      prices: listPrices,
      usage,
      wake: async () => void wakes.push(now()),
      now,
      later,
      pauseUntil,
      newId: () => {
        ids += 1;
        return `id-${ids}`;
      },
      digest: (text) => createHash("sha256").update(text).digest("base64url"),
      crowded: new Set<string>(),
      retentionMs: 90 * 86_400_000,
      lookMs: 30_000,
      looksPerSecond: 10,
      ...own.services,
    },
    config: {
      accountId: ownAccount,
      jwtClaims: ["client_id", "sub"],
      authorizerKeys: ["principalId"],
      envelopeQueues: {},
      eventsQueueArn: eventsQueue,
      ...own.config,
    },
    log,
    redelivery: {
      later: async (receiptHandle, queueArn, seconds) => void waits.push({ receiptHandle, queueArn, seconds }),
      jitter: () => 0,
      ...own.redelivery,
    },
    quarantine: own.quarantine,
  };
  return { door, submissions, starts, jobRuns, events, usage, log, waits, wakes, clock };
};

type Doors = ReturnType<typeof doors>;

/** Doors whose shared queue takes every kind of envelope, as if AWS services alone could send to it. */
export const openDoors = (own: Pick<OwnParts, "quarantine"> = {}): Doors =>
  doors({ ...own, config: { envelopeQueues: { [sharedQueue]: ["s3", "sns", "eventbridge"] } } });

/** The tenants of the started job runs, in order. */
export const startedFor = ({ jobRuns }: Pick<Doors, "jobRuns">): (string | undefined)[] =>
  jobRuns.started.map(({ tags }) => tags["sluice:tenant"]);

/** The arguments of the started job runs, in order. */
export const startedWith = ({ jobRuns }: Pick<Doors, "jobRuns">): (readonly string[] | undefined)[] =>
  jobRuns.started.map(({ jobDriver }) =>
    "sparkSubmit" in jobDriver ? jobDriver.sparkSubmit?.entryPointArguments : [],
  );

/** The problem of each published refusal, in order. */
export const refusals = ({ events }: Pick<Doors, "events">): unknown[] =>
  events.published
    .filter(({ event }) => event.detailType === "Submission Refused")
    .map(({ event }) => (event.detail.data as { problem: unknown }).problem);

/** Services whose EMR Serverless fails. */
export const failingStart = (error: unknown): Partial<Services> => ({
  jobRuns: {
    start: () => Promise.reject(error),
    get: () => Promise.reject(error),
    cancel: () => Promise.reject(error),
    list: () => Promise.reject(error),
  },
});

/** Services whose ledger fails before anything is stored. */
export const failingLedger = (error: unknown): Partial<Services> => ({
  submissions: { ...memorySubmissions(), accept: () => Promise.reject(error), get: () => Promise.reject(error) },
});

export const ledgerDown = (retryAfterSeconds?: number): ServiceError =>
  new ServiceError("ERR_LEDGER_DOWN", "Cannot store the submission: the ledger does not answer", {
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });

export const emrDown = (): ServiceError =>
  new ServiceError("ERR_EMR_DOWN", "Cannot start the job run: EMR Serverless does not answer");

/** A tenant with other limits. */
export const limited = (setup: TenantSetup, limits: Partial<TenantSetup["tenant"]["limits"]>): TenantSetup => ({
  ...setup,
  tenant: { ...setup.tenant, limits: { ...setup.tenant.limits, ...limits } },
});

/** The starts, and the names of their methods as they are called, in order. */
export const watchedStarts = (starts: Starts): { readonly starts: Starts; readonly calls: string[] } => {
  const calls: string[] = [];
  const get = (target: Starts, key: string | symbol): unknown => {
    const method = Reflect.get(target, key);
    return (...args: unknown[]) => {
      calls.push(String(key));
      return method(...args);
    };
  };
  return { starts: new Proxy(starts, { get }), calls };
};

export const throttled = (): ServiceError =>
  new ServiceError("ERR_EMR_BUSY", "Cannot start the job run: EMR Serverless is throttling", { retryAfterSeconds: 7 });

const context: Context = {
  callbackWaitsForEmptyEventLoop: false,
  functionName: "sluice",
  functionVersion: "$LATEST",
  invokedFunctionArn: `arn:aws:lambda:us-east-1:${ownAccount}:function:sluice`,
  memoryLimitInMB: "256",
  awsRequestId: "00000000-0000-4000-8000-000000000000",
  logGroupName: "/aws/lambda/sluice",
  logStreamName: "one",
  getRemainingTimeInMillis: () => 60_000,
  done: () => undefined,
  fail: () => undefined,
  succeed: () => undefined,
};

/** Calls a handler as Lambda does: its event has been through JSON, so nothing of a test's fixture is shared with it. */
export const invoke = async <Answer>(
  handler: (event: never, context: Context, callback: () => void) => unknown,
  event: unknown,
  remainingMs = 60_000,
): Promise<Answer> => {
  const own = { ...context, getRemainingTimeInMillis: () => remainingMs };
  return (await handler(JSON.parse(JSON.stringify(event)) as never, own, () => undefined)) as Answer;
};

/** Sends an HTTP request through its door, and reads the answer's body. */
export const call = async (parts: { readonly door: DoorServices }, event: unknown) => {
  const answer = await invoke<HttpAnswer>(httpHandler(parts.door), event);
  return { ...answer, headers: answer.headers ?? {}, json: JSON.parse(answer.body ?? "") };
};

/** Hands messages to the queue door, and answers with the ids of those that come again. */
export const deliver = async (parts: { readonly door: DoorServices }, event: unknown): Promise<string[]> => {
  const { batchItemFailures } = await invoke<SQSBatchResponse>(queueHandler(parts.door), event);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

/** Hands one event to the events door; rejects where the door throws. */
export const occur = async (parts: { readonly door: DoorServices }, event: unknown): Promise<void> => {
  expect(await invoke(eventsHandler(parts.door), event)).toBeUndefined();
};

/** Hands messages of a queue to the events door, and answers with the ids of those that come again. */
export const occurAll = async (parts: { readonly door: DoorServices }, event: unknown): Promise<string[]> => {
  const { batchItemFailures } = await invoke<SQSBatchResponse>(eventsHandler(parts.door), event);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};
