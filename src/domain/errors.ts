import { capped, cut, type Fault } from "./fault.ts";

/**
 * What follows from an error, whichever door it happens at:
 * `invalid`, `denied` and `conflict` are final for this request; `busy` and `down` pass, so the work is retried.
 * Anything that is not a ServiceError is a bug: it is retried, and then goes to the dead-letter queue.
 */
export type ErrorKind = "invalid" | "denied" | "conflict" | "busy" | "down";

interface ErrorRow {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly title: string;
}

/** Every code of ours. Codes are public: they are never renamed. docs/errors.md has a section for each. */
export const errorTable = {
  ERR_JOB_REQUEST_INVALID: { kind: "invalid", status: 400, title: "The job request is not valid" },
  ERR_JOB_REQUEST_TOO_LARGE: { kind: "invalid", status: 413, title: "The job request is too large" },
  ERR_JOB_NOT_ALLOWED: { kind: "denied", status: 403, title: "The tenant's rules do not allow this job" },
  ERR_EXECUTION_POLICY: { kind: "invalid", status: 422, title: "The execution policy cannot be rendered" },
  ERR_CONTENT_TYPE: { kind: "invalid", status: 415, title: "The content type is not JSON" },
  ERR_CALLER_UNPROVEN: { kind: "denied", status: 401, title: "AWS proved no caller for this request" },
  ERR_TENANT_UNKNOWN: { kind: "denied", status: 403, title: "No tenant lists this caller" },
  ERR_TENANT_REMOVED: { kind: "denied", status: 403, title: "The tenant was removed" },
  ERR_TENANT_MISMATCH: { kind: "denied", status: 403, title: "The job request names another tenant" },
  ERR_ENVELOPE_NOT_ALLOWED: { kind: "denied", status: 403, title: "The queue is not configured for this envelope" },
  ERR_ENVELOPE_UNREADABLE: { kind: "invalid", status: 400, title: "The envelope cannot be read" },
  ERR_SUBMISSION_CONFLICT: { kind: "conflict", status: 422, title: "The request id was used for another job request" },
  ERR_TENANT_BUSY: { kind: "busy", status: 429, title: "Too many of the tenant's submissions wait" },
  ERR_BUDGET_SPENT: { kind: "denied", status: 403, title: "The tenant's budget of the month is spent" },
  ERR_QUERY_INVALID: { kind: "invalid", status: 400, title: "The query is not valid" },
  ERR_SUBMISSION_NOT_FOUND: { kind: "invalid", status: 404, title: "No such submission" },
  ERR_SUBMISSION_NOT_WAITING: { kind: "conflict", status: 409, title: "The submission does not wait any more" },
  ERR_SUBMISSION_ENDED: { kind: "conflict", status: 409, title: "The submission has ended" },
  ERR_SUBMISSION_NOT_RUNNABLE: {
    kind: "conflict",
    status: 409,
    title: "The submission has nothing that can be run again",
  },
  ERR_ROUTE_NOT_FOUND: { kind: "invalid", status: 404, title: "No such route" },
  ERR_METHOD_NOT_ALLOWED: { kind: "invalid", status: 405, title: "The route does not take this method" },
  ERR_EMR_REFUSED: { kind: "invalid", status: 422, title: "EMR Serverless refused the job run" },
  ERR_EMR_BUSY: { kind: "busy", status: 429, title: "EMR Serverless is throttling" },
  ERR_EMR_CONFLICT: { kind: "down", status: 503, title: "EMR Serverless reported a conflict" },
  ERR_EMR_DENIED: { kind: "down", status: 503, title: "Sluice may not start this job run" },
  ERR_JOB_RUN_MISSING: { kind: "down", status: 503, title: "EMR Serverless does not know the job run" },
  ERR_APPLICATION_NOT_FOUND: { kind: "down", status: 503, title: "The tenant's application does not exist" },
  ERR_EMR_DOWN: { kind: "down", status: 503, title: "EMR Serverless does not answer" },
  ERR_LEDGER_DOWN: { kind: "down", status: 503, title: "The ledger does not answer" },
  ERR_TENANT_UNREADABLE: { kind: "down", status: 503, title: "The tenant's record cannot be read" },
  ERR_EVENTS_DOWN: { kind: "down", status: 503, title: "The completion event could not be published" },
  ERR_JOB_RUN_UNKNOWN: { kind: "down", status: 503, title: "No submission is known for this job run yet" },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

interface ErrorDetails {
  readonly faults?: readonly Fault[];
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/** Longest message: it quotes keys and values of the caller's, and is stored, published and logged. */
const maxMessageLength = 4096;

/**
 * The one error class: `kind` decides what happens next, `faults` says everything that is wrong at once, as far as a
 * refusal can carry it.
 */
export class ServiceError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly faults: readonly Fault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(cut(message, maxMessageLength), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ServiceError";
    this.code = code;
    this.kind = errorTable[code].kind;
    this.faults = capped(details.faults ?? []);
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Whether trying the same request again can help. What we do not know is a bug, and is tried again. */
export const isPassing = (error: unknown): boolean =>
  !(error instanceof ServiceError) || error.kind === "busy" || error.kind === "down";
