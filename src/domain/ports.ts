import type { StartJobRunInput } from "./plan/start-job-run-input.ts";
import type { Digest } from "./request/request-key.ts";
import type { JobRun } from "./submission/job-run.ts";
import type { NewSubmission, Submission } from "./submission/submission.ts";
import type { Proof, TenantSetup } from "./tenant/tenant-setup.ts";

/** Reads tenants. A tenant that cannot be read is an error, never an absent tenant. */
export interface Tenants {
  byId(tenantId: string): Promise<TenantSetup | undefined>;
  /** The tenants that list the proof: at most one, but for buckets. */
  provedBy(proof: Proof): Promise<readonly TenantSetup[]>;
}

/** What came of accepting a submission: it is the first of its key, or the first one is handed back. */
export type Acceptance = {
  readonly verdict: "accepted" | "repeat" | "conflict";
  readonly submission: Submission;
};

/**
 * The ledger. Each method is one conditional write on one item (or one read), and may be repeated after a crash.
 */
export interface Submissions {
  /**
   * Stores a new submission unless its id is taken. The same fingerprint in the same tenant is a repeat, anything else
   * a conflict. A refused submission gives way under its key, to another job request and to the same one where it is not
   * refused any more: nothing ran.
   */
  accept(submission: NewSubmission): Promise<Acceptance>;
  /** starting → started. Storing the same job run again changes nothing. */
  recordStart(submissionId: string, started: { jobRunId: string; startedAt: string }): Promise<Submission>;
  /** starting → refused, for what EMR Serverless itself refuses. */
  recordRefusal(submissionId: string, refusal: NonNullable<Submission["refusal"]>): Promise<Submission>;
  /**
   * started → completed, once: the first ending stays, and is handed back to whoever comes later. A `starting` one
   * completes as well, because an event can be faster than our own record of the start.
   */
  recordEnd(submissionId: string, ended: { jobRun: JobRun; completedAt: string }): Promise<Submission>;
  /**
   * Marks the ending of this very submission as published. It changes nothing where another job request took the place
   * of a refused one by then: that one's own ending is still to be published.
   */
  recordPublished(
    ended: Pick<Submission, "submissionId" | "state" | "fingerprint">,
    publishedAt: string,
  ): Promise<void>;
  get(submissionId: string): Promise<Submission | undefined>;
  byJobRun(applicationId: string, jobRunId: string): Promise<Submission | undefined>;
}

/** EMR Serverless. Errors come as ServiceErrors by what follows from them; an unknown one comes as it is. */
export interface JobRuns {
  start(input: StartJobRunInput): Promise<{ readonly jobRunId: string }>;
  get(applicationId: string, jobRunId: string): Promise<JobRun>;
}

/** An event as it is published: a CloudEvents 1.0 document under a detail-type. */
export interface PublishedEvent {
  readonly detailType: string;
  readonly time: string;
  readonly resources: readonly string[];
  readonly detail: CloudEvent;
}

/** CloudEvents 1.0 in its JSON form. */
export interface CloudEvent {
  readonly specversion: "1.0";
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: "application/json";
  readonly data: unknown;
}

/** Publishes at least once; resolves when every destination has taken the event. */
export interface Events {
  publish(event: PublishedEvent, destination: { readonly queueUrl?: string }): Promise<void>;
}

/** All that the domain needs from outside. */
export interface Services {
  readonly tenants: Tenants;
  readonly submissions: Submissions;
  readonly jobRuns: JobRuns;
  readonly events: Events;
  /** The time as an ISO 8601 text in UTC with milliseconds. */
  now(): string;
  /** A new unguessable id of `[A-Za-z0-9-]`, at most 36 characters. */
  newId(): string;
  readonly digest: Digest;
}
