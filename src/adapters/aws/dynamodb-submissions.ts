import {
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { Acceptance, Submissions } from "#domain/ports.ts";
import { frozenInput, type NewSubmission, type Submission } from "#domain/submission/submission.ts";
import { conditionalWrite, ledgerCall } from "./ledger-call.ts";
import { byJobRunIndex } from "./ledger-table.ts";
import { type Item, submissionItem, submissionKey, submissionOf } from "./submission-item.ts";

interface Change {
  readonly submissionId: string;
  readonly task: string;
  readonly when: string;
  readonly set: string;
  readonly values: Item;
}

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
        "attribute_not_exists(pk) OR (#state = :refused AND tenantId = :tenantId AND fingerprint <> :fingerprint)",
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: {
        ":refused": { S: "refused" },
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

/**
 * The ledger in DynamoDB. Each change is one conditional write on one item; where a condition does not hold, one
 * consistent read says what is stored. `recordEnd` also completes a submission that is still `starting`: it takes the
 * job run of the frozen input's application, and the time that EMR Serverless created it as the start.
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

    recordStart: async (submissionId, { jobRunId, startedAt }) =>
      await ledger.updateOrGet({
        submissionId,
        task: `record the start of submission "${submissionId}"`,
        when: "#state = :starting",
        set: "SET #state = :started, jobRunId = :jobRunId, startedAt = :startedAt",
        values: {
          ":starting": { S: "starting" },
          ":started": { S: "started" },
          ":jobRunId": { S: jobRunId },
          ":startedAt": { S: startedAt },
        },
      }),

    recordRefusal: async (submissionId, refusal) =>
      await ledger.updateOrGet({
        submissionId,
        task: `record the refusal of submission "${submissionId}"`,
        when: "#state = :starting",
        set: "SET #state = :refused, refusal = :refusal",
        values: {
          ":starting": { S: "starting" },
          ":refused": { S: "refused" },
          ":refusal": { S: JSON.stringify(refusal) },
        },
      }),

    async recordEnd(submissionId, { jobRun, completedAt }) {
      const stored = await ledger.updateOrGet({
        submissionId,
        task: `record the end of submission "${submissionId}"`,
        when: "applicationId = :applicationId AND (#state = :starting OR (#state = :started AND jobRunId = :jobRunId))",
        set: "SET #state = :completed, jobRunId = :jobRunId, jobRun = :jobRun, completedAt = :completedAt, startedAt = if_not_exists(startedAt, :createdAt)",
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
      if (stored.state === "completed") return stored;
      const { state, applicationId = "none", jobRunId = "none" } = stored;
      const message = `Cannot record the end of submission "${submissionId}" by job run "${jobRun.jobRunId}" of application "${jobRun.applicationId}": it is ${state}, with job run "${jobRunId}" of application "${applicationId}"`;
      throw new Error(message);
    },

    async recordPublished({ submissionId, state, fingerprint }, publishedAt) {
      await ledger.update({
        submissionId,
        task: `record that the end of submission "${submissionId}" is published`,
        when: "#state = :state AND fingerprint = :fingerprint AND attribute_not_exists(publishedAt)",
        set: "SET publishedAt = :publishedAt",
        values: { ":state": { S: state }, ":fingerprint": { S: fingerprint }, ":publishedAt": { S: publishedAt } },
      });
    },

    async byJobRun(applicationId, jobRunId) {
      const submissionId = await ledger.findByJobRun(applicationId, jobRunId);
      return submissionId === undefined ? undefined : await ledger.get(submissionId);
    },
  };
};
