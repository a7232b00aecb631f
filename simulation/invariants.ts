import type { Submission } from "#domain/submission/submission.ts";
import type { Doors } from "./doors.ts";
import { type RealRun, refusedByEmr } from "./emr.ts";
import type { Sent } from "./lambda-queue.ts";
import type { SimulatedQueue } from "./queue.ts";
import { isoOf } from "./scheduler.ts";
import { mostTellingMs, tellingTimes } from "./telling.ts";
import { countedOnce } from "./usage-invariant.ts";
import type { World } from "./world.ts";
import { roleOf, tenantNames } from "./world-tenants.ts";

export interface Finished {
  readonly world: World;
  readonly doors: Doors;
  readonly changes: SimulatedQueue<Sent>;
}

interface Invariant {
  readonly name: string;
  /** What is wrong, where something is. */
  readonly check: (finished: Finished) => string | undefined | Promise<string | undefined>;
}

const runsOf = ({ emr }: World): Map<string, RealRun[]> => {
  const bySubmission = new Map<string, RealRun[]>();
  for (const run of emr.runs.values())
    bySubmission.set(run.submissionId, [...(bySubmission.get(run.submissionId) ?? []), run]);
  return bySubmission;
};

/** Exactly one job run, or exactly one ending without one. */
const faultOfEnding = (submission: Submission, runs: readonly RealRun[]): string | undefined => {
  const { submissionId, state } = submission;
  const name = `submission "${submissionId}"`;
  if (runs.length > 1) return `${name} has ${runs.length} job runs: ${runs.map(({ jobRunId }) => jobRunId).join(", ")}`;
  const [run] = runs;
  if (state === "refused" || state === "cancelled")
    return run === undefined ? undefined : `${name} is ${state} and has job run ${run.jobRunId}`;
  if (state !== "completed") return `${name} is ${state} in the end: job run ${run?.jobRunId ?? "none"}`;
  if (run === undefined) return `${name} is completed without a job run`;
  return submission.jobRunId === run.jobRunId
    ? undefined
    : `${name} has job run ${submission.jobRunId}, not ${run.jobRunId}`;
};

const oneEnding = ({ world }: Finished): string | undefined => {
  const runs = runsOf(world);
  for (const submission of world.ledger.all()) {
    const fault = faultOfEnding(submission, runs.get(submission.submissionId) ?? []);
    if (fault !== undefined) return fault;
    runs.delete(submission.submissionId);
  }
  const [stray] = [...runs.values()].flat();
  return stray && `job run ${stray.jobRunId} belongs to no submission: its token is "${stray.submissionId}"`;
};

/** A token is always sent with the same bytes, but for what EMR Serverless refused: another may take its place. */
const frozenInput = ({ world }: Finished): string | undefined => {
  for (const run of world.emr.runs.values()) {
    const stored = world.ledger.all().find(({ submissionId }) => submissionId === run.submissionId);
    if (stored?.input !== undefined && stored.input !== JSON.stringify(run.input))
      return `job run ${run.jobRunId} was started with another input than the one frozen for "${run.submissionId}"`;
  }
  const sent = new Map<string, string>();
  for (const { submissionId, text } of world.records.startCalls) {
    if (text.includes(refusedByEmr)) continue;
    if ((sent.get(submissionId) ?? text) !== text) return `token "${submissionId}" was sent with two inputs`;
    sent.set(submissionId, text);
  }
  return undefined;
};

/** Every message was started, refused or cancelled; one that met its redrive policy has another reason than throttling. */
const accounted = ({ world, doors }: Finished): string | undefined => {
  for (const { messageId, state, failures, receives } of doors.queue.messages) {
    if (state === "queued")
      return `message ${messageId} is still in the queue after ${receives} receives: ${failures.slice(-5).join(", ")}`;
    if (state === "dead") return `message ${messageId} is in the dead-letter queue: ${failures.slice(-5).join(", ")}`;
  }
  const stored = new Set(world.ledger.all().map(({ submissionId }) => submissionId));
  const refusals = world.records.published.filter(({ event }) => event.detailType === "Submission Refused");
  const refused = new Set(refusals.map(({ event }) => event.detail.subject));
  for (const { key, verdict, submissionId, door } of doors.answers) {
    if (verdict === "refused" && door === "queue" && submissionId !== undefined && !refused.has(submissionId))
      return `message ${key} was refused and no refusal of "${submissionId}" was published`;
    if (verdict !== "refused" && (submissionId === undefined || !stored.has(submissionId)))
      return `${key} was answered ${verdict} and the ledger has no submission "${submissionId}"`;
  }
  return undefined;
};

/** One identity, one submission: whatever was sent again under a request id or a message id found the first one. */
const oneIdentity = ({ doors }: Finished): string | undefined => {
  const byKey = new Map<string, string>();
  for (const { work, key, door, submissionId } of doors.answers) {
    if (submissionId === undefined || (door === "http" && work.requestId === undefined)) continue;
    const identity = work.requestId === undefined ? key : `${work.tenantId} ${work.requestId}`;
    const first = byKey.get(identity) ?? submissionId;
    if (first !== submissionId) return `"${identity}" became two submissions: "${first}" and "${submissionId}"`;
    byKey.set(identity, first);
  }
  return undefined;
};

/** Nothing of another tenant on a job run. */
const ownTenant = ({ world }: Finished): string | undefined => {
  for (const { jobRunId, submissionId, input } of world.emr.runs.values()) {
    const tenantId = world.ledger.all().find((found) => found.submissionId === submissionId)?.tenantId ?? "";
    const others = tenantNames.filter((name) => name !== tenantId);
    const { tags, executionRoleArn, executionIamPolicy } = input;
    const own =
      tags["sluice:tenant"] === tenantId &&
      tags["owner"] === tenantId &&
      tags["sluice:submission"] === submissionId &&
      executionRoleArn === roleOf(tenantId) &&
      executionIamPolicy.policy.includes(`/${tenantId}/*`);
    const foreign = others.find((name) =>
      JSON.stringify({ ...input, clientToken: "", name: "" }).includes(`/${name}/`),
    );
    if (!own || foreign !== undefined)
      return `job run ${jobRunId} of tenant "${tenantId}" carries the tags, role or policy of another: ${foreign ?? tags["sluice:tenant"]}`;
  }
  return undefined;
};

const slotsEmpty = async ({ world }: Finished): Promise<string | undefined> => {
  for (const tenantId of world.setups.keys()) {
    const { active, waiting } = await world.starts.line(tenantId);
    if (active.length > 0) return `tenant "${tenantId}" has slots taken in the end: ${active.join(", ")}`;
    if (waiting > 0) return `tenant "${tenantId}" counts ${waiting} as waiting in the end`;
  }
  return undefined;
};

/**
 * In any window of w seconds of true time at most burst + rate × (w + twice the clocks' skew) tokens were let through,
 * and at every moment there were no more calls of StartJobRun than tokens before it: each call had one of its own.
 */
const rate = ({ world }: Finished): string | undefined => {
  const { perSecond, burst } = world.rate;
  const { tokens, startCalls } = world.records;
  const skewMs = 2 * world.profile.skewMs + 1;
  for (const [from, first] of tokens.entries()) {
    for (let to = from + burst; to < tokens.length; to += 1) {
      const windowMs = (tokens[to] ?? 0) - first;
      const most = burst + (perSecond * (windowMs + skewMs)) / 1000;
      if (to - from + 1 > most + 1e-6)
        return `${to - from + 1} tokens were let through in ${windowMs} ms: at most ${Math.floor(most)}`;
    }
  }
  let used = 0;
  for (const { at, submissionId } of startCalls) {
    used += 1;
    if (tokens.filter((taken) => taken <= at).length < used)
      return `StartJobRun of "${submissionId}" at ${isoOf(at)} had no token: it was call ${used}`;
  }
  return undefined;
};

/** Every ending is published, under one id and with one content, however often. */
const published = ({ world }: Finished): string | undefined => {
  const texts = new Map<string, string>();
  const bySubject = new Map<string, Set<string>>();
  for (const { event } of world.records.published) {
    const { id, subject } = event.detail;
    const text = JSON.stringify(event);
    if ((texts.get(id) ?? text) !== text) return `event "${id}" was published with two contents`;
    texts.set(id, text);
    bySubject.set(subject, (bySubject.get(subject) ?? new Set()).add(id));
  }
  for (const { submissionId, state, fingerprint, acceptedAt } of world.ledger.all()) {
    const ids = bySubject.get(submissionId) ?? new Set();
    const wanted =
      state === "refused" ? `${submissionId}/refused/${fingerprint}/${acceptedAt}` : `${submissionId}/completed`;
    if (!ids.has(wanted)) return `the ending of "${submissionId}" (${state}) was never published`;
  }
  return undefined;
};

/** Whatever events are lost, doubled or late: when all goes well again, an ending is told within a bound. */
const toldInTime = ({ world }: Finished): string | undefined => {
  const longest = Math.max(0, ...tellingTimes(world));
  return longest > mostTellingMs
    ? `an ending was told ${longest} ms after its job run had ended, with ${100 * world.profile.events.lose}% of events lost: at most ${mostTellingMs} ms`
    : undefined;
};

const cancelledStay = ({ world }: Finished): string | undefined => {
  for (const [submissionId] of world.records.cancelled) {
    const run = [...world.emr.runs.values()].find((found) => found.submissionId === submissionId);
    if (run !== undefined)
      return `submission "${submissionId}" was cancelled while it waited, and has job run ${run.jobRunId}`;
  }
  return undefined;
};

const changesSettled = ({ changes }: Finished): string | undefined => {
  const left = changes.messages.find(
    ({ state, failures }) => state === "queued" || (state === "dead" && failures.length === 0),
  );
  return left && `event ${left.body.text} is not settled: ${left.failures.at(-1) ?? "no failure"}`;
};

/** What has to hold for every world that has come to rest. */
export const invariants: readonly Invariant[] = [
  { name: "cancelled", check: cancelledStay },
  { name: "one ending", check: oneEnding },
  { name: "frozen input", check: frozenInput },
  { name: "accounted", check: accounted },
  { name: "one identity", check: oneIdentity },
  { name: "own tenant", check: ownTenant },
  { name: "slots", check: slotsEmpty },
  { name: "rate", check: rate },
  { name: "published", check: published },
  { name: "told in time", check: toldInTime },
  { name: "changes", check: changesSettled },
  { name: "usage", check: async ({ world }) => await countedOnce(world) },
];
