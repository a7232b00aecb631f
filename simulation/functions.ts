import { dispatchHandler } from "#handlers/dispatch.ts";
import { jobRunChangedHandler } from "#handlers/job-run-changed.ts";
import { reconcileHandler } from "#handlers/reconcile.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import type { Lambda } from "./lambda.ts";
import { createLambdaQueue, type Sent } from "./lambda-queue.ts";
import type { SimulatedQueue } from "./queue.ts";
import { epoch } from "./scheduler.ts";
import type { World } from "./world.ts";
import { accountId } from "./world-tenants.ts";

/** The dispatcher: woken, and each minute. */
const startDispatcher = (world: World, lambda: Lambda): void => {
  const { scheduler, random, profile, stormy } = world;
  const invoke = (): void =>
    lambda.invoke<void>({
      name: "dispatch",
      timeoutMs: 60_000,
      handler: dispatchHandler,
      event: {},
      ended: (ending) => {
        if (ending.verdict === "threw") world.tell("dispatch", `threw ${String(ending.error)}`);
      },
    });
  world.hooks.wake = () => {
    if (stormy() && random.chance(profile.wakeLost)) return world.tell("wake", "is lost");
    scheduler.after(random.between(5, 300), invoke);
  };
  const schedule = (): void => {
    invoke();
    scheduler.after(60_000, schedule);
  };
  scheduler.after(random.between(1, 60_000), schedule);
};

const startReconciler = ({ scheduler, random, tell }: World, lambda: Lambda): void => {
  const schedule = (): void => {
    lambda.invoke<void>({
      name: "reconcile",
      timeoutMs: 60_000,
      handler: reconcileHandler,
      event: {},
      ended: (ending) => {
        if (ending.verdict === "threw") tell("reconcile", `threw ${String(ending.error)}`);
      },
    });
    scheduler.after(60_000, schedule);
  };
  scheduler.after(random.between(1, 60_000), schedule);
};

/** The queue that the rule over events of EMR Serverless feeds. */
const createChanges = (world: World, lambda: Lambda): SimulatedQueue<Sent> =>
  createLambdaQueue<Sent>(world, lambda, {
    name: "changes",
    timeoutMs: 60_000,
    handler: jobRunChangedHandler,
    maxReceives: 20,
    batchSize: world.random.pick([1, 10]),
    maxConcurrency: 2,
    dead: ({ messageId, failures }) => world.tell("changes", `${messageId} is dead: ${failures.join(", ")}`),
  });

/** An event of EMR Serverless as the rule puts it on the queue. */
const sentEvent = (id: string, detail: Readonly<Record<string, unknown>>, time: string): Sent => ({
  text: JSON.stringify({
    id,
    source: "aws.emr-serverless",
    "detail-type": "EMR Serverless Job Run State Change",
    account: accountId,
    time,
    resources: [],
    detail,
  }),
  senderId: "AIDAEVENTS",
  attributes: {},
});

/** Events of EMR Serverless, lost, doubled, late and out of order. */
const wireEvents = (world: World, queue: SimulatedQueue<Sent>): void => {
  const { scheduler, random, profile, stormy } = world;
  let held: (() => void)[] = [];
  let sent = 0;
  const send = ({ id, detail, time }: EmrEvent): void => {
    sent += 1;
    queue.send(`event-${sent}`, sentEvent(id, detail, time));
  };
  world.hooks.emitted = (event) => {
    if (event.detailType !== "EMR Serverless Job Run State Change") return;
    const { jobRunId, state } = event.detail;
    world.tell("emr", `${jobRunId} is ${state}`);
    const chance = (fault: keyof typeof profile.events): boolean => stormy() && random.chance(profile.events[fault]);
    // EMR Serverless promises no event at all: how many are lost does not end with the storm.
    if (random.chance(profile.events.lose)) return world.tell("emr", `the event of ${jobRunId} is lost`);
    if (chance("delay")) return void scheduler.after(random.between(1000, 120_000), () => send(event));
    if (chance("reorder")) return void held.push(() => send(event));
    send(event);
    if (chance("duplicate")) send(event);
    const overtaken = held;
    held = [];
    for (const follow of overtaken) follow();
  };
  scheduler.after(profile.stormMs, () => {
    for (const follow of held) follow();
    held = [];
  });
};

export const startFunctions = (world: World, lambda: Lambda): SimulatedQueue<Sent> => {
  startDispatcher(world, lambda);
  startReconciler(world, lambda);
  const queue = createChanges(world, lambda);
  wireEvents(world, queue);
  return queue;
};

export const minutesAfterStorm = (world: World): number =>
  (world.scheduler.now() - epoch - world.profile.stormMs) / 60_000;
