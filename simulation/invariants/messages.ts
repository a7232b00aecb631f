import type { Submission } from "#domain/submission/submission.ts";
import type { Answer } from "../doors.ts";
import type { Message } from "../queue.ts";
import type { Finished, Invariant } from "./invariant.ts";

const refusedSubjects = ({ world }: Finished): ReadonlySet<string> =>
  new Set(
    world.records.published
      .filter(({ event }) => event.detailType === "Submission Refused")
      .map(({ event }) => event.detail.subject),
  );

/** What a door said stands: it is in the ledger as the tenant's own, or its refusal was published. */
const faultOfAnswer = (finished: Finished): string | undefined => {
  const refused = refusedSubjects(finished);
  const stored = finished.world.ledger.all();
  for (const { work, key, verdict, submissionId, door } of finished.doors.answers) {
    const { tenantId, requestId } = work;
    // A conflict is told under the id of the first submission of its request id.
    const subject =
      submissionId ??
      stored.find((one) => one.tenantId === tenantId && one.requestId === requestId)?.submissionId ??
      "";
    if (verdict === "refused" && door === "queue" && !refused.has(subject))
      return `message ${key} was refused and no refusal of "${subject}" was published`;
    const found = stored.find((one) => one.submissionId === submissionId);
    if (verdict !== "refused" && found === undefined)
      return `${key} was answered ${verdict} and the ledger has no submission "${submissionId}"`;
    if (found !== undefined && found.tenantId !== tenantId)
      return `${key} of tenant "${tenantId}" was answered with "${submissionId}" of tenant "${found.tenantId}"`;
  }
  return undefined;
};

const nameOf = ({ input }: Submission): string => (input === undefined ? "" : String(JSON.parse(input).name));

/**
 * The same job request under the same identity is never another one, whatever became of its tenant's files meanwhile: what
 * is refused as a conflict asks for another job than the one that stands.
 */
const sameRequest = ({ world, doors }: Finished): string | undefined => {
  for (const { work, verdict, submissionId } of doors.answers) {
    if (verdict !== "refused" || submissionId !== undefined || work.requestId === undefined) continue;
    const stands = world.ledger
      .all()
      .find(({ tenantId, requestId }) => tenantId === work.tenantId && requestId === work.requestId);
    const name = work.document["name"];
    if (stands !== undefined && nameOf(stands).startsWith(`${name}`))
      return `"${work.requestId}" of tenant "${work.tenantId}" was refused: "${stands.submissionId}" is the same job "${name}"`;
  }
  return undefined;
};

type Fate = Pick<Message<unknown>, "messageId" | "state" | "failures" | "receives">;

const faultOfMessage = ({ messageId, state, failures, receives }: Fate, answered: boolean): string | undefined => {
  const last = failures.slice(-5).join(", ");
  if (state === "queued") return `message ${messageId} is still in the queue after ${receives} receives: ${last}`;
  if (state === "dead") return `message ${messageId} is in the dead-letter queue: ${last}`;
  if (state === "deleted" && !answered)
    return `message ${messageId} was acknowledged after ${receives} receives, and nothing was said of it: ${last}`;
  return undefined;
};

/**
 * Every message was started, refused or cancelled: none is left, and none was acknowledged before something was said of
 * it. One that was moved out of the dead-letter queue is accounted for by the one that took its place.
 */
const accounted = (finished: Finished): string | undefined => {
  const { queue, answers, keyOf } = finished.doors;
  const answered = new Set(answers.filter(({ door }) => door === "queue").map(({ key }) => key));
  for (const message of queue.messages) {
    const fault = faultOfMessage(message, answered.has(keyOf(message)));
    if (fault !== undefined) return fault;
  }
  return faultOfAnswer(finished);
};

const identityOf = ({ work, key }: Answer): string =>
  work.requestId === undefined ? key : `${work.tenantId} ${work.requestId}`;

/** One identity, one submission: whatever was sent again under a request id or a message id found the first one. */
const oneIdentity = ({ doors }: Finished): string | undefined => {
  const byKey = new Map<string, string>();
  for (const answer of doors.answers) {
    const { work, door, submissionId } = answer;
    if (submissionId === undefined || (door === "http" && work.requestId === undefined)) continue;
    const identity = identityOf(answer);
    const first = byKey.get(identity) ?? submissionId;
    if (first !== submissionId) return `"${identity}" became two submissions: "${first}" and "${submissionId}"`;
    byKey.set(identity, first);
  }
  return undefined;
};

/** Every event of EMR Serverless that arrived was settled, or failed until its queue gave it up. */
const changesSettled = ({ changes }: Finished): string | undefined => {
  const left = changes.messages.find(
    ({ state, failures }) => state === "queued" || (state === "dead" && failures.length === 0),
  );
  return left && `event ${left.body.text} is not settled: ${left.failures.at(-1) ?? "no failure"}`;
};

export const messageInvariants: readonly Invariant[] = [
  { name: "accounted", check: accounted },
  { name: "one identity", check: oneIdentity },
  { name: "same request", check: sameRequest },
  { name: "changes", check: changesSettled },
];
