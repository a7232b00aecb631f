import { type DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type { Submissions } from "#domain/ports.ts";
import { judgeTaken } from "#domain/submission/acceptance.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import { conditionalWrite } from "./ledger-call.ts";
import { type LedgerItems, ledgerItems } from "./ledger-items.ts";
import { byJobRunIndex } from "./ledger-table.ts";
import {
  acceptanceValue,
  type Change,
  cancelChange,
  claimChange,
  endChange,
  giveBackChange,
  isAcceptance,
  publishedChange,
  refusalChange,
  startChange,
} from "./submission-changes.ts";
import { submissionIdIn, submissionItem, submissionKey, submissionOf } from "./submission-item.ts";
import { submissionLists } from "./submission-lists.ts";

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
export const dynamodbSubmissions = (client: DynamoDBClient, table: string): Submissions => {
  const items = ledgerItems(client, table);
  const ledger = openLedger(items);
  const put = putWith(client, table);
  return {
    ...submissionLists(items),
    get: ledger.get,
    async accept(submission) {
      const proposed = proposedBy(submission);
      if (await put(proposed)) return { verdict: "accepted", submission: proposed };
      const stored = await ledger.get(proposed.submissionId);
      if (stored === undefined)
        throw new Error(`Submission "${proposed.submissionId}" was deleted while it came again`);
      return judgeTaken(stored, proposed);
    },
    async claim(seen, leaseUntil) {
      if (seen.state !== "waiting" && seen.state !== "starting") return undefined;
      return await ledger.update(claimChange(seen, leaseUntil));
    },
    giveBack: async (seen, waitingFor) => await ledger.updateOrGet(giveBackChange(seen, waitingFor)),
    async cancel(submissionId, cancelledAt) {
      const change = cancelChange(submissionId, cancelledAt);
      const cancelled = await ledger.update(change);
      if (cancelled !== undefined) return { verdict: "cancelled", submission: cancelled };
      return { verdict: "late", submission: await ledger.stored(change) };
    },
    async recordStart(seen, started) {
      const change = startChange(seen.submissionId, started);
      return (await items.write(change)) ? { ...seen, ...started, state: "started" } : await ledger.stored(change);
    },
    recordRefusal: async (refused, refusal) => await ledger.updateOrGet(refusalChange(refused, refusal)),
    async recordEnd(submissionId, ended) {
      const stored = await ledger.updateOrGet(endChange(submissionId, ended));
      if (stored.state !== "completed") throw strangeEnd(stored, ended.jobRun);
      return stored;
    },
    async recordPublished(ended, publishedAt) {
      await items.write(publishedChange(ended, publishedAt));
    },
    async byJobRun(applicationId, jobRunId) {
      const submissionId = await ledger.findByJobRun(applicationId, jobRunId);
      return submissionId === undefined ? undefined : await ledger.get(submissionId);
    },
  };
};
