import type { Prices } from "./cost/prices.ts";
import type { PublishedEvent } from "./events/published-event.ts";
import type { StartJobRunInput } from "./plan/start-job-run-input.ts";
import type { Digest } from "./request/request-key.ts";
import type { JobRun } from "./submission/job-run.ts";
import type { Told } from "./submission/outbox.ts";
import type { Reason } from "./submission/reason.ts";
import type { StartError } from "./submission/start-error.ts";
import type { NewSubmission, Submission, WaitingFor } from "./submission/submission.ts";
import type { Proof, TenantSetup } from "./tenant/tenant-setup.ts";
import type { TurnState } from "./turns/fair-turns.ts";
import type { Entry, Line, Tokens } from "./turns/line.ts";
import type { LimitedApi } from "./turns/token-bucket.ts";
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

/**
 * What came of accepting a submission: it is the first of its key, or the one that is stored is handed back.
 * `gives-way`: that one was refused, and the next acceptance may take its place.
 */
export type Acceptance = {
  readonly verdict: "accepted" | "repeat" | "conflict" | "gives-way";
  readonly submission: Submission;
};

/** An event that is stored with what it tells, and when somebody must look whether it was published. */
export interface Telling {
  readonly event: PublishedEvent;
  readonly dueAt: string;
}

/**
 * What somebody must look after, each kind in a list of its own so that none keeps another from being looked after:
 * `starting` ones whose lease ran out, `started` ones without news, `ended` ones that owe an event.
 */
export type DueKind = "starting" | "started" | "ended";

/** What follows a publication: the next look, or the time from which the submission may be forgotten. */
export interface Afterwards {
  readonly dueAt?: string;
  readonly expiresAt?: number;
}

/**
 * The ledger. Each method is one conditional write on one item (or one read), and may be repeated after a crash.
 */
export interface Submissions {
  /**
   * Stores a new submission unless its id is taken. The same fingerprint in the same tenant is a repeat, anything else
   * a conflict. A refused submission gives way under its key, to another job request and to the same one where it is not
   * refused any more: nothing ran. What takes its place says so by its `acceptance`, the next after the refused one's.
   */
  accept(submission: NewSubmission): Promise<Acceptance>;
  /**
   * waiting → starting, or starting → starting where the lease that was seen has run out: one claimant wins and gets the
   * submission, the others get nothing. Who claims it to let it rest until then says why by `startError`, and who starts
   * it again what may have come of earlier calls; who starts it for the first time takes that away.
   */
  claim(seen: Submission, leaseUntil: string, startError?: StartError): Promise<Submission | undefined>;
  /** starting → waiting, by the holder of the lease. Late, it changes nothing. */
  giveBack(seen: Submission, waitingFor: WaitingFor): Promise<Submission>;
  /** waiting → cancelled. What is not waiting any more stays as it is, and is handed back as `late`. */
  cancel(
    submissionId: string,
    cancelledAt: string,
    telling: Telling,
  ): Promise<{ readonly verdict: "cancelled" | "late"; readonly submission: Submission }>;
  /** The waiting submissions of a tenant in the order of their turns, at most so many. It may lag. */
  waiting(tenantId: string, limit: number): Promise<readonly Submission[]>;
  /** How many of a tenant's submissions wait. It may lag. */
  countWaiting(tenantId: string): Promise<number>;
  /** How many of the tenant's submissions have their turn before this one. It may lag. */
  ahead(submission: Submission): Promise<number>;
  /** The tenants of those that wait longest, so many submissions looked at. It may lag. */
  longestWaiting(submissions: number): Promise<readonly string[]>;
  /** Submissions of a kind that were due before `now`, oldest first, at most so many. It may lag. */
  due(kind: DueKind, now: string, limit: number): Promise<readonly Submission[]>;
  /** How many are due at any time: of `started`, how many job runs are active. It may lag. */
  countDue(kind: DueKind): Promise<number>;
  /** starting → started, for the submission that was seen. Storing the same job run again changes nothing. */
  recordStart(
    seen: Submission,
    started: { readonly jobRunId: string; readonly startedAt: string; readonly dueAt: string },
    event?: PublishedEvent,
  ): Promise<Submission>;
  /** starting → refused, for what EMR Serverless itself refuses. It changes nothing where another took its place. */
  recordRefusal(
    refused: Pick<Submission, "submissionId" | "acceptance">,
    refusal: NonNullable<Submission["refusal"]>,
    telling: Telling,
  ): Promise<Submission>;
  /**
   * Puts off the next look at a started or ended submission, where nobody has since it was seen: of many who look at
   * once, one gets the submission. `missingSince` notes that EMR Serverless does not know the job run.
   */
  postpone(seen: Submission, dueAt: string, missingSince?: string): Promise<Submission | undefined>;
  /** Stores what is known of an active job run, where it is still known as it was seen. */
  recordNews(seen: Submission, jobRun: JobRun, dueAt: string): Promise<Submission | undefined>;
  /** Notes that the tenant wants the job run cancelled, once: for a started submission only. It is due at once. */
  requestCancel(submissionId: string, cancelRequestedAt: string): Promise<Submission>;
  /**
   * started → completed, once: the first ending stays, and is handed back to whoever comes later. A `starting` one
   * completes as well, because an event can be faster than our own record of the start.
   */
  recordEnd(
    submissionId: string,
    ended: { readonly jobRun: JobRun; readonly completedAt: string; readonly reason: Reason },
    telling: Telling,
  ): Promise<Submission>;
  /** started → completed, without a job run that says how: EMR Serverless does not know it any more. */
  recordGone(seen: Submission, completedAt: string, telling: Telling): Promise<Submission>;
  /** Stores what a completed submission's job run cost, once, where that came after its end. */
  recordCost(seen: Submission, jobRun: JobRun, telling: Telling): Promise<Submission | undefined>;
  /**
   * Takes an event that was published out of the outbox, where it is the very same: another job request may have taken
   * the place of a refused one by then. The ending takes the start with it, which was published before, and leaves its
   * time and what comes afterwards. It takes the task that was told with it, keeps the event as that task's, and changes
   * nothing where another task waits by now.
   */
  recordPublished(
    submissionId: string,
    published: {
      readonly kind: Told;
      readonly event: PublishedEvent;
      readonly publishedAt: string;
      readonly taskToken?: string | undefined;
    },
    afterwards?: Afterwards,
  ): Promise<void>;
  /** Lets a submission that has ended and owes no event be forgotten from then on, where it is due as it was seen. */
  recordDone(seen: Submission, expiresAt: number): Promise<void>;
  /**
   * Lets a task wait for this very submission, in place of the one that did. It changes nothing where the ending is
   * published, and hands back what is stored.
   */
  replaceTask(seen: Pick<Submission, "submissionId" | "acceptance">, taskToken: string): Promise<Submission>;
  get(submissionId: string): Promise<Submission | undefined>;
  /** Submissions as they are now, by id. What is not there is left out; what nobody can read is there, and says so. */
  getAll(submissionIds: readonly string[]): Promise<ReadonlyMap<string, Submission | "unreadable">>;
  byJobRun(applicationId: string, jobRunId: string): Promise<Submission | undefined>;
}

/**
 * Slots, rate tokens and the order of turns. Each method is one conditional update of one item, but for the reads.
 * Slots are a set of names, one a submission (slotOf), so taking and freeing one may be repeated.
 */
export interface Starts {
  /** A door's way in: slots for as many as fit, in order, where nobody of the tenant waits and nothing is suspended. */
  enter(tenantId: string, slots: readonly string[], maxActive: number): Promise<Entry>;
  /** Counts so many more as waiting, unless that makes more than `maxWaiting`. */
  queueUp(tenantId: string, count: number, maxWaiting: number): Promise<boolean>;
  /**
   * Counts so many more as waiting behind others of the tenant, where somebody waits and nothing is suspended: `full` where
   * that makes more than `maxWaiting`, `unsure` where `enter` has to say.
   */
  queueBehind(tenantId: string, count: number, maxWaiting: number): Promise<"queued" | "full" | "unsure">;
  /** The dispatcher's way in: one less waits, one more is active. A submission that has a slot keeps it and counts once. */
  takeTurn(tenantId: string, slot: string, maxActive: number): Promise<"taken" | "full" | "suspended">;
  /** A turn back: one less is active, one more waits. Where the submission has no slot, nothing changes. */
  giveBack(tenantId: string, slot: string): Promise<void>;
  leave(tenantId: string, slots: readonly string[]): Promise<void>;
  /** Gives a started submission the slot back that it lost, whatever the limit; false where it has it. */
  restoreSlot(tenantId: string, slot: string): Promise<boolean>;
  /** Counts so many less as waiting. */
  leaveLine(tenantId: string, count: number): Promise<void>;
  line(tenantId: string): Promise<Line>;
  /** Puts the count of waiting right, where it still is what was read. */
  correctWaiting(tenantId: string, from: number, to: number): Promise<boolean>;
  /** Notes slots that no submission was found for, to be looked at again. */
  suspect(tenantId: string, slots: readonly string[], since: string): Promise<void>;
  /** Suspends a tenant's starts, or all, with a message that callers see; without a message they go on. */
  suspend(tenantId: string | "*", message: string | undefined): Promise<void>;
  /** Tenants of whom somebody waits. It may lag. */
  waitingTenants(): Promise<readonly string[]>;
  /** Tenants with active submissions, a page of them after `after`. It may lag. */
  activeTenants(after: string | undefined): Promise<readonly string[]>;
  /** Takes up to `wanted` tokens of an API's bucket. A door gets none while the dispatcher holds the bucket. */
  takeTokens(api: LimitedApi, wanted: number, by: "door" | "dispatcher"): Promise<Tokens>;
  /** Gives back tokens that were taken and not used: taken twice, they are lost; given back twice, AWS throttles. */
  returnTokens(api: LimitedApi, count: number): Promise<void>;
  /** Keeps the doors off StartJobRun's tokens until then, because somebody waits for them. */
  holdTokens(until: string): Promise<void>;
  /** Empties a bucket: AWS throttled all the same. */
  emptyBucket(api: LimitedApi): Promise<void>;
  /** Makes `owner` the only dispatcher until then, and hands it the order of turns; nothing where another is. */
  lead(owner: string, until: string): Promise<TurnState | undefined>;
  /** Keeps the order of turns and the lead; false where the lead was lost. An `until` of now gives the lead up. */
  keepTurns(owner: string, turns: TurnState, until: string): Promise<boolean>;
}

/** A job run that has the wanted name, or the page to look through next; neither, where there is none. */
export interface Found {
  readonly jobRunId?: string;
  readonly nextPage?: string;
}

/** EMR Serverless, one call of its API a method. Errors come as ServiceErrors by what follows from them; an unknown one comes as it is. */
export interface JobRuns {
  start(input: StartJobRunInput): Promise<{ readonly jobRunId: string }>;
  /** ERR_JOB_RUN_MISSING where EMR Serverless does not know the job run. */
  get(applicationId: string, jobRunId: string): Promise<JobRun>;
  /** Asks to cancel. It resolves also where the job run has ended by then: who asks for it learns that. */
  cancel(applicationId: string, jobRunId: string): Promise<void>;
  /** Looks through one page of the application's job runs for the one of that name, the newest first. */
  find(input: StartJobRunInput, since: string, page?: string): Promise<Found>;
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
