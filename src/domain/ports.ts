import type { Prices } from "./cost/prices.ts";
import type { PublishedEvent } from "./events/published-event.ts";
import type { StartJobRunInput } from "./plan/start-job-run-input.ts";
import type { Digest } from "./request/request-key.ts";
import type { JobRun } from "./submission/job-run.ts";
import type { Submissions } from "./submission/submissions.ts";
import type { Proof, TenantSetup } from "./tenant/tenant-setup.ts";
import type { Starts } from "./turns/starts.ts";
import type { Usage } from "./usage/usage.ts";

/** Reads tenants. A tenant that cannot be read is an error, never an absent tenant. */
export interface Tenants {
  byId(tenantId: string): Promise<TenantSetup | undefined>;
  /**
   * The tenants that list the proof and fit: at most one, but for buckets. Where none fits and one that may list it cannot
   * be read, that is an error.
   */
  provedBy(proof: Proof, fits?: (setup: TenantSetup) => boolean): Promise<readonly TenantSetup[]>;
}

/** Job runs by their names, and the page to look through next. */
export interface JobRunPage {
  readonly jobRunIds: ReadonlyMap<string, string>;
  readonly nextPage?: string;
}

/** EMR Serverless, one call of its API a method. Errors come as ServiceErrors by what follows from them; an unknown one comes as it is. */
export interface JobRuns {
  start(input: StartJobRunInput): Promise<{ readonly jobRunId: string }>;
  /** ERR_JOB_RUN_MISSING where EMR Serverless does not know the job run. */
  get(applicationId: string, jobRunId: string): Promise<JobRun>;
  /** Asks to cancel. It resolves also where the job run has ended by then: who asks for it learns that. */
  cancel(applicationId: string, jobRunId: string): Promise<void>;
  /** One page of the job runs of the input's application and mode that were created since then, the newest first. */
  list(input: StartJobRunInput, since: string, page?: string): Promise<JobRunPage>;
}

/** Where an event goes besides the bus. */
export interface Destinations {
  /** The tenant's own queue. */
  readonly queueUrl?: string;
  /** The Step Functions task that waits for this end: a bearer secret. */
  readonly taskToken?: string;
}

export interface Events {
  /**
   * Publishes at least once: on the bus, then to the queue, then to the task. One that fails keeps the event from none of
   * the others. Resolves when every destination has taken the event, or never will.
   */
  publish(event: PublishedEvent, destinations: Destinations): Promise<void>;
  /** Tells a task alone of an end that is published already. */
  tellTask(event: PublishedEvent, taskToken: string): Promise<void>;
}

/** All that the domain needs from outside. */
export interface Services {
  readonly tenants: Tenants;
  readonly submissions: Submissions;
  readonly starts: Starts;
  readonly jobRuns: JobRuns;
  readonly events: Events;
  readonly prices: Prices;
  readonly usage: Usage;
  /** Tells the dispatcher that there is work. Losing the call delays, and loses nothing. */
  wake(): Promise<void>;
  /** The time as an ISO 8601 text in UTC with milliseconds. */
  now(): string;
  /** The time so many milliseconds from now. */
  later(milliseconds: number): string;
  /** Resolves at that time. */
  pauseUntil(time: string): Promise<void>;
  /** A new unguessable id of `[A-Za-z0-9-]`, at most 36 characters. */
  newId(): string;
  readonly digest: Digest;
  /**
   * Tenants whose submissions had to wait for a slot when this function last asked for one. It saves requests and decides
   * nothing.
   */
  readonly crowded: Set<string>;
  /** How long a submission is kept after nothing is left to do for it, in milliseconds. */
  readonly retentionMs: number;
  /** How long a job run may be without news until it is asked for, in milliseconds, where there are not too many. */
  readonly lookMs: number;
  /** How many job runs may be asked for in a second: the account's rate of GetJobRun. */
  readonly looksPerSecond: number;
}
