import { completeJobRun } from "#domain/submission/complete-job-run.ts";
import { publishOutbox } from "#domain/submission/publish-outbox.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { dispatch } from "#domain/turns/dispatch.ts";
import { repair } from "#domain/turns/repair.ts";
import { recordUsage } from "#domain/usage/record-usage.ts";
import type { ServicesOf } from "./doors.ts";
import type { Instance } from "./instances.ts";
import { createQueue, type SimulatedQueue } from "./queue.ts";
import { epoch } from "./scheduler.ts";
import type { World } from "./world.ts";

const ended = ["completed", "refused", "cancelled"];

export interface Change {
  readonly applicationId: string;
  readonly jobRunId: string;
  readonly state: string;
}

const dispatcherMs = 50_000;

/** The dispatcher: woken, and each minute. Out of time, it hands over to the next one. */
const startDispatcher = (world: World, servicesOf: ServicesOf): void => {
  const { scheduler, random, profile, instances, stormy } = world;
  const work = world.variant?.verbs?.dispatch ?? dispatch;
  const invoke = (): void => {
    instances.spawn(
      "dispatch",
      60_000,
      async (instance) => {
        const services = servicesOf(instance);
        const { verdict } = await work(services, instance.name, services.later(dispatcherMs));
        world.tell(instance.name, `ends: ${verdict}`);
        return verdict;
      },
      (ending) => {
        if (ending.verdict === "threw") world.tell("dispatch", `threw ${String(ending.error)}`);
        if (ending.verdict === "returned" && ending.value === "out-of-time") world.hooks.wake();
      },
    );
  };
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

const startRepair = (world: World, servicesOf: ServicesOf): void => {
  const schedule = (): void => {
    world.instances.spawn(
      "repair",
      60_000,
      async (instance) => await repair(servicesOf(instance)),
      (ending) => {
        if (ending.verdict === "threw") world.tell("repair", `threw ${String(ending.error)}`);
        if (ending.verdict !== "returned") return;
        const { startedAgain, slotsFreed, turnsRestored, countsCorrected } = ending.value;
        world.tell(
          "repair",
          `again ${startedAgain}, freed ${slotsFreed}, restored ${turnsRestored}, counts ${countsCorrected}`,
        );
      },
    );
    world.scheduler.after(60_000, schedule);
  };
  world.scheduler.after(world.random.between(1, 60_000), schedule);
};

/** Events of EMR Serverless, lost, doubled, late and out of order, into the queue of `job-run-changed`. */
const startCompletions = (world: World, servicesOf: ServicesOf): SimulatedQueue<Change> => {
  const { scheduler, random, profile, instances, stormy } = world;
  const queue = createQueue<Change>({
    scheduler,
    random,
    visibilityMs: 90_000,
    maxReceives: 20,
    batchSize: random.pick([1, 10]),
    maxConcurrency: 2,
    twice: () => (stormy() ? profile.deliveredTwice : 0),
    dead: ({ body, failures }) => world.tell("changes", `${body.jobRunId} is dead: ${failures.join(", ")}`),
    work: (batch, done) => {
      const failures = new Map<string, string>();
      instances.spawn(
        "changed",
        30_000,
        async (instance) => {
          const services = servicesOf(instance);
          for (const { messageId, body } of batch) {
            try {
              const { verdict } = await completeJobRun(services, body);
              world.tell(instance.name, `${body.jobRunId} ${body.state}: ${verdict}`);
            } catch (error) {
              failures.set(messageId, String(error));
            }
          }
        },
        (ending) => {
          for (const message of batch) {
            const failure = failures.get(message.messageId);
            if (failure !== undefined) queue.retry(message, Math.min(60_000, 2000 * 2 ** message.receives), failure);
            else if (ending.verdict === "returned") queue.delete(message);
          }
          done();
        },
      );
    },
  });
  return queue;
};

const wireEvents = (world: World, queue: SimulatedQueue<Change>): void => {
  const { scheduler, random, profile, stormy } = world;
  let held: (() => void)[] = [];
  let sent = 0;
  const send = (change: Change): void => {
    sent += 1;
    queue.send(`event-${sent}`, change);
  };
  world.hooks.emitted = ({ detailType, detail }) => {
    if (detailType !== "EMR Serverless Job Run State Change") return;
    const { applicationId, jobRunId, state } = detail;
    world.tell("emr", `${jobRunId} is ${state}`);
    // Only endings have consequences; the others would pass the queue for nothing.
    if (!["SUCCESS", "FAILED", "CANCELLED"].includes(String(state))) return;
    const change = { applicationId: String(applicationId), jobRunId: String(jobRunId), state: String(state) };
    const chance = (fault: keyof typeof profile.events): boolean => stormy() && random.chance(profile.events[fault]);
    if (chance("lose")) return world.tell("emr", `the event of ${change.jobRunId} is lost`);
    if (chance("delay")) return void scheduler.after(random.between(1000, 120_000), () => send(change));
    if (chance("reorder")) return void held.push(() => send(change));
    send(change);
    if (chance("duplicate")) send(change);
    const overtaken = held;
    held = [];
    for (const follow of overtaken) follow();
  };
  scheduler.after(profile.stormMs, () => {
    for (const follow of held) follow();
    held = [];
  });
};

/**
 * What stands in for the sweep over events that were lost and endings that were not published: each two minutes it
 * tells of ended runs again, and publishes what has ended for longer than that.
 */
const startSweep = (world: World, servicesOf: ServicesOf, queue: SimulatedQueue<Change>): void => {
  const { scheduler, ledger, emr, instances } = world;
  const seen = new Set<string>();
  /** Whether it was so two minutes ago already. */
  const still = (key: string): boolean => {
    const known = seen.has(key);
    seen.add(key);
    return known;
  };
  const tellAgain = (stored: ReadonlyMap<string, Submission>): void => {
    for (const { jobRunId, applicationId, ended: over, submissionId } of emr.runs.values()) {
      const lost = over && stored.get(submissionId)?.state !== "completed";
      if (lost && still(jobRunId)) queue.send(`sweep-${jobRunId}`, { applicationId, jobRunId, state: "SUCCESS" });
    }
  };
  const publish = (submission: Submission): void => {
    const work = async (instance: Instance): Promise<void> => {
      const services = servicesOf(instance);
      await recordUsage(services, submission);
      await publishOutbox(services, submission);
    };
    instances.spawn("sweep", 60_000, work, () => undefined);
  };
  const sweep = (): void => {
    const stored = new Map(ledger.all().map((submission) => [submission.submissionId, submission]));
    tellAgain(stored);
    for (const submission of stored.values()) {
      const unpublished = ended.includes(submission.state) && submission.publishedAt === undefined;
      const { submissionId, fingerprint, acceptedAt } = submission;
      if (unpublished && still(`${submissionId} ${fingerprint} ${acceptedAt}`)) publish(submission);
    }
    scheduler.after(120_000, sweep);
  };
  scheduler.after(120_000, sweep);
};

export const startFunctions = (world: World, servicesOf: ServicesOf): SimulatedQueue<Change> => {
  startDispatcher(world, servicesOf);
  startRepair(world, servicesOf);
  const queue = startCompletions(world, servicesOf);
  wireEvents(world, queue);
  startSweep(world, servicesOf, queue);
  return queue;
};

export const minutesAfterStorm = (world: World): number =>
  (world.scheduler.now() - epoch - world.profile.stormMs) / 60_000;
