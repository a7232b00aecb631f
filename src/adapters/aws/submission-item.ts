import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Door, Submission, SubmissionState } from "#domain/submission/submission.ts";
import { present } from "./present.ts";

export type Item = Record<string, AttributeValue>;

/** Fields that are stored as they are. `applicationId` and `jobRunId` are the keys of the index too. */
const texts = [
  "submissionId",
  "tenantId",
  "door",
  "caller",
  "requestId",
  "jobTemplate",
  "fingerprint",
  "acceptedAt",
  "state",
  "input",
  "applicationId",
  "jobRunId",
  "startedAt",
  "completedAt",
  "publishedAt",
] as const;

/** Fields that are stored as JSON text: nothing asks DynamoDB about what is inside. */
const documents = ["changes", "refusal", "jobRun"] as const;

const states: readonly SubmissionState[] = ["waiting", "starting", "started", "completed", "refused", "cancelled"];
const doors: readonly Door[] = ["http", "queue", "events"];

export const submissionKey = (submissionId: string): Item => ({
  pk: { S: `submission#${submissionId}` },
  sk: { S: "submission" },
});

export const submissionItem = (submission: Submission): Item => {
  const item = submissionKey(submission.submissionId);
  for (const name of texts) {
    const value = submission[name];
    if (value !== undefined) item[name] = { S: value };
  }
  for (const name of documents) {
    const value = submission[name];
    if (value !== undefined) item[name] = { S: JSON.stringify(value) };
  }
  return item;
};

const unreadable = (item: Item, name: string): Error =>
  new Error(`Cannot read "${item["pk"]?.S}" of the ledger: its ${name} is "${item[name]?.S}"`);

const textOf = (item: Item, name: string): string => {
  const value = item[name]?.S;
  if (value === undefined) throw unreadable(item, name);
  return value;
};

const wordOf = <T extends string>(item: Item, name: string, known: readonly T[]): T => {
  const found = known.find((word) => word === item[name]?.S);
  if (found === undefined) throw unreadable(item, name);
  return found;
};

const documentOf = <T>(item: Item, name: string): T | undefined => {
  const value = item[name]?.S;
  return value === undefined ? undefined : JSON.parse(value);
};

export const submissionOf = (item: Item): Submission =>
  present({
    submissionId: textOf(item, "submissionId"),
    tenantId: textOf(item, "tenantId"),
    door: wordOf(item, "door", doors),
    caller: textOf(item, "caller"),
    requestId: item["requestId"]?.S,
    jobTemplate: item["jobTemplate"]?.S,
    fingerprint: textOf(item, "fingerprint"),
    acceptedAt: textOf(item, "acceptedAt"),
    state: wordOf(item, "state", states),
    input: item["input"]?.S,
    changes: documentOf<Submission["changes"]>(item, "changes"),
    refusal: documentOf<Submission["refusal"]>(item, "refusal"),
    applicationId: item["applicationId"]?.S,
    jobRunId: item["jobRunId"]?.S,
    startedAt: item["startedAt"]?.S,
    jobRun: documentOf<Submission["jobRun"]>(item, "jobRun"),
    completedAt: item["completedAt"]?.S,
    publishedAt: item["publishedAt"]?.S,
  });
