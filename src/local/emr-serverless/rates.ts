import type { Machine } from "./machine.ts";
import { ServiceError } from "./service-error.ts";

export function throttled({ settings }: Machine): ServiceError {
  return new ServiceError("ThrottlingException", "Rate exceeded", settings.throttlingStatus);
}

/**
 * A token bucket an operation, refilled at the steady rate, as the quotas page explains for EMR:
 * https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-service-limits-what-are.html
 */
export function takeRateToken(machine: Machine, operation: string): void {
  const rate = machine.settings.rates?.[operation];
  if (!rate) return;
  const { buckets } = machine.state;
  machine.changed("buckets", operation);
  const now = machine.ports.now();
  const last = buckets[operation] ?? { tokens: rate.burst, at: now };
  const tokens = Math.min(rate.burst, last.tokens + (Math.max(0, now - last.at) / 1000) * rate.perSecond);
  if (tokens < 1) {
    buckets[operation] = { tokens, at: now };
    throw throttled(machine);
  }
  buckets[operation] = { tokens: tokens - 1, at: now };
}
