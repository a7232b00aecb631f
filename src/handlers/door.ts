import type { Services } from "#domain/ports.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/submit-job.ts";
import type { Envelope } from "#domain/tenant/tenant.ts";

/** One structured log record: ids and verdicts only, never arguments, policy text or whole events. */
export type LogRecord = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, record: LogRecord): void;
  warn(message: string, record: LogRecord): void;
  error(message: string, record: LogRecord): void;
}

/** How the doors of a deployment are set up. */
export interface DoorConfig {
  /** The account that Sluice runs in: events of another account are believed by their account only. */
  readonly accountId: string;
  /** JWT claims that name a caller, such as `client_id` and `sub`. */
  readonly jwtClaims: readonly string[];
  /** Keys of a Lambda authorizer's context that name a caller, such as `principalId`. */
  readonly authorizerKeys: readonly string[];
  /** Queues that are not one tenant's own and may carry envelopes: queue ARN → kinds. */
  readonly envelopeQueues: Readonly<Record<string, readonly Envelope[]>>;
}

/** What every handler is made of. */
export interface DoorServices {
  readonly services: Services;
  readonly config: DoorConfig;
  readonly log: Log;
}

/** The log record of what became of a delivery. Not every refusal has a submission, but each has a tenant. */
export const outcomeRecord = ({ setup }: Pick<Delivery, "setup">, outcome: Outcome): LogRecord => ({
  verdict: outcome.verdict,
  repeat: outcome.repeat,
  tenantId: setup.tenant.tenantId,
  submissionId: outcome.submission?.submissionId,
  requestId: outcome.submission?.requestId,
  jobRunId: outcome.submission?.jobRunId,
  code: outcome.verdict === "refused" ? outcome.error.code : undefined,
});

/** A thrown value as a log record: its code and message are ours, a foreign error shows its name and message. */
export const errorRecord = (error: unknown): LogRecord => {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const cause = error.cause instanceof Error ? error.cause.name : undefined;
  return { error: error.name, code, reason: error.message, cause };
};
