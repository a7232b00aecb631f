import type { ErrorCode } from "#domain/errors.ts";
import type { Fault } from "#domain/fault.ts";
import type { Change, StartJobRunInput } from "#domain/plan/start-job-run-input.ts";
import type { JobRun } from "./job-run.ts";

/** Where job requests enter. */
export type Door = "http" | "queue" | "events";

/**
 * A submission is `starting` from the moment that it is accepted: its frozen input is stored before StartJobRun is
 * called, so whoever finds it starting may call again with the same token and the same bytes.
 * It is `started` once its job run id is stored, and `completed` once its job run has ended and the ending is stored.
 * A `refused` one never had a job run: its refusal is stored in place of an input.
 * `waiting` and `cancelled` are for turns: nothing makes them yet.
 */
export type SubmissionState = "waiting" | "starting" | "started" | "completed" | "refused" | "cancelled";

/** What is known of a submission from its acceptance on. */
interface Accepted {
  readonly submissionId: string;
  readonly tenantId: string;
  readonly door: Door;
  /** Who sent it, as AWS proved them. */
  readonly caller: string;
  readonly requestId?: string;
  readonly jobTemplate?: string;
  /** Digest of the job request: the same key with another fingerprint is a conflict. */
  readonly fingerprint: string;
  readonly acceptedAt: string;
}

/** A refusal as it is stored and published: the same document that an HTTP caller would have got. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly faults: readonly Fault[];
}

export interface StartingSubmission extends Accepted {
  readonly state: "starting";
  /** JSON of the StartJobRun input, frozen: it is sent as it is, however often it is sent. */
  readonly input: string;
  readonly changes: readonly Change[];
}

export interface RefusedSubmission extends Accepted {
  readonly state: "refused";
  readonly refusal: Refusal;
}

export type NewSubmission = StartingSubmission | RefusedSubmission;

export interface Submission extends Accepted {
  readonly state: SubmissionState;
  readonly input?: string;
  readonly changes?: readonly Change[];
  readonly refusal?: Refusal;
  readonly applicationId?: string;
  readonly jobRunId?: string;
  readonly startedAt?: string;
  /** The job run as it was when it ended. */
  readonly jobRun?: JobRun;
  readonly completedAt?: string;
  /** When the ending was published; absent until it was. */
  readonly publishedAt?: string;
}

/** The frozen input of a submission that has one. */
export const frozenInput = ({ submissionId, input }: Submission): StartJobRunInput => {
  if (input === undefined) throw new Error(`Submission ${submissionId} has no StartJobRun input, this is a bug`);
  const frozen: StartJobRunInput = JSON.parse(input);
  return frozen;
};
