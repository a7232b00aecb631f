import type { CreateApplicationInput, StartJobRunInput } from "./constraints.ts";

/**
 * Everything that the embedded EMR Serverless knows, as plain JSON values: it can be kept on disk and taken up again.
 * Times are epoch milliseconds. What waits for a moment is a timer in here too, never only a callback.
 */
export interface State {
  readonly applications: Record<string, ApplicationRecord>;
  readonly jobRuns: Record<string, JobRunRecord>;
  /** Client tokens seen, by operation and token: "StartJobRun:<token>". */
  readonly tokens: Record<string, TokenRecord>;
  readonly buckets: Record<string, BucketRecord>;
  readonly timers: Record<string, Timer>;
  /** Events that wait for the next one to overtake them. */
  readonly heldEvents: EmrEvent[];
  /** Grows with everything made: the order of creation. */
  sequence: number;
}

export type ApplicationState = "CREATING" | "CREATED" | "STARTING" | "STARTED" | "STOPPING" | "STOPPED" | "TERMINATED";

export type JobRunState =
  | "SUBMITTED"
  | "QUEUED"
  | "PENDING"
  | "SCHEDULED"
  | "RUNNING"
  | "SUCCESS"
  | "FAILED"
  | "CANCELLING"
  | "CANCELLED";

export interface ApplicationRecord {
  readonly applicationId: string;
  readonly arn: string;
  readonly sequence: number;
  readonly createdAt: number;
  updatedAt: number;
  state: ApplicationState;
  readonly settings: Omit<CreateApplicationInput, "clientToken" | "tags">;
  tags: Readonly<Record<string, string>>;
  /** Its job runs that have not ended: before their turn, in line for a concurrent run, and holding one. */
  submitted: string[];
  queued: string[];
  active: string[];
}

export interface Utilization {
  readonly vCPUHour: number;
  readonly memoryGBHour: number;
  readonly storageGBHour: number;
}

export interface AttemptRecord {
  readonly attempt: number;
  readonly createdAt: number;
  updatedAt: number;
  state: JobRunState;
  stateDetails: string;
  startedAt?: number;
  endedAt?: number;
  /** The end of the interval that the last utilization event told of, and its running totals. */
  reportedUntil?: number;
  total?: Utilization;
  billed?: Utilization;
}

export interface JobRunRecord {
  readonly jobRunId: string;
  readonly applicationId: string;
  readonly arn: string;
  readonly sequence: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly releaseLabel: string;
  readonly type: string;
  readonly input: Omit<StartJobRunInput, "clientToken" | "tags">;
  tags: Readonly<Record<string, string>>;
  readonly attempts: AttemptRecord[];
  queuedAt?: number;
  queuedMs: number;
  /** Why the job run is being cancelled; becomes its state details. */
  cancelReason?: string;
}

interface TokenRecord {
  readonly fingerprint: string;
  readonly id: string;
}

interface BucketRecord {
  readonly tokens: number;
  readonly at: number;
}

interface Timer {
  readonly at: number;
  readonly task: Task;
}

export type Task =
  | { readonly kind: "advance" | "queueTimeout" | "runTimeout" | "utilization"; readonly jobRunId: string }
  | { readonly kind: "application" | "autoStop"; readonly applicationId: string }
  | { readonly kind: "event"; readonly event: EmrEvent }
  | { readonly kind: "heldEvents" };

/** What goes to EventBridge; the envelope's account, Region, source and version are the bus's to add. */
export interface EmrEvent {
  readonly id: string;
  readonly detailType: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly resources: readonly string[];
  /** As in the envelope: ISO 8601 in whole seconds. */
  readonly time: string;
}

export function emptyState(): State {
  return { applications: {}, jobRuns: {}, tokens: {}, buckets: {}, timers: {}, heldEvents: [], sequence: 0 };
}

/** The keys of a part that is a table; a part that is one value has the key "". */
export function stateKeys(state: Readonly<State>, part: keyof State): string[] {
  const value = state[part];
  return typeof value === "number" || Array.isArray(value) ? [""] : Object.keys(value);
}

const terminalStates: readonly JobRunState[] = ["SUCCESS", "FAILED", "CANCELLED"];

export function isTerminal(state: JobRunState): boolean {
  return terminalStates.includes(state);
}

export function latestAttempt(run: JobRunRecord): AttemptRecord {
  const attempt = run.attempts.at(-1);
  if (!attempt) throw new Error(`Cannot read the latest attempt of job run "${run.jobRunId}": it has none`);
  return attempt;
}
