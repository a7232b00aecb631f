import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { StartError } from "#domain/submission/start-error.ts";
import type { Refusal, Submission, WaitingFor } from "#domain/submission/submission.ts";
import type { Telling } from "#domain/submission/submissions.ts";
import type { Item } from "./ledger-items.ts";
import { type Change, change, placeholders } from "./submission-change.ts";
import { dueKeys, turnKeys } from "./submission-item.ts";

/** That the submission is that acceptance under its id: the first one has no number. */
export const isAcceptance = (acceptance: number | undefined): string =>
  acceptance === undefined ? "attribute_not_exists(acceptance)" : "acceptance = :acceptance";

export const acceptanceValue = (acceptance: number | undefined): Item =>
  acceptance === undefined ? {} : { ":acceptance": { N: String(acceptance) } };

/** The attributes of the sparse indexes go with the state that they stand for. */
const outOfTurn = "REMOVE turnTenant, turnKey";

/**
 * A waiting submission, or one that is starting where the lease that was seen still stands: whoever lets it run out is
 * not asked.
 */
export const claimChange = (
  { submissionId, state, leaseUntil: seen }: Submission,
  leaseUntil: string,
  startError: StartError | undefined,
): Change => {
  const lease = seen === undefined ? "attribute_not_exists(leaseUntil)" : "leaseUntil = :seen";
  return change(submissionId, "claim", {
    when: state === "waiting" ? "#state = :from" : `#state = :from AND ${lease}`,
    update: `SET #state = :starting, leaseUntil = :leaseUntil, dueShard = :dueShard, dueAt = :dueAt${
      startError === undefined ? "" : ", startError = :startError"
    } ${outOfTurn}, waitingFor${startError === undefined ? ", startError" : ""}`,
    values: {
      ":from": { S: state },
      ":starting": { S: "starting" },
      ":leaseUntil": { S: leaseUntil },
      ...(state !== "waiting" && seen !== undefined && { ":seen": { S: seen } }),
      ...(startError !== undefined && { ":startError": { S: JSON.stringify(startError) } }),
      ...placeholders(dueKeys("starting", submissionId, leaseUntil)),
    },
  });
};

export const giveBackChange = (seen: Submission, waitingFor: WaitingFor): Change =>
  change(seen.submissionId, "give back the turn of", {
    when: "#state = :starting AND leaseUntil = :leaseUntil",
    update:
      "SET #state = :waiting, waitingFor = :waitingFor, turnTenant = :turnTenant, turnKey = :turnKey, dueShard = :dueShard, dueAt = :dueAt REMOVE leaseUntil",
    values: {
      ":starting": { S: "starting" },
      ":waiting": { S: "waiting" },
      ":leaseUntil": { S: seen.leaseUntil ?? "" },
      ":waitingFor": { S: waitingFor },
      ...placeholders(turnKeys(seen)),
    },
  });

const due = "dueShard = :dueShard, dueAt = :dueAt";

export const cancelChange = (submissionId: string, cancelledAt: string, { event, dueAt }: Telling): Change =>
  change(submissionId, "record the cancellation of", {
    when: "#state = :waiting",
    update: `SET #state = :cancelled, cancelledAt = :cancelledAt, reason = :reason, endingEvent = :event, ${due} ${outOfTurn}, waitingFor`,
    values: {
      ":waiting": { S: "waiting" },
      ":cancelled": { S: "cancelled" },
      ":cancelledAt": { S: cancelledAt },
      ":reason": { S: "CANCELLED_BY_TENANT" },
      ":event": { S: JSON.stringify(event) },
      ...placeholders(dueKeys("ended", submissionId, dueAt)),
    },
  });

export const startChange = (
  submissionId: string,
  { jobRunId, startedAt, dueAt }: { readonly jobRunId: string; readonly startedAt: string; readonly dueAt: string },
  event: PublishedEvent | undefined,
): Change =>
  change(submissionId, "record the start of", {
    when: "#state = :starting",
    update: `SET #state = :started, jobRunId = :jobRunId, startedAt = :startedAt, ${due}${event === undefined ? "" : ", startedEvent = :event"}`,
    values: {
      ":starting": { S: "starting" },
      ":started": { S: "started" },
      ":jobRunId": { S: jobRunId },
      ":startedAt": { S: startedAt },
      ...(event !== undefined && { ":event": { S: JSON.stringify(event) } }),
      ...placeholders(dueKeys("started", submissionId, dueAt)),
    },
  });

/** The input stays: it is what EMR Serverless refused. */
export const refusalChange = (
  { submissionId, acceptance }: Pick<Submission, "submissionId" | "acceptance">,
  refusal: Refusal,
  { event, dueAt }: Telling,
): Change =>
  change(submissionId, "record the refusal of", {
    when: `#state = :starting AND ${isAcceptance(acceptance)}`,
    update: `SET #state = :refused, refusal = :refusal, endingEvent = :event, ${due}`,
    values: {
      ":starting": { S: "starting" },
      ":refused": { S: "refused" },
      ":refusal": { S: JSON.stringify(refusal) },
      ...acceptanceValue(acceptance),
      ":event": { S: JSON.stringify(event) },
      ...placeholders(dueKeys("ended", submissionId, dueAt)),
    },
  });
