import type { SQSRecord } from "aws-lambda";
import type { Services } from "#domain/ports.ts";
import type { Delivery } from "#domain/submission/delivery.ts";
import type { Outcome } from "#domain/submission/outcome.ts";
import type { Envelope } from "#domain/tenant/tenant.ts";

/** One structured log record: ids and verdicts only, never arguments, policy text or whole events. */
export type LogRecord = Readonly<Record<string, string | number | boolean | undefined>>;

export interface Log {
  info(message: string, record: LogRecord): void;
  warn(message: string, record: LogRecord): void;
  error(message: string, record: LogRecord): void;
  /** Counts for CloudWatch: what is 0 is left out. Dimensions are few and have few values. */
  metrics(counts: Readonly<Record<string, number>>, dimensions?: Readonly<Record<string, string>>): void;
}

/** How the doors of a deployment are set up. */
export interface DoorConfig {
  /** The account that Sluice runs in: events of another account are believed by their account only. */
  readonly accountId: string;
  /** The Region that Sluice and its applications run in, as far as it is known: an explanation's prices are a Region's. */
  readonly region?: string | undefined;
  /** JWT claims that name a caller, such as `client_id` and `sub`. */
  readonly jwtClaims: readonly string[];
  /** Keys of a Lambda authorizer's context that name a caller, such as `principalId`. */
  readonly authorizerKeys: readonly string[];
  /** Queues that are not one tenant's own and may carry envelopes: queue ARN → kinds. */
  readonly envelopeQueues: Readonly<Record<string, readonly Envelope[]>>;
  /**
   * The queue that only EventBridge's rules feed: what lies on it is believed like an event that EventBridge hands over.
   * Without one, the events door takes single events only.
   */
  readonly eventsQueueArn?: string | undefined;
  /** SQS SenderIds, a role's without its session, of those who put messages back: believed in what these were before. */
  readonly operatorSenders?: readonly string[] | undefined;
}

/** Tells a queue when a message is to come again. */
export interface Redelivery {
  /** Lets a message come again after so many seconds, in place of the rest of its visibility timeout. */
  later(receiptHandle: string, queueArn: string, seconds: number): Promise<void>;
  /** At random from 0 to 1: what was throttled together must not come again together. */
  jitter(): number;
}

/** Keeps a message whose tenant cannot be proven, with the reason: once it is kept, it need not come again. */
export type Quarantine = (record: SQSRecord, reason: string) => Promise<void>;

/** What every handler is made of. */
export interface DoorServices {
  readonly services: Services;
  readonly config: DoorConfig;
  readonly log: Log;
  readonly redelivery: Redelivery;
  /** Without it, what nobody can be proven to have sent comes again, until its queue gives it up. */
  readonly quarantine?: Quarantine | undefined;
}

/** What is known of a request or a message by the time that something goes wrong with it: filled in step by step. */
export interface Known {
  caller?: string;
  tenantId?: string;
  submissionId?: string;
}

/** A repeat of one that has ended did not start anything: its verdict is how that one stands. */
const verdictOf = (outcome: Outcome): string =>
  outcome.verdict === "started" ? outcome.submission.state : outcome.verdict;

/** The log record of what became of a delivery. Not every refusal has a submission, but each has a tenant. */
export const outcomeRecord = (
  { setup, caller }: Pick<Delivery, "setup" | "caller">,
  outcome: Exclude<Outcome, { verdict: "failed" }>,
): LogRecord => ({
  verdict: verdictOf(outcome),
  repeat: outcome.repeat,
  tenantId: setup.tenant.tenantId,
  caller,
  submissionId: outcome.submission?.submissionId,
  requestId: outcome.submission?.requestId,
  jobRunId: outcome.submission?.jobRunId,
  waitingFor: outcome.submission?.waitingFor,
  code: outcome.verdict === "started" ? undefined : outcome.error?.code,
  ...(outcome.verdict === "accepted" && outcome.error !== undefined && { reason: outcome.error.message }),
});
