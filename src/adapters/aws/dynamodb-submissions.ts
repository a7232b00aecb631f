import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Acceptance, Submissions } from "#domain/ports.ts";
import type { JobRun } from "#domain/submission/job-run.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import { byJobRunIndex } from "./ledger-table.ts";
import { type Change, endChange, publishedChange, refusalChange, startChange } from "./submission-changes.ts";
import { submissionItem, submissionKey, submissionOf } from "./submission-item.ts";

/** `state` is a reserved word (Amazon DynamoDB Developer Guide, "Reserved words in DynamoDB"). */
const names = { "#state": "state" };

/** What the first acceptance stores. The application is stored by itself, because the index needs it. */
const proposedBy = (submission: NewSubmission): Submission =>
  submission.state === "starting"
    ? { ...submission, applicationId: frozenInput(submission).applicationId }
    : submission;

/** Whether the proposed one is the stored one again. Another tenant's submission is never handed out. */
const judge = (stored: Submission, proposed: Submission): Acceptance => {
  if (stored.tenantId !== proposed.tenantId) return { verdict: "conflict", submission: proposed };
  return { verdict: stored.fingerprint === proposed.fingerprint ? "repeat" : "conflict", submission: stored };
};

const openLedger = (client: DynamoDBClient, table: string) => {
  const get = async (submissionId: string): Promise<Submission | undefined> => {
    const command = new GetItemCommand({
      TableName: table,
      Key: submissionKey(submissionId),
      ConsistentRead: true,
    });
    const { Item } = await ledgerCall(`read submission "${submissionId}"`, () => client.send(command));
    return Item === undefined ? undefined : submissionOf(Item);
  };

  const put = async (proposed: Submission): Promise<boolean> => {
    const command = new PutItemCommand({
      TableName: table,
      Item: submissionItem(proposed),
      ConditionExpression:
        "attribute_not_exists(pk) OR (#state = :refused AND tenantId = :tenantId AND (fingerprint <> :fingerprint OR :refused <> :proposed))",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: {
        ":refused": { S: "refused" },
        ":proposed": { S: proposed.state },
        ":tenantId": { S: proposed.tenantId },
        ":fingerprint": { S: proposed.fingerprint },
      },
    });
    const task = `accept submission "${proposed.submissionId}"`;
    return (await conditionalWrite(task, () => client.send(command))) !== undefined;
  };

  /** Hands back the changed submission, or nothing where the condition does not hold. */
  const update = async ({ submissionId, task, when, set, values }: Change): Promise<Submission | undefined> => {
    const command = new UpdateItemCommand({
      TableName: table,
      Key: submissionKey(submissionId),
      ConditionExpression: when,
      UpdateExpression: set,
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values,
      ReturnValues: "ALL_NEW",
    });
    const changed = await conditionalWrite(task, () => client.send(command));
    return changed?.Attributes === undefined ? undefined : submissionOf(changed.Attributes);
  };

  /** A change that came late finds what is stored. */
  const updateOrGet = async (change: Change): Promise<Submission> => {
    const found = (await update(change)) ?? (await get(change.submissionId));
    if (found === undefined) throw new Error(`Cannot ${change.task}: the ledger does not have it`);
    return found;
  };

  const findByJobRun = async (applicationId: string, jobRunId: string): Promise<string | undefined> => {
    const command = new QueryCommand({
      TableName: table,
      IndexName: byJobRunIndex,
      KeyConditionExpression: "jobRunId = :jobRunId AND applicationId = :applicationId",
      ExpressionAttributeValues: { ":jobRunId": { S: jobRunId }, ":applicationId": { S: applicationId } },
    });
    const { Items } = await ledgerCall(`find the submission of job run "${jobRunId}"`, () => client.send(command));
    return Items?.[0]?.["pk"]?.S?.slice("submission#".length);
  };

  return { get, put, update, updateOrGet, findByJobRun };
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
  const ledger = openLedger(client, table);
  return {
    get: ledger.get,
    async accept(submission) {
      const proposed = proposedBy(submission);
      if (await ledger.put(proposed)) return { verdict: "accepted", submission: proposed };
      const stored = await ledger.get(proposed.submissionId);
      if (stored === undefined)
        throw new Error(`Submission "${proposed.submissionId}" was deleted while it came again`);
      return judge(stored, proposed);
    },
    recordStart: async (submissionId, started) => await ledger.updateOrGet(startChange(submissionId, started)),
    recordRefusal: async (submissionId, refusal) => await ledger.updateOrGet(refusalChange(submissionId, refusal)),
    async recordEnd(submissionId, ended) {
      const stored = await ledger.updateOrGet(endChange(submissionId, ended));
      if (stored.state !== "completed") throw strangeEnd(stored, ended.jobRun);
      return stored;
    },
    async recordPublished(ended, publishedAt) {
      await ledger.update(publishedChange(ended, publishedAt));
    },
    async byJobRun(applicationId, jobRunId) {
      const submissionId = await ledger.findByJobRun(applicationId, jobRunId);
      return submissionId === undefined ? undefined : await ledger.get(submissionId);
    },
  };
};
