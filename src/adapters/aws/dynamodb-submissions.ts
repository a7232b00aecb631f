import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { judgeTaken } from "#domain/submission/acceptance.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import type { Submissions } from "#domain/submission/submissions.ts";
import {
  cancelRequestChange,
  costChange,
  doneChange,
  endChange,
  goneChange,
  newsChange,
  postponeChange,
  publishedChange,
  taskChange,
} from "./ending-changes.ts";
import { conditionalWrite } from "./ledger-call.ts";
import { type LedgerItems, ledgerItems } from "./ledger-items.ts";
import { byJobRunIndex } from "./ledger-table.ts";
import type { Change } from "./submission-change.ts";
import {
  acceptanceValue,
  cancelChange,
  claimChange,
  giveBackChange,
  isAcceptance,
  refusalChange,
  startChange,
} from "./submission-changes.ts";
import { submissionIdIn, submissionItem, submissionKey, submissionOf } from "./submission-item.ts";
import { submissionLists, type UnreadableSubmission } from "./submission-lists.ts";

/** What the first acceptance stores. The application is stored by itself, because the index needs it. */
const proposedBy = (submission: NewSubmission): Submission =>
  submission.state === "refused" ? submission : { ...submission, applicationId: frozenInput(submission).applicationId };

/** The acceptance that the proposed one takes the place of; the second one takes that of the first, which has no number. */
const before = (acceptance: number): number | undefined => (acceptance === 2 ? undefined : acceptance - 1);

/** Nothing may be stored under the id, or what is stored must be the refused one that the proposed one follows. */
const acceptCondition = ({ acceptance, tenantId, fingerprint, state }: Submission) => {
  if (acceptance === undefined) return { ConditionExpression: "attribute_not_exists(pk)" };
  const place = before(acceptance);
  return {
    ConditionExpression: `#state = :refused AND tenantId = :tenantId AND (fingerprint <> :fingerprint OR :refused <> :proposed) AND ${isAcceptance(place)}`,
    // A reserved word (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB").
    ExpressionAttributeNames: { "#state": "state" },
    ExpressionAttributeValues: {
      ":refused": { S: "refused" },
      ":proposed": { S: state },
      ":tenantId": { S: tenantId },
      ":fingerprint": { S: fingerprint },
      ...acceptanceValue(place),
    },
  };
};

/** Stores a submission unless its id is taken by another one than the refused one that it follows; says whether it did. */
const putWith =
  (client: DynamoDBClient, table: string) =>
  async (proposed: Submission): Promise<boolean> => {
    const command = new PutItemCommand({
      TableName: table,
      Item: submissionItem(proposed),
      ...acceptCondition(proposed),
    });
    const task = `accept submission "${proposed.submissionId}"`;
    return (await conditionalWrite(task, () => client.send(command))) !== undefined;
  };

const openLedger = (items: LedgerItems) => {
  const get = async (submissionId: string): Promise<Submission | undefined> => {
    const item = await items.get(submissionKey(submissionId), `read submission "${submissionId}"`);
    return item === undefined ? undefined : submissionOf(item);
  };

  /** Hands back the changed submission, or nothing where the condition does not hold. */
  const update = async (change: Change): Promise<Submission | undefined> => {
    const item = await items.update(change);
    return item === undefined ? undefined : submissionOf(item);
  };

  /** What is stored, for a change that came late. */
  const stored = async (change: Change): Promise<Submission> => {
    const found = await get(change.submissionId);
    if (found === undefined) throw new Error(`Cannot ${change.task}: the ledger does not have it`);
    return found;
  };

  const updateOrGet = async (change: Change): Promise<Submission> => (await update(change)) ?? (await stored(change));

  const findByJobRun = async (applicationId: string, jobRunId: string): Promise<string | undefined> => {
    const pages = items.pages({
      task: `find the submission of job run "${jobRunId}"`,
      index: byJobRunIndex,
      where: "jobRunId = :jobRunId AND applicationId = :applicationId",
      values: { ":jobRunId": { S: jobRunId }, ":applicationId": { S: applicationId } },
    });
    for await (const [entry] of pages) if (entry !== undefined) return submissionIdIn(entry);
    return undefined;
  };

  return { get, update, stored, updateOrGet, findByJobRun };
};

/** A submission that cannot end this way: it was refused, or another job run is its own. */
const strangeEnd = ({ submissionId, state, applicationId = "none", jobRunId = "none" }: Submission, jobRun: JobRun) =>
  new Error(
    `Cannot record the end of submission "${submissionId}" by job run "${jobRun.jobRunId}" of application "${jobRun.applicationId}": it is ${state}, with job run "${jobRunId}" of application "${applicationId}"`,
  );

/**
 * The ledger in DynamoDB. Each change is one conditional write on one item; where a condition does not hold, one
 * consistent read says what is stored.
 */
export const dynamodbSubmissions = (
  client: DynamoDBClient,
  table: string,
  onUnreadable: (unreadable: UnreadableSubmission) => void = () => undefined,
): Submissions => {
  const items = ledgerItems(client, table);
  const ledger = openLedger(items);
  const put = putWith(client, table);
  return {
    ...submissionLists(items, onUnreadable),
    get: ledger.get,
    async accept(submission) {
      const proposed = proposedBy(submission);
      if (await put(proposed)) return { verdict: "accepted", submission: proposed };
      const stored = await ledger.get(proposed.submissionId);
      if (stored === undefined)
        throw new Error(`Submission "${proposed.submissionId}" was deleted while it came again`);
      return judgeTaken(stored, proposed);
    },
    async claim(seen, leaseUntil, startError) {
      if (seen.state !== "waiting" && seen.state !== "starting") return undefined;
      return await ledger.update(claimChange(seen, leaseUntil, startError));
    },
    giveBack: async (seen, waitingFor) => await ledger.updateOrGet(giveBackChange(seen, waitingFor)),
    async cancel(submissionId, cancelledAt, telling) {
      const change = cancelChange(submissionId, cancelledAt, telling);
      const cancelled = await ledger.update(change);
      if (cancelled !== undefined) return { verdict: "cancelled", submission: cancelled };
      return { verdict: "late", submission: await ledger.stored(change) };
    },
    async recordStart(seen, started, event) {
      const change = startChange(seen.submissionId, started, event);
      if (!(await items.write(change))) return await ledger.stored(change);
      return { ...seen, ...started, state: "started", ...(event !== undefined && { outbox: { started: event } }) };
    },
    recordRefusal: async (refused, refusal, telling) =>
      await ledger.updateOrGet(refusalChange(refused, refusal, telling)),
    postpone: async (seen, dueAt, missingSince) => await ledger.update(postponeChange(seen, dueAt, missingSince)),
    recordNews: async (seen, jobRun, dueAt) => await ledger.update(newsChange(seen, jobRun, dueAt)),
    requestCancel: async (submissionId, at) => await ledger.updateOrGet(cancelRequestChange(submissionId, at)),
    async recordEnd(submissionId, ended, telling) {
      const stored = await ledger.updateOrGet(endChange(submissionId, ended, telling));
      if (stored.state !== "completed") throw strangeEnd(stored, ended.jobRun);
      return stored;
    },
    recordGone: async (seen, completedAt, telling) => await ledger.updateOrGet(goneChange(seen, completedAt, telling)),
    recordCost: async (seen, jobRun, telling) => await ledger.update(costChange(seen, jobRun, telling)),
    async recordPublished(submissionId, published, afterwards) {
      await items.write(publishedChange(submissionId, published, afterwards));
    },
    async recordDone(seen, expiresAt) {
      await items.write(doneChange(seen, expiresAt));
    },
    replaceTask: async (seen, taskToken) => await ledger.updateOrGet(taskChange(seen, taskToken)),
    async byJobRun(applicationId, jobRunId) {
      const submissionId = await ledger.findByJobRun(applicationId, jobRunId);
      return submissionId === undefined ? undefined : await ledger.get(submissionId);
    },
  };
};
