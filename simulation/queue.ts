import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

export interface Message<Body> {
  readonly messageId: string;
  readonly body: Body;
  receives: number;
  visibleAt: number;
  /** `moved`: out of the dead-letter queue, as another message. */
  state: "queued" | "deleted" | "dead" | "moved";
  /** What made each receive come to nothing. */
  readonly failures: string[];
}

export interface QueueOptions<Body> {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly visibilityMs: number;
  readonly maxReceives: number;
  readonly batchSize: number;
  readonly maxConcurrency: number;
  /** Chance that a message is handed out and stays visible. */
  readonly twice: () => number;
  /** Works on a batch; `done` frees its place. */
  readonly work: (batch: readonly Message<Body>[], done: () => void) => void;
  readonly dead: (message: Message<Body>) => void;
}

export interface SimulatedQueue<Body> {
  readonly messages: readonly Message<Body>[];
  send(messageId: string, body: Body): Message<Body>;
  /** What has gone to the dead-letter queue by then stays there. */
  delete(message: Message<Body>): void;
  /** The message comes again after that, in place of the rest of its visibility timeout. */
  later(message: Message<Body>, delayMs: number): void;
  /** Moves what is dead back, as the operator does. */
  redrive(moved: (message: Message<Body>) => Pick<Message<Body>, "messageId" | "body">): number;
  isEmpty(): boolean;
}

/** A standard SQS queue with a dead-letter queue, polled by a function in batches. */
export const createQueue = <Body>(options: QueueOptions<Body>): SimulatedQueue<Body> => {
  const { scheduler, random } = options;
  const messages: Message<Body>[] = [];
  let working = 0;
  let pollAt = Number.POSITIVE_INFINITY;
  let cancelPoll = (): void => undefined;

  const receive = (): Message<Body>[] => {
    const now = scheduler.now();
    const batch: Message<Body>[] = [];
    for (const message of messages) {
      if (batch.length >= options.batchSize) break;
      if (message.state !== "queued" || message.visibleAt > now) continue;
      if (message.receives >= options.maxReceives) {
        message.state = "dead";
        options.dead(message);
        continue;
      }
      message.receives += 1;
      message.visibleAt = random.chance(options.twice()) ? now + 50 : now + options.visibilityMs;
      batch.push(message);
    }
    return batch;
  };
  const look = (): void => {
    const next = Math.min(...messages.filter(({ state }) => state === "queued").map(({ visibleAt }) => visibleAt));
    if (!Number.isFinite(next) || working >= options.maxConcurrency) return;
    const at = Math.max(next, scheduler.now()) + random.between(1, 200);
    if (at >= pollAt) return;
    cancelPoll();
    pollAt = at;
    cancelPoll = scheduler.after(at - scheduler.now(), poll);
  };
  const poll = (): void => {
    pollAt = Number.POSITIVE_INFINITY;
    const batch = receive();
    if (batch.length > 0) {
      working += 1;
      options.work(batch, () => {
        working -= 1;
        look();
      });
    }
    look();
  };
  return {
    messages,
    send(messageId, body) {
      const visibleAt = scheduler.now();
      const message: Message<Body> = { messageId, body, receives: 0, visibleAt, state: "queued", failures: [] };
      messages.push(message);
      look();
      return message;
    },
    delete(message) {
      if (message.state === "queued") message.state = "deleted";
    },
    later(message, delayMs) {
      if (message.state !== "queued") return;
      message.visibleAt = scheduler.now() + delayMs;
      look();
    },
    redrive(moved) {
      const dead = messages.filter(({ state }) => state === "dead");
      for (const message of dead) {
        message.state = "moved";
        const back = { ...message, ...moved(message), receives: 0, failures: [...message.failures] };
        messages.push({ ...back, state: "queued", visibleAt: scheduler.now() });
      }
      look();
      return dead.length;
    },
    isEmpty: () => messages.every(({ state }) => state === "deleted" || state === "moved"),
  };
};
