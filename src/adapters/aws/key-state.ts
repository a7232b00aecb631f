import type { PublishedEvent } from "#domain/events/published-event.ts";
import { nameOf } from "./aws-failure.ts";

/**
 * How long an event is tried again whose destination has a KMS key that cannot be used. Somebody may turn it on again, but
 * with each try the bus gets the event once more, so not for ever.
 */
const patienceMs = 86_400_000;

/** Errors of KMS, as SQS and Step Functions hand them on (their API References: KmsDisabled, KmsInvalidStateException, …). */
export const isOfKms = (error: unknown): boolean => /^K(ms|MS)/.test(nameOf(error));

/** Whether a key was of no use for so long that the event is given up: throttling passes by itself. */
export const isKeyGivenUp = (error: unknown, { time }: PublishedEvent, now: number): boolean =>
  isOfKms(error) && !/Throttl/.test(nameOf(error)) && now - Date.parse(time) >= patienceMs;
