import type { JobRun } from "#domain/submission/job-run.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Afterwards, Submissions, Telling } from "#domain/submission/submissions.ts";
import type { Item } from "./ledger-items.ts";
import { type Change, change, placeholders } from "./submission-change.ts";
import { acceptanceValue, isAcceptance } from "./submission-changes.ts";
import { dueKeys, eventAttributes } from "./submission-item.ts";

const due = "dueShard = :dueShard, dueAt = :dueAt";
const undue = "REMOVE dueShard, dueAt";

/** The job run as it was seen: whoever learned more of it meanwhile is not overwritten. */
const asSeen = ({ jobRun }: Submission): { readonly when: string; readonly values: Item } =>
  jobRun === undefined
    ? { when: "attribute_not_exists(jobRun)", values: {} }
    : { when: "jobRun = :seenJobRun", values: { ":seenJobRun": { S: JSON.stringify(jobRun) } } };

export const postponeChange = (seen: Submission, dueAt: string, missingSince: string | undefined): Change =>
  change(seen.submissionId, "put off the next look at", {
    when: "#state = :state AND dueAt = :seen",
    update: `SET dueAt = :dueAt${missingSince === undefined ? "" : ", missingSince = :missingSince"}`,
    values: {
      ":state": { S: seen.state },
      ":seen": { S: seen.dueAt ?? "" },
      ":dueAt": { S: dueAt },
      ...(missingSince !== undefined && { ":missingSince": { S: missingSince } }),
    },
  });

export const newsChange = (seen: Submission, jobRun: JobRun, dueAt: string): Change => {
  const { when, values } = asSeen(seen);
  return change(seen.submissionId, "record the job run of", {
    when: `#state = :started AND jobRunId = :jobRunId AND ${when}`,
    update: `SET jobRun = :jobRun, ${due} REMOVE missingSince`,
    values: {
      ...values,
      ":started": { S: "started" },
      ":jobRunId": { S: jobRun.jobRunId },
      ":jobRun": { S: JSON.stringify(jobRun) },
      ...placeholders(dueKeys("started", seen.submissionId, dueAt)),
    },
  });
};

export const cancelRequestChange = (submissionId: string, cancelRequestedAt: string): Change =>
  change(submissionId, "record that the job run is to be cancelled of", {
    when: "#state = :started AND attribute_not_exists(cancelRequestedAt)",
    update: "SET cancelRequestedAt = :at, dueAt = :at",
    values: { ":started": { S: "started" }, ":at": { S: cancelRequestedAt } },
  });

/**
 * Also completes a submission that is still `starting`: it takes a job run of the frozen input's application, and the
 * time at which EMR Serverless created it as the start.
 */
export const endChange = (
  submissionId: string,
  { jobRun, completedAt, reason }: Parameters<Submissions["recordEnd"]>[1],
  { event, dueAt }: Telling,
): Change =>
  change(submissionId, "record the end of", {
    when: "applicationId = :applicationId AND (#state = :starting OR (#state = :started AND jobRunId = :jobRunId))",
    update: `SET #state = :completed, jobRunId = :jobRunId, jobRun = :jobRun, completedAt = :completedAt, reason = :reason, endingEvent = :event, startedAt = if_not_exists(startedAt, :createdAt), ${due}`,
    values: {
      ":starting": { S: "starting" },
      ":started": { S: "started" },
      ":completed": { S: "completed" },
      ":applicationId": { S: jobRun.applicationId },
      ":jobRunId": { S: jobRun.jobRunId },
      ":jobRun": { S: JSON.stringify(jobRun) },
      ":completedAt": { S: completedAt },
      ":reason": { S: reason },
      ":event": { S: JSON.stringify(event) },
      ":createdAt": { S: jobRun.createdAt },
      ...placeholders(dueKeys("ended", submissionId, dueAt)),
    },
  });

export const goneChange = ({ submissionId }: Submission, completedAt: string, { event, dueAt }: Telling): Change =>
  change(submissionId, "record the end of", {
    when: "#state = :started AND attribute_exists(missingSince)",
    update: `SET #state = :completed, completedAt = :completedAt, reason = :reason, endingEvent = :event, ${due}`,
    values: {
      ":started": { S: "started" },
      ":completed": { S: "completed" },
      ":completedAt": { S: completedAt },
      ":reason": { S: "JOB_RUN_GONE" },
      ":event": { S: JSON.stringify(event) },
      ...placeholders(dueKeys("ended", submissionId, dueAt)),
    },
  });

export const costChange = (seen: Submission, jobRun: JobRun, { event, dueAt }: Telling): Change => {
  const { when, values } = asSeen(seen);
  return change(seen.submissionId, "record the cost of", {
    when: `#state = :completed AND ${when} AND attribute_not_exists(costEvent)`,
    update: `SET jobRun = :jobRun, costEvent = :event, ${due}`,
    values: {
      ...values,
      ":completed": { S: "completed" },
      ":jobRun": { S: JSON.stringify(jobRun) },
      ":event": { S: JSON.stringify(event) },
      ...placeholders(dueKeys("ended", seen.submissionId, dueAt)),
    },
  });
};

/** The task that was told, or none: another may wait by now. */
const asTold = (taskToken: string | undefined): { readonly when: string; readonly values: Item } =>
  taskToken === undefined
    ? { when: "attribute_not_exists(taskToken)", values: {} }
    : { when: "taskToken = :taskToken", values: { ":taskToken": { S: taskToken } } };

/** Only the very event: another submission may have taken the place of a refused one. */
export const publishedChange = (
  submissionId: string,
  { kind, event, publishedAt, taskToken }: Parameters<Submissions["recordPublished"]>[1],
  { dueAt, expiresAt }: Afterwards = {},
): Change => {
  const attribute = eventAttributes[kind];
  const set: Item = {
    ...(kind === "ending" && { publishedAt: { S: publishedAt } }),
    ...(kind === "ending" && taskToken !== undefined && { toldEvent: { S: JSON.stringify(event) } }),
    ...(dueAt !== undefined && { dueAt: { S: dueAt } }),
    ...(expiresAt !== undefined && { expiresAt: { N: String(expiresAt) } }),
  };
  const sets = Object.keys(set).map((name) => `${name} = :${name}`);
  const removes = [
    attribute,
    ...(kind === "ending" ? [eventAttributes.started, "taskToken"] : []),
    ...(expiresAt === undefined ? [] : ["dueShard", "dueAt"]),
  ];
  const told = kind === "ending" ? asTold(taskToken) : undefined;
  return change(submissionId, "record as published an event of", {
    when: `${attribute} = :event${told === undefined ? "" : ` AND ${told.when}`}`,
    update: `${sets.length === 0 ? "" : `SET ${sets.join(", ")} `}REMOVE ${removes.join(", ")}`,
    values: { ...placeholders(set), ...told?.values, ":event": { S: JSON.stringify(event) } },
  });
};

const owesNothing = Object.values(eventAttributes)
  .map((attribute) => `attribute_not_exists(${attribute})`)
  .join(" AND ");

export const doneChange = (seen: Submission, expiresAt: number): Change =>
  change(seen.submissionId, "record that nothing is left to do for", {
    when: `#state = :state AND dueAt = :seen AND ${owesNothing}`,
    update: `SET expiresAt = :expiresAt ${undue}`,
    values: {
      ":state": { S: seen.state },
      ":seen": { S: seen.dueAt ?? "" },
      ":expiresAt": { N: String(expiresAt) },
    },
  });

export const taskChange = (
  { submissionId, acceptance }: Parameters<Submissions["replaceTask"]>[0],
  taskToken: string,
): Change =>
  change(submissionId, "record the task that waits for", {
    when: `attribute_exists(pk) AND attribute_not_exists(publishedAt) AND ${isAcceptance(acceptance)}`,
    update: "SET taskToken = :taskToken",
    values: { ":taskToken": { S: taskToken }, ...acceptanceValue(acceptance) },
  });
