import type { Door, Submission, SubmissionState, WaitingFor } from "#domain/submission/submission.ts";
import { defaultPriority, turnKeyOf } from "#domain/turns/fair-turns.ts";
import type { Item } from "./ledger-items.ts";
import { present } from "./present.ts";

/** Fields that are stored as they are. `applicationId` and `jobRunId` are the keys of the index too. */
const texts = [
  "submissionId",
  "tenantId",
  "door",
  "caller",
  "requestId",
  "jobTemplate",
  "rerunOf",
  "fingerprint",
  "acceptedAt",
  "state",
  "input",
  "leaseUntil",
  "waitingFor",
  "cancelledAt",
  "applicationId",
  "jobRunId",
  "startedAt",
  "completedAt",
  "publishedAt",
] as const;

/** Fields that are stored as numbers. */
const numbers = ["priority", "acceptance"] as const;

/** Fields that are stored as JSON text: nothing asks DynamoDB about what is inside. */
const documents = ["changes", "refusal", "jobRun"] as const;

const states: readonly SubmissionState[] = ["waiting", "starting", "started", "completed", "refused", "cancelled"];
const doors: readonly Door[] = ["http", "queue", "events"];
const reasons: readonly WaitingFor[] = ["tenant-slots", "account-rate", "tenant-suspended"];

const prefix = "submission#";

export const submissionKey = (submissionId: string): Item => ({
  pk: { S: `${prefix}${submissionId}` },
  sk: { S: "submission" },
});

/** The submission that an entry of an index is about. */
export const submissionIdIn = (entry: Item): string => (entry["pk"]?.S ?? "").slice(prefix.length);

/** The index of what is due is spread, so that no one key of it takes every start. */
export const dueShards = ["0", "1", "2", "3"] as const;

const shardOf = (submissionId: string): string => {
  let sum = 0;
  for (const letter of submissionId) sum += letter.codePointAt(0) ?? 0;
  return String(sum % dueShards.length);
};

/** What puts a submission into the index of what is due, while it is starting. */
export const dueKeys = (submissionId: string, leaseUntil: string): Item => ({
  dueShard: { S: shardOf(submissionId) },
  dueAt: { S: leaseUntil },
});

/** The key of the index of what is due under which the waiting ones are, each in its shard. */
export const waitingShardOf = (shard: string): string => `waiting ${shard}`;

const waitingKeys = ({ submissionId, acceptedAt }: Submission): Item => ({
  dueShard: { S: waitingShardOf(shardOf(submissionId)) },
  dueAt: { S: acceptedAt },
});

export const turnOf = ({ priority = defaultPriority, acceptedAt, submissionId }: Submission): string =>
  turnKeyOf(priority, acceptedAt, submissionId);

/** What puts a submission into the index of turns, while it waits, and among what is looked after until it has had its turn. */
export const turnKeys = (submission: Submission): Item => ({
  turnTenant: { S: submission.tenantId },
  turnKey: { S: turnOf(submission) },
  ...waitingKeys(submission),
});

const indexKeys = (submission: Submission): Item => {
  const { submissionId, state, leaseUntil } = submission;
  if (state === "waiting") return turnKeys(submission);
  return state === "starting" && leaseUntil !== undefined ? dueKeys(submissionId, leaseUntil) : {};
};

export const submissionItem = (submission: Submission): Item => {
  const item: Item = { ...submissionKey(submission.submissionId), ...indexKeys(submission) };
  for (const name of numbers) {
    const value = submission[name];
    if (value !== undefined) item[name] = { N: String(value) };
  }
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

const numberOf = (item: Item, name: string): number | undefined => {
  const value = item[name]?.N;
  return value === undefined ? undefined : Number(value);
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
    rerunOf: item["rerunOf"]?.S,
    fingerprint: textOf(item, "fingerprint"),
    acceptedAt: textOf(item, "acceptedAt"),
    acceptance: numberOf(item, "acceptance"),
    state: wordOf(item, "state", states),
    input: item["input"]?.S,
    changes: documentOf<Submission["changes"]>(item, "changes"),
    refusal: documentOf<Submission["refusal"]>(item, "refusal"),
    priority: numberOf(item, "priority"),
    leaseUntil: item["leaseUntil"]?.S,
    waitingFor: item["waitingFor"] === undefined ? undefined : wordOf(item, "waitingFor", reasons),
    cancelledAt: item["cancelledAt"]?.S,
    applicationId: item["applicationId"]?.S,
    jobRunId: item["jobRunId"]?.S,
    startedAt: item["startedAt"]?.S,
    jobRun: documentOf<Submission["jobRun"]>(item, "jobRun"),
    completedAt: item["completedAt"]?.S,
    publishedAt: item["publishedAt"]?.S,
  });
