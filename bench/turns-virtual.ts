import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { awsRates } from "#domain/turns/token-bucket.ts";
import type { DoorServices, Log } from "#handlers/door.ts";
import { queueHandler } from "#handlers/queue.ts";
import { reconcileHandler } from "#handlers/reconcile.ts";
import { createRandom } from "../simulation/random.ts";
import { epoch } from "../simulation/scheduler.ts";
import { contextOf, doorConfig, queueNameOf, recordOf, tenantsLike } from "./turns-setup.ts";
import { type Called, createWorld, type Latencies, type World } from "./turns-world.ts";

export interface Story {
  readonly messages: number;
  readonly latencies: Latencies;
}

export interface Told {
  /** From the quiet tenant's message to its StartJobRun, in seconds. */
  readonly quietSeconds: number;
  /** From the first message to the last StartJobRun, in seconds, and what the bucket alone would take. */
  readonly seconds: number;
  readonly bucketSeconds: number;
  readonly started: number;
  readonly startThrottles: number;
  readonly getThrottles: number;
  readonly receives: number;
  readonly mostReceives: number;
  readonly dead: number;
  /** What the log told of at level WARN or above: returned messages, repairs. */
  readonly warnings: Readonly<Record<string, number>>;
  readonly doorSeconds: number;
  readonly cpuSeconds: number;
}

interface Message {
  readonly messageId: string;
  receives: number;
  visibleAt: number;
  deletedAt?: number;
}

/** As in serverless.yml. */
const doorsAtOnce = 5;
const dispatchersAtOnce = 2;
const visibilityMs = 360_000;
const maxReceives = 100;
/** What the dispatcher's handler leaves it of its function's 60 s. */
const dispatchMs = 50_000;

const jobMs = 30_000;
const quietAfterMs = 10_000;
/** Of a long poll that has messages, and of a wake that finds a free function. */
const deliveryMs = 20;

/** A tenant's queue and the mapping that hands its messages to the queue door in batches of ten. */
const startQueue = (world: World, door: (event: SQSEvent) => Promise<SQSBatchResponse>, tenantId: string) => {
  const { scheduler } = world;
  const messages: Message[] = [];
  const visible: Message[] = [];
  let working = 0;
  let dead = 0;
  const show = (message: Message, delayMs: number): void => {
    message.visibleAt = scheduler.now() + delayMs;
    const { visibleAt } = message;
    scheduler.after(delayMs, () => {
      if (message.deletedAt !== undefined || message.visibleAt !== visibleAt) return;
      if (message.receives >= maxReceives) dead += 1;
      else visible.push(message);
      look();
    });
  };
  const work = async (batch: readonly Message[]): Promise<void> => {
    const Records = batch.map(({ messageId, receives }) => recordOf(messageId, queueNameOf(tenantId), receives));
    const { batchItemFailures } = await door({ Records });
    const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    for (const message of batch) if (!failed.includes(message.messageId)) message.deletedAt = scheduler.now();
  };
  const look = (): void => {
    if (working >= doorsAtOnce || visible.length === 0) return;
    working += 1;
    const batch = visible.splice(0, 10);
    for (const message of batch) {
      message.receives += 1;
      show(message, visibilityMs);
    }
    const ended = (): void => {
      working -= 1;
      look();
    };
    scheduler.after(deliveryMs, () => world.spawn(async () => await work(batch), ended));
    look();
  };
  const send = (messageId: string): void => {
    const message = { messageId, receives: 0, visibleAt: scheduler.now() };
    messages.push(message);
    show(message, 0);
  };
  return { messages, send, show, dead: () => dead };
};

/** The dispatcher behind its queue of wakes, and by its schedule at worst. */
const startDispatcher = (world: World, invoke: () => Promise<void>): (() => void) => {
  let [wakes, working] = [0, 0];
  const look = (): void => {
    if (working >= dispatchersAtOnce || wakes === 0) return;
    working += 1;
    wakes = Math.max(0, wakes - 10);
    world.scheduler.after(deliveryMs, () =>
      world.spawn(invoke, () => {
        working -= 1;
        look();
      }),
    );
  };
  return () => {
    wakes += 1;
    look();
  };
};

const secondsOf = (calls: readonly Called[], last: boolean): number =>
  ((calls.at(last ? -1 : 0)?.at ?? Number.NaN) - epoch) / 1000;

/** A flood of one tenant, and one message of another: all functions and their handlers, on virtual time. */
export const tellStory = async ({ messages, latencies }: Story): Promise<Told> => {
  const before = process.cpuUsage();
  const random = createRandom(1);
  const setups = await tenantsLike({ flood: { maxActive: 100, maxWaiting: messages }, quiet: {} });
  const warnings: Record<string, number> = {};
  const warn = (message: string): void => {
    warnings[message] = (warnings[message] ?? 0) + 1;
  };
  const log: Log = { metrics: () => undefined, info: () => undefined, warn, error: warn };
  const world = createWorld(setups, latencies, random.next, {
    wake: () => wake(),
    started(applicationId, jobRunId, change) {
      world.scheduler.after(jobMs, () => {
        change("SUCCESS");
        world.spawn(async () => void (await completeJobRun(services, { applicationId, jobRunId })));
      });
    },
  });
  const { scheduler, services } = world;
  const queues = new Map<string, ReturnType<typeof startQueue>>();
  const parts: DoorServices = {
    services,
    config: doorConfig,
    log,
    redelivery: {
      async later(receiptHandle, queueArn, seconds) {
        const queue = queues.get(queueArn.split(":").at(-1) ?? "");
        const message = queue?.messages.find(({ messageId }) => messageId === receiptHandle);
        if (message !== undefined) queue?.show(message, seconds * 1000);
      },
      jitter: random.next,
    },
  };
  let requests = 0;
  const nextContext = (): Context => {
    requests += 1;
    return contextOf(`request-${requests}`, scheduler.now);
  };
  const [door, reconcile] = [queueHandler(parts), reconcileHandler(parts)];
  const wake = startDispatcher(world, async () => {
    // Not by its handler: that one's framework would count the deadline in real time.
    requests += 1;
    const { verdict } = await dispatch(services, `request-${requests}`, services.later(dispatchMs));
    if (verdict === "out-of-time") await services.wake();
  });
  const openQueue = (tenantId: string) => {
    const queue = startQueue(world, async (event) => await door(event, nextContext()), tenantId);
    queues.set(queueNameOf(tenantId), queue);
    return queue;
  };
  const [flood, quiet] = [openQueue("flood"), openQueue("quiet")];
  for (let index = 0; index < messages; index += 1) flood.send(`flood-${index}`);
  scheduler.after(quietAfterMs, () => quiet.send("quiet-0"));
  const everyMinute = (): void => {
    wake();
    world.spawn(async () => await reconcile({}, nextContext()));
    scheduler.after(60_000, everyMinute);
  };
  scheduler.after(60_000, everyMinute);

  const startsOf = (): Called[] => world.calls.filter(({ api, throttled }) => api === "StartJobRun" && !throttled);
  const bucketSeconds = messages + 1 - awsRates.StartJobRun.burst;
  let counted = 0;
  let seen = 0;
  const done = (): boolean => {
    for (; seen < world.calls.length; seen += 1) {
      const call = world.calls[seen];
      if (call?.api === "StartJobRun" && !call.throttled) counted += 1;
    }
    return counted > messages;
  };
  await scheduler.run(epoch + 2 * bucketSeconds * 1000 + 600_000, done);

  const starts = startsOf();
  const all = [...flood.messages, ...quiet.messages];
  const throttles = (name: string): number =>
    world.calls.filter(({ api, throttled }) => throttled && api === name).length;
  const { user, system } = process.cpuUsage(before);
  return {
    quietSeconds:
      secondsOf(
        starts.filter(({ tenantId }) => tenantId === "quiet"),
        false,
      ) -
      quietAfterMs / 1000,
    seconds: secondsOf(starts, true),
    bucketSeconds,
    started: starts.length,
    startThrottles: throttles("StartJobRun"),
    getThrottles: throttles("GetJobRun"),
    receives: all.reduce((sum, { receives }) => sum + receives, 0),
    mostReceives: Math.max(...all.map(({ receives }) => receives)),
    dead: flood.dead() + quiet.dead(),
    warnings,
    doorSeconds: (Math.max(...all.map(({ deletedAt = Number.NaN }) => deletedAt)) - epoch) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
};
