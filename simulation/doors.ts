import { isPassing, ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import { parseJobRequest } from "#domain/request/job-request.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import { submitJob, submitJobs } from "#domain/submission/submit-job.ts";
import { proveTenant } from "#domain/tenant/prove-tenant.ts";
import type { Ending, Instance } from "./instances.ts";
import { createQueue, type Message, type SimulatedQueue } from "./queue.ts";
import type { World } from "./world.ts";
import { senderProof } from "./world-tenants.ts";

/** A job request on its way, by whichever door. */
export interface Work {
  readonly tenantId: string;
  readonly document: Readonly<Record<string, unknown>>;
  readonly requestId?: string;
}

/** What a door said to whoever sent the work. */
export interface Answer {
  readonly work: Work;
  readonly key: string;
  readonly door: "http" | "queue";
  readonly verdict: Outcome["verdict"];
  readonly submissionId: string | undefined;
  readonly repeat: boolean;
}

export interface Doors {
  readonly queue: SimulatedQueue<Work>;
  readonly answers: Answer[];
  post(work: Work, key: string, tries: number): void;
}

export type ServicesOf = (instance: Instance) => Services;

const codeOf = (error: unknown): string => {
  if (error instanceof ServiceError) return error.code;
  return error instanceof Error ? error.message : "unknown";
};

const queueDelivery = async (services: Services, { messageId, body }: Message<Work>): Promise<Delivery> => {
  const { setup } = await proveTenant(services.tenants, [senderProof(body.tenantId)]);
  const text = JSON.stringify(body.document);
  return {
    setup,
    door: "queue",
    caller: `sender:${body.tenantId}`,
    parsed: parseJobRequest(body.document),
    text,
    requestId: body.requestId,
    fallback: { kind: "delivery", id: messageId },
  };
};

const backoff = (receives: number): number => Math.min(60_000, 2000 * 2 ** receives);

const httpDelivery = async (services: Services, work: Work): Promise<Delivery> => ({
  setup: (await proveTenant(services.tenants, [senderProof(work.tenantId)])).setup,
  door: "http",
  caller: `sender:${work.tenantId}`,
  parsed: parseJobRequest(work.document),
  text: "",
  requestId: work.requestId,
  fallback: { kind: "none", newId: services.newId() },
});

export const createDoors = (world: World, servicesOf: ServicesOf): Doors => {
  const { scheduler, random, profile, instances, stormy } = world;
  const answers: Answer[] = [];
  const answer = (work: Work, key: string, door: Answer["door"], outcome: Outcome): void => {
    if (outcome.verdict === "failed") return;
    const { verdict, repeat } = outcome;
    const submissionId = outcome.submission?.submissionId;
    world.tell(door, `${key} of ${work.tenantId}: ${verdict}${repeat ? " (repeat)" : ""} ${submissionId ?? ""}`);
    answers.push({ work, key, door, verdict, submissionId, repeat });
  };

  const settle = (message: Message<Work>, outcome: Outcome | undefined): void => {
    if (outcome !== undefined && outcome.verdict !== "failed") {
      queue.delete(message);
      answer(message.body, message.messageId, "queue", outcome);
      return;
    }
    const error = outcome?.verdict === "failed" ? outcome.error : new Error("no outcome");
    // A full line is no fault of the message: it costs it no receive.
    const free = error instanceof ServiceError && error.kind === "busy";
    queue.retry(message, backoff(message.receives), codeOf(error), free);
  };
  const settleBatch = (batch: readonly Message<Work>[], ending: Ending<readonly Outcome[]>): void => {
    for (const [at, message] of batch.entries()) {
      if (ending.verdict === "returned") settle(message, ending.value[at]);
      if (ending.verdict === "threw") queue.retry(message, backoff(message.receives), codeOf(ending.error));
      if (ending.verdict === "died") message.failures.push("the instance died");
    }
  };
  const queue = createQueue<Work>({
    scheduler,
    random,
    visibilityMs: 90_000,
    maxReceives: 5,
    batchSize: random.pick([1, 3, 10]),
    maxConcurrency: random.pick([1, 2, 5]),
    twice: () => (stormy() ? profile.deliveredTwice : 0),
    dead: ({ messageId, failures }) => {
      world.tell("queue", `${messageId} is dead: ${failures.join(", ")}`);
      if (failures.every((failure) => failure.endsWith("_BUSY")))
        world.breach("accounted", `message ${messageId} went to the dead-letter queue for throttling only`);
    },
    work: (batch, done) =>
      instances.spawn(
        "queue",
        60_000,
        async (instance) => {
          world.tell(instance.name, `gets ${batch.map(({ messageId }) => messageId).join(", ")}`);
          const services = servicesOf(instance);
          const deliveries: Delivery[] = [];
          for (const message of batch) deliveries.push(await queueDelivery(services, message));
          return await submitJobs(services, deliveries);
        },
        (ending) => {
          settleBatch(batch, ending);
          done();
        },
      ),
  });

  const post = (work: Work, key: string, tries: number): void => {
    instances.spawn(
      "http",
      29_000,
      async (instance) => {
        const services = servicesOf(instance);
        world.tell(instance.name, `POST ${key} of ${work.tenantId}`);
        return await submitJob(services, await httpDelivery(services, work));
      },
      (ending) => {
        if (ending.verdict === "returned") answer(work, key, "http", ending.value);
        const again = ending.verdict === "died" || (ending.verdict === "threw" && isPassing(ending.error));
        if (again && tries > 1) scheduler.after(random.between(500, 20_000), () => post(work, key, tries - 1));
      },
    );
  };
  return { queue, answers, post };
};
