import type { ErrorCode } from "#domain/errors.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Fault } from "#domain/fault.ts";
import type { Change, StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRun } from "./job-run.ts";
import type { Outbox } from "./outbox.ts";
import type { Reason } from "./reason.ts";
import type { StartError } from "./start-error.ts";

/** Where job requests enter. */
export type Door = "http" | "queue" | "events";

/**
 * A submission is accepted either `starting`, where a slot and a token were there and nobody waited before it, or
 * `waiting` for its turn. Its frozen input is stored with it, before StartJobRun is called.
 * `waiting → starting` is the dispatcher's claim. Whoever makes a submission starting holds it until `leaseUntil`; after
 * that, whoever finds it may claim it anew and call again with the same token and the same bytes.
 * `starting → waiting` gives a turn back: where EMR Serverless throttled, where the slot is gone, and before one is cancelled
 * whose starts were all denied.
 * It is `started` once its job run id is stored, and `completed` once its job run has ended and the ending is stored.
 * A `refused` one never had a job run, and a `cancelled` one was waiting when it was cancelled: neither will start.
 */
export type SubmissionState = "waiting" | "starting" | "started" | "completed" | "refused" | "cancelled";

/** Why a submission waits: its tenant's slots are taken, the account's rate is used up, or starts are suspended. */
export type WaitingFor = "tenant-slots" | "account-rate" | "tenant-suspended";

/** What is known of a submission from its acceptance on. */
interface Accepted {
  readonly submissionId: string;
  readonly tenantId: string;
  readonly door: Door;
  /** Who sent it, as AWS proved them. */
  readonly caller: string;
  readonly requestId?: string;
  readonly jobTemplate?: string;
  /** The submission that this one runs again, on purpose. */
  readonly rerunOf?: string;
  /** Digest of the job request: the same key with another fingerprint is a conflict. */
  readonly fingerprint: string;
  /** Short digests of the job request's values by JSON pointer: a conflict names those that differ. */
  readonly fieldDigests?: Readonly<Record<string, string>>;
  readonly acceptedAt: string;
  /** Which one under this id it is, where refused ones gave way to it: 2 or more. Absent, it is the first. */
  readonly acceptance?: number;
  /** SHA-256 of the job request's parameters as canonical JSON, in hex: the same values have the same one. */
  readonly parametersSha256?: string;
  /** The token of the Step Functions task that waits for the end: a secret, and gone once the task was told. */
  readonly taskToken?: string;
}

/** A refusal as it is stored and published: the same document that an HTTP caller would have got. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly Fault[];
}

interface Planned extends Accepted {
  /** JSON of the StartJobRun input, frozen: it is sent as it is, however often it is sent. */
  readonly input: string;
  readonly changes: readonly Change[];
  /** 0 to 9; 9 goes first among the tenant's waiting submissions. */
  readonly priority: number;
  /** SHA-256 of the execution policy, in hex as in events, and the id of the proof that it was held against. */
  readonly executionPolicySha256?: string;
  readonly proofId?: string;
  /** The tenant asks to be told of its starts. */
  readonly tellStart?: boolean;
}

export interface StartingSubmission extends Planned {
  readonly state: "starting";
  /** Until then nobody else starts it. */
  readonly leaseUntil: string;
}

export interface WaitingSubmission extends Planned {
  readonly state: "waiting";
  readonly waitingFor: WaitingFor;
}

export interface RefusedSubmission extends Accepted {
  readonly state: "refused";
  readonly refusal: Refusal;
  /** Its event, to be published, and when somebody must look whether it was: both where the refusal is stored. */
  readonly outbox?: Outbox;
  readonly dueAt?: string;
}

export type NewSubmission = StartingSubmission | WaitingSubmission | RefusedSubmission;

export interface Submission extends Accepted {
  readonly state: SubmissionState;
  readonly input?: string;
  readonly changes?: readonly Change[];
  readonly refusal?: Refusal;
  readonly priority?: number;
  readonly executionPolicySha256?: string;
  readonly proofId?: string;
  readonly tellStart?: boolean;
  readonly leaseUntil?: string;
  /** Why its last start failed, and since when a call may have made a job run. It is kept while it is tried again. */
  readonly startError?: StartError;
  readonly waitingFor?: WaitingFor;
  readonly cancelledAt?: string;
  readonly applicationId?: string;
  readonly jobRunId?: string;
  readonly startedAt?: string;
  /** The job run as it was last seen; of a completed submission, as it was when it ended. */
  readonly jobRun?: JobRun;
  /** When its tenant asked to cancel the job run. */
  readonly cancelRequestedAt?: string;
  /** Since when EMR Serverless does not know the job run any more. */
  readonly missingSince?: string;
  readonly completedAt?: string;
  /** Why it ended so: where the job run's state alone does not say it. */
  readonly reason?: Reason;
  /** Events that are stored and not published yet. */
  readonly outbox?: Outbox;
  /** When somebody must look after it: absent while it waits or is starting, and once nothing is left to do. */
  readonly dueAt?: string;
  /** When the ending was published; absent until it was. */
  readonly publishedAt?: string;
  /** The ending that a task was told when it was published: one that comes later is told the same. */
  readonly toldEvent?: PublishedEvent;
  /** When it may be forgotten, in seconds since 1970: set once nothing is left to do. */
  readonly expiresAt?: number;
}

/** The frozen input of a submission that has one. */
export const frozenInput = ({ submissionId, input }: Submission): StartJobRunInput => {
  if (input === undefined) throw new Error(`Submission ${submissionId} has no StartJobRun input, this is a bug`);
  const frozen: StartJobRunInput = JSON.parse(input);
  return frozen;
};
