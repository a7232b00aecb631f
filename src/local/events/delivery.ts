import type { Schedule } from "#local/schedule.ts";
import type { AwsEvent } from "./event.ts";

export type EventTarget = (event: AwsEvent) => Promise<void>;

/** One event for one target of one rule. */
export interface Delivery {
  readonly event: AwsEvent;
  readonly rule: string;
  readonly deliver: EventTarget;
  /** The waits before further tries. */
  readonly retryDelaysMs: readonly number[];
}

export interface DeliveryOptions {
  readonly schedule: Schedule;
  /** Told when the last try failed. The event is gone then, as it is on AWS without a dead-letter queue. */
  readonly onUndelivered: (lost: { event: AwsEvent; rule: string; error: unknown }) => void;
}

/**
 * How often Lambda runs an asynchronous invocation again after an error of the function: after one minute, then after
 * two more. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const lambdaRetryDelaysMs: readonly number[] = [60_000, 120_000];

/** Carries events to targets, beside the calls that put them. */
export function createDelivery({ schedule, onUndelivered }: DeliveryOptions) {
  const underway = new Set<Promise<void>>();
  const cancels = new Set<() => void>();
  let ended = false;

  function track(work: Promise<void>): void {
    const tracked = work.finally(() => underway.delete(tracked));
    underway.add(tracked);
  }

  async function attempt(delivery: Delivery, tried: number): Promise<void> {
    try {
      await delivery.deliver(delivery.event);
    } catch (error) {
      const delay = delivery.retryDelaysMs[tried];
      if (delay === undefined) return onUndelivered({ event: delivery.event, rule: delivery.rule, error });
      if (ended) return;
      const cancel = schedule(delay, () => {
        cancels.delete(cancel);
        track(attempt(delivery, tried + 1));
      });
      cancels.add(cancel);
    }
  }

  return {
    start: (delivery: Delivery): void => {
      if (!ended) track(attempt(delivery, 0));
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
