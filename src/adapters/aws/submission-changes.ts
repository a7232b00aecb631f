import type { Submissions } from "#domain/ports.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import type { Refusal, Submission, WaitingFor } from "#domain/submission/submission.ts";
import type { Item, ItemChange } from "./ledger-items.ts";
import { dueKeys, submissionKey, turnKeys } from "./submission-item.ts";

/** `state` is a reserved word (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB"). */
const names = { "#state": "state" };

/** One conditional update of one submission. */
export type Change = ItemChange & { readonly submissionId: string };

const change = (submissionId: string, task: string, what: Pick<ItemChange, "when" | "update" | "values">): Change => ({
  ...what,
  submissionId,
  key: submissionKey(submissionId),
  task: `${task} submission "${submissionId}"`,
  names,
});

/** That the submission is that acceptance under its id: the first one has no number. */
export const isAcceptance = (acceptance: number | undefined): string =>
  acceptance === undefined ? "attribute_not_exists(acceptance)" : "acceptance = :acceptance";

export const acceptanceValue = (acceptance: number | undefined): Item =>
  acceptance === undefined ? {} : { ":acceptance": { N: String(acceptance) } };

/** The attributes of the sparse indexes go with the state that they stand for. */
const undue = "REMOVE dueShard, dueAt";
const outOfTurn = "REMOVE turnTenant, turnKey";

/**
 * A waiting submission, or one that is starting where the lease that was seen still stands: whoever lets it run out is
 * not asked.
 */
export const claimChange = ({ submissionId, state, leaseUntil: seen }: Submission, leaseUntil: string): Change => {
  const lease = seen === undefined ? "attribute_not_exists(leaseUntil)" : "leaseUntil = :seen";
  return change(submissionId, "claim", {
    when: state === "waiting" ? "#state = :from" : `#state = :from AND ${lease}`,
    update: `SET #state = :starting, leaseUntil = :leaseUntil, dueShard = :dueShard, dueAt = :dueAt ${outOfTurn}, waitingFor`,
    values: {
      ":from": { S: state },
      ":starting": { S: "starting" },
      ":leaseUntil": { S: leaseUntil },
      ...(state !== "waiting" && seen !== undefined && { ":seen": { S: seen } }),
      ...placeholders(dueKeys(submissionId, leaseUntil)),
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

export const cancelChange = (submissionId: string, cancelledAt: string): Change =>
  change(submissionId, "record the cancellation of", {
    when: "#state = :waiting",
    update: `SET #state = :cancelled, cancelledAt = :cancelledAt ${outOfTurn}, dueShard, dueAt, waitingFor`,
    values: {
      ":waiting": { S: "waiting" },
      ":cancelled": { S: "cancelled" },
      ":cancelledAt": { S: cancelledAt },
    },
  });

export const startChange = (
  submissionId: string,
  { jobRunId, startedAt }: { readonly jobRunId: string; readonly startedAt: string },
): Change =>
  change(submissionId, "record the start of", {
    when: "#state = :starting",
    update: `SET #state = :started, jobRunId = :jobRunId, startedAt = :startedAt ${undue}`,
    values: {
      ":starting": { S: "starting" },
      ":started": { S: "started" },
      ":jobRunId": { S: jobRunId },
      ":startedAt": { S: startedAt },
    },
  });

/** The input stays: it is what EMR Serverless refused. */
export const refusalChange = (
  { submissionId, acceptance }: Pick<Submission, "submissionId" | "acceptance">,
  refusal: Refusal,
): Change =>
  change(submissionId, "record the refusal of", {
    when: `#state = :starting AND ${isAcceptance(acceptance)}`,
    update: `SET #state = :refused, refusal = :refusal ${undue}`,
    values: {
      ":starting": { S: "starting" },
      ":refused": { S: "refused" },
      ":refusal": { S: JSON.stringify(refusal) },
      ...acceptanceValue(acceptance),
    },
  });

/**
 * Also completes a submission that is still `starting`: it takes a job run of the frozen input's application, and the
 * time at which EMR Serverless created it as the start.
 */
export const endChange = (
  submissionId: string,
  { jobRun, completedAt }: { readonly jobRun: JobRun; readonly completedAt: string },
): Change =>
  change(submissionId, "record the end of", {
    when: "applicationId = :applicationId AND (#state = :starting OR (#state = :started AND jobRunId = :jobRunId))",
    update: `SET #state = :completed, jobRunId = :jobRunId, jobRun = :jobRun, completedAt = :completedAt, startedAt = if_not_exists(startedAt, :createdAt) ${undue}`,
    values: {
      ":starting": { S: "starting" },
      ":started": { S: "started" },
      ":completed": { S: "completed" },
      ":applicationId": { S: jobRun.applicationId },
      ":jobRunId": { S: jobRun.jobRunId },
      ":jobRun": { S: JSON.stringify(jobRun) },
      ":completedAt": { S: completedAt },
      ":createdAt": { S: jobRun.createdAt },
    },
  });

/** Only the very submission that ended: another may have taken the place of a refused one. */
export const publishedChange = (
  { submissionId, state, fingerprint, acceptedAt }: Parameters<Submissions["recordPublished"]>[0],
  publishedAt: string,
): Change =>
  change(submissionId, "record as published the end of", {
    when: "#state = :state AND fingerprint = :fingerprint AND acceptedAt = :acceptedAt AND attribute_not_exists(publishedAt)",
    update: "SET publishedAt = :publishedAt",
    values: {
      ":state": { S: state },
      ":fingerprint": { S: fingerprint },
      ":acceptedAt": { S: acceptedAt },
      ":publishedAt": { S: publishedAt },
    },
  });

const placeholders = (item: Item): Item =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [`:${name}`, value]));
