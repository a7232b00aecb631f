import { httpHandler } from "#handlers/http.ts";
import type { HttpAnswer } from "#handlers/http-answer.ts";
import { originAttributes } from "#handlers/message-origin.ts";
import { queueHandler } from "#handlers/queue.ts";
import type { Ending } from "./instances.ts";
import type { Lambda } from "./lambda.ts";
import { createLambdaQueue, type Sent } from "./lambda-queue.ts";
import type { Message, SimulatedQueue } from "./queue.ts";
import type { World } from "./world.ts";
import { clientOf, operatorSender, senderOf } from "./world-tenants.ts";

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
  readonly verdict: string;
  readonly submissionId: string | undefined;
}

/** A message with a job request, and what it is about. */
export interface WorkMessage extends Sent {
  readonly work: Work;
}

/** A request to the HTTP door, as its tenant's own client. */
export interface Asked {
  readonly tenantId: string;
  readonly path: string;
  readonly requestId?: string | undefined;
  readonly document?: Readonly<Record<string, unknown>>;
}

export interface Doors {
  readonly queue: SimulatedQueue<WorkMessage>;
  readonly answers: Answer[];
  /** The message id that a message had when it was sent first. */
  keyOf(message: Message<WorkMessage>): string;
  send(work: Work, messageId: string): void;
  post(work: Work, key: string, tries: number): void;
  /** Asks until somebody answers for good. */
  ask(name: string, asked: Asked): void;
  /** Moves dead letters back: under a new message id, and where they have no request id under the one that they had. */
  redrive(): number;
}

const httpEvent = ({ tenantId, path, requestId, document }: Asked) => ({
  version: "2.0",
  rawPath: path,
  headers: {
    ...(document !== undefined && { "content-type": "application/json" }),
    ...(requestId !== undefined && { "idempotency-key": `"${requestId}"` }),
  },
  requestContext: {
    http: { method: "POST", path },
    requestId: "simulated",
    authorizer: { jwt: { claims: { client_id: clientOf(tenantId) } } },
  },
  ...(document !== undefined && { body: JSON.stringify(document) }),
  isBase64Encoded: false,
});

/** Whether whoever asked tries again: nobody answered, or it passes. */
const passes = (ending: Ending<HttpAnswer>): boolean =>
  ending.verdict !== "returned" || ending.value.statusCode === 429 || (ending.value.statusCode ?? 0) >= 500;

const textIn = (answer: HttpAnswer, name: string): string | undefined => {
  const found: unknown = Reflect.get(JSON.parse(answer.body ?? "{}"), name);
  return typeof found === "string" ? found : undefined;
};

const messageOf = (work: Work): WorkMessage => ({
  work,
  text: JSON.stringify(work.document),
  senderId: senderOf(work.tenantId),
  attributes: work.requestId === undefined ? {} : { requestId: work.requestId },
});

/** Whoever waits for a place in a full line comes again for most of a day: such a queue has the tries of infra/queues.yml. */
const maxReceivesOf = ({ setups, random }: World): number =>
  [...setups.values()].some(({ tenant }) => tenant.limits.maxWaiting < 100) ? 100 : random.pick([5, 100]);

const keyOf = ({ messageId, body }: Message<WorkMessage>): string =>
  body.attributes[originAttributes.messageId] ?? messageId;

const createWorkQueue = (world: World, lambda: Lambda, answers: Answer[]): SimulatedQueue<WorkMessage> => {
  const { random } = world;
  return createLambdaQueue<WorkMessage>(world, lambda, {
    name: "queue",
    timeoutMs: 60_000,
    handler: queueHandler,
    maxReceives: maxReceivesOf(world),
    batchSize: random.pick([1, 3, 10]),
    maxConcurrency: random.pick([1, 2, 5]),
    logged: (message, text, { verdict, submissionId }) => {
      if (text !== "submission" || message === undefined) return;
      const { work } = message.body;
      const key = keyOf(message);
      const id = submissionId === undefined ? undefined : String(submissionId);
      answers.push({ work, key, door: "queue", verdict: String(verdict), submissionId: id });
    },
    dead: ({ messageId, failures }) => {
      world.tell("queue", `${messageId} is dead: ${failures.join(", ")}`);
      if (failures.every((failure) => failure.endsWith("_BUSY")))
        world.breach("accounted", `message ${messageId} went to the dead-letter queue for throttling only`);
    },
  });
};

export const createDoors = (world: World, lambda: Lambda): Doors => {
  const { scheduler, random } = world;
  const answers: Answer[] = [];
  const queue = createWorkQueue(world, lambda, answers);
  let moved = 0;
  const call = (name: string, asked: Asked, ended: (ending: Ending<HttpAnswer>) => void): void =>
    lambda.invoke<HttpAnswer>({ name, timeoutMs: 29_000, handler: httpHandler, event: httpEvent(asked), ended });

  const post = (work: Work, key: string, tries: number): void => {
    world.tell("caller", `POST ${key} of ${work.tenantId}, request id ${work.requestId ?? "none"}`);
    call("http", { ...work, path: "/v1/submissions" }, (ending) => {
      if (ending.verdict === "returned" && !passes(ending)) {
        const verdict = (ending.value.statusCode ?? 0) < 300 ? (textIn(ending.value, "state") ?? "") : "refused";
        const submissionId = textIn(ending.value, "submissionId");
        world.tell("caller", `${key}: ${ending.value.statusCode} ${verdict} ${submissionId ?? ""}`);
        answers.push({ work, key, door: "http", verdict, submissionId });
      }
      if (passes(ending) && tries > 1) scheduler.after(random.between(500, 20_000), () => post(work, key, tries - 1));
    });
  };
  const ask = (name: string, asked: Asked): void =>
    call(name, asked, (ending) => {
      if (passes(ending)) scheduler.after(random.between(500, 10_000), () => ask(name, asked));
    });
  return {
    ...{ queue, answers, keyOf },
    post,
    ask,
    send: (work, messageId) => void queue.send(messageId, messageOf(work)),
    redrive: () =>
      queue.redrive(({ messageId, body }) => {
        moved += 1;
        const origin = {
          [originAttributes.messageId]: body.attributes[originAttributes.messageId] ?? messageId,
          [originAttributes.senderId]: body.attributes[originAttributes.senderId] ?? body.senderId,
        };
        const attributes = { ...body.attributes, ...origin };
        return { messageId: `${messageId}-moved-${moved}`, body: { ...body, senderId: operatorSender, attributes } };
      }),
  };
};
