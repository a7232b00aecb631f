import type { Journal } from "#local/kept/journal.ts";
import type { Schedule } from "#local/schedule.ts";
import type { AwsEvent } from "./event.ts";

export type EventTarget = (event: AwsEvent) => Promise<void>;

/** One event for one target of one rule, as plain data: it is kept until the target has taken it. */
export interface Delivery {
  readonly event: AwsEvent;
  readonly bus: string;
  readonly rule: string;
  /** What finds the target again: see `targetOf`. */
  readonly target: string;
  /** Tries that failed. */
  readonly tried: number;
}

export interface FoundTarget {
  readonly deliver: EventTarget;
  /** The waits before further tries. */
  readonly retryDelaysMs: readonly number[];
}

export interface DeliveryOptions {
  readonly schedule: Schedule;
  readonly now: () => number;
  readonly journal: Journal;
  /** "later" while the target is not there yet: the delivery waits for `resume`. */
  readonly targetOf: (delivery: Delivery) => FoundTarget | "later" | "gone";
  /** Told when the last try failed. The event is gone then, as it is on AWS without a dead-letter queue. */
  readonly onUndelivered: (lost: { event: AwsEvent; rule: string; error: unknown }) => void;
}

/**
 * How often Lambda runs an asynchronous invocation again after an error of the function: after one minute, then after
 * two more. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const lambdaRetryDelaysMs: readonly number[] = [60_000, 120_000];

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html */
const maxAgeMs = 24 * 3_600_000;

/**
 * Carries events to targets, beside the calls that put them. What is not delivered when the process is killed is
 * delivered by the next one, so a target may see an event twice.
 */
export function createDelivery({ schedule, now, journal, targetOf, onUndelivered }: DeliveryOptions) {
  const deliveries = new Map<string, Delivery>();
  const waiting = new Set<string>();
  const underway = new Set<Promise<void>>();
  const cancels = new Set<() => void>();
  let last = 0;
  let ended = false;
  const table = journal.table<Delivery>("events.deliveries", {
    read: (key) => deliveries.get(key),
    keys: () => deliveries.keys(),
  });
  for (const [key, delivery] of table.kept) {
    last = Math.max(last, Number(key));
    if (Date.parse(delivery.event.time) < now() - maxAgeMs) continue;
    deliveries.set(key, delivery);
    waiting.add(key);
  }

  function keep(key: string, delivery: Delivery): void {
    deliveries.set(key, delivery);
    table.changed(key);
  }
  function forget(key: string): void {
    deliveries.delete(key);
    table.changed(key);
  }

  function attempt(key: string): void {
    const delivery = deliveries.get(key);
    if (!delivery || ended) return;
    const target = targetOf(delivery);
    if (target === "gone") {
      forget(key);
      return;
    }
    if (target === "later") {
      waiting.add(key);
      return;
    }
    const tracked = deliver(key, delivery, target).finally(() => underway.delete(tracked));
    underway.add(tracked);
  }

  async function deliver(key: string, delivery: Delivery, target: FoundTarget): Promise<void> {
    const { event, rule, tried } = delivery;
    try {
      await target.deliver(event);
      forget(key);
    } catch (error) {
      const delay = target.retryDelaysMs[tried];
      if (delay === undefined) {
        forget(key);
        return onUndelivered({ event, rule, error });
      }
      keep(key, { ...delivery, tried: tried + 1 });
      if (ended) return;
      const cancel = schedule(delay, () => {
        cancels.delete(cancel);
        attempt(key);
      });
      cancels.add(cancel);
    }
  }

  return {
    start: (delivery: Omit<Delivery, "tried">): void => {
      if (ended) return;
      last += 1;
      const key = String(last);
      keep(key, { ...delivery, tried: 0 });
      attempt(key);
    },
    /** Goes on with what waits for a target that was not there. */
    resume(): void {
      for (const key of [...waiting]) {
        waiting.delete(key);
        attempt(key);
      }
    },
    /** Resolves when every try that has begun is over, those that it led to as well; tries that wait do not count. */
    async idle(): Promise<void> {
      while (underway.size > 0) await Promise.all(underway);
    },
    async end(): Promise<void> {
      ended = true;
      for (const cancel of cancels) cancel();
      await this.idle();
    },
  };
}
