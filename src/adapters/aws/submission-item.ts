import { dueOf } from "#domain/submission/due.ts";
import type { Outbox, Told } from "#domain/submission/outbox.ts";
import { reasons } from "#domain/submission/reason.ts";
import type { Door, Submission, SubmissionState, WaitingFor } from "#domain/submission/submission.ts";
import type { DueKind } from "#domain/submission/submissions.ts";
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
  "parametersSha256",
  "taskToken",
  "executionPolicySha256",
  "proofId",
  "state",
  "input",
  "leaseUntil",
  "waitingFor",
  "cancelledAt",
  "applicationId",
  "jobRunId",
  "startedAt",
  "cancelRequestedAt",
  "missingSince",
  "completedAt",
  "reason",
  "publishedAt",
] as const;

/** Fields that are stored as numbers. */
const numbers = ["priority", "acceptance", "expiresAt"] as const;

/** Fields that are stored as JSON text: nothing asks DynamoDB about what is inside. */
const documents = ["fieldDigests", "changes", "refusal", "startError", "jobRun", "toldEvent"] as const;

const states: readonly SubmissionState[] = ["waiting", "starting", "started", "completed", "refused", "cancelled"];
const doors: readonly Door[] = ["http", "queue", "events"];
const waitings: readonly WaitingFor[] = ["tenant-slots", "account-rate", "tenant-suspended"];

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

/** The key of the index of what is due under which a kind is, in its shard. */
export const dueShardOf = (kind: DueKind, shard: string): string => (kind === "starting" ? shard : `${kind} ${shard}`);

/** What puts a submission into the index of what is due. */
export const dueKeys = (kind: DueKind, submissionId: string, dueAt: string): Item => ({
  dueShard: { S: dueShardOf(kind, shardOf(submissionId)) },
  dueAt: { S: dueAt },
});

/** Each event that is stored has an attribute of its own, so that each is stored and taken out by itself. */
export const eventAttributes = { started: "startedEvent", ending: "endingEvent", cost: "costEvent" } as const;

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
  if (submission.state === "waiting") return turnKeys(submission);
  const due = dueOf(submission);
  return due === undefined ? {} : dueKeys(due.kind, submission.submissionId, due.at);
};

const flags = ["tellStart"] as const;
const kinds: readonly Told[] = ["started", "ending", "cost"];

export const submissionItem = (submission: Submission): Item => {
  const item: Item = { ...submissionKey(submission.submissionId), ...indexKeys(submission) };
  for (const name of texts) {
    const value = submission[name];
    if (value !== undefined) item[name] = { S: value };
  }
  for (const name of numbers) {
    const value = submission[name];
    if (value !== undefined) item[name] = { N: String(value) };
  }
  for (const name of flags) {
    const value = submission[name];
    if (value !== undefined) item[name] = { BOOL: value };
  }
  for (const name of documents) {
    const value = submission[name];
    if (value !== undefined) item[name] = { S: JSON.stringify(value) };
  }
  for (const kind of kinds) {
    const event = submission.outbox?.[kind];
    if (event !== undefined) item[eventAttributes[kind]] = { S: JSON.stringify(event) };
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

const outboxOf = (item: Item): Outbox | undefined => {
  const stored = kinds.filter((kind) => item[eventAttributes[kind]] !== undefined);
  if (stored.length === 0) return undefined;
  return Object.fromEntries(stored.map((kind) => [kind, documentOf(item, eventAttributes[kind])]));
};

/** Of what waits or is starting, the key of the index says nothing that is not said by `acceptedAt` and `leaseUntil`. */
const dueAtOf = (item: Item): string | undefined =>
  item["state"]?.S === "waiting" || item["state"]?.S === "starting" ? undefined : item["dueAt"]?.S;

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
    fieldDigests: documentOf<Submission["fieldDigests"]>(item, "fieldDigests"),
    acceptedAt: textOf(item, "acceptedAt"),
    acceptance: numberOf(item, "acceptance"),
    parametersSha256: item["parametersSha256"]?.S,
    taskToken: item["taskToken"]?.S,
    executionPolicySha256: item["executionPolicySha256"]?.S,
    proofId: item["proofId"]?.S,
    state: wordOf(item, "state", states),
    input: item["input"]?.S,
    changes: documentOf<Submission["changes"]>(item, "changes"),
    refusal: documentOf<Submission["refusal"]>(item, "refusal"),
    priority: numberOf(item, "priority"),
    tellStart: item["tellStart"]?.BOOL,
    leaseUntil: item["leaseUntil"]?.S,
    startError: documentOf<Submission["startError"]>(item, "startError"),
    waitingFor: item["waitingFor"] === undefined ? undefined : wordOf(item, "waitingFor", waitings),
    cancelledAt: item["cancelledAt"]?.S,
    applicationId: item["applicationId"]?.S,
    jobRunId: item["jobRunId"]?.S,
    startedAt: item["startedAt"]?.S,
    jobRun: documentOf<Submission["jobRun"]>(item, "jobRun"),
    cancelRequestedAt: item["cancelRequestedAt"]?.S,
    missingSince: item["missingSince"]?.S,
    completedAt: item["completedAt"]?.S,
    reason: item["reason"] === undefined ? undefined : wordOf(item, "reason", reasons),
    outbox: outboxOf(item),
    dueAt: dueAtOf(item),
    publishedAt: item["publishedAt"]?.S,
    toldEvent: documentOf<Submission["toldEvent"]>(item, "toldEvent"),
    expiresAt: numberOf(item, "expiresAt"),
  });
