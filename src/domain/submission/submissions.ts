import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { JobRun } from "./job-run.ts";
import type { Told } from "./outbox.ts";
import type { Reason } from "./reason.ts";
import type { StartError } from "./start-error.ts";
import type { NewSubmission, Submission, WaitingFor } from "./submission.ts";

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
