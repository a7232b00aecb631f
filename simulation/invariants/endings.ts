import type { PublishedEvent } from "#domain/events/published-event.ts";
import type { Submission } from "#domain/submission/submission.ts";
import type { Records, World } from "../world.ts";
import type { Finished, Invariant } from "./invariant.ts";
import { mostTellingMs, tellingTimes } from "./telling.ts";

const isEnding = ({ detailType }: PublishedEvent): boolean =>
  detailType === "Submission Completed" || detailType === "Submission Refused";

/** The ids of the endings that were published, by submission, or the fault of an event that came with two contents. */
const publishedEndings = ({ records }: World): Map<string, Set<string>> | string => {
  const texts = new Map<string, string>();
  const bySubject = new Map<string, Set<string>>();
  for (const { event } of records.published) {
    const { id, subject } = event.detail;
    const text = JSON.stringify(event);
    if ((texts.get(id) ?? text) !== text) return `event "${id}" was published with two contents`;
    texts.set(id, text);
    if (isEnding(event)) bySubject.set(subject, (bySubject.get(subject) ?? new Set()).add(id));
  }
  return bySubject;
};

const refusalId = ({ submissionId, acceptedAt }: Submission, fingerprint: string): string =>
  `${submissionId}/refused/${fingerprint}/${acceptedAt}`;

/** The endings of what was stored under one id: how the last one ended, and refusals that gave way to the next. */
const owedBy = (acceptances: readonly Submission[], last: Submission): Set<string> => {
  const gaveWay = acceptances.slice(0, -1);
  const owed = new Set(gaveWay.map((one) => refusalId(one, one.fingerprint)));
  return owed.add(last.state === "refused" ? refusalId(last, last.fingerprint) : `${last.submissionId}/completed`);
};

/** Refusals of other job requests under the id of one that stands: each by its fingerprint and the first one's time. */
const isConflict = (id: string, acceptances: readonly Submission[], proposed: ReadonlySet<string>): boolean =>
  acceptances.some((stored) =>
    [...proposed].some((fingerprint) => fingerprint !== stored.fingerprint && id === refusalId(stored, fingerprint)),
  );

const faultOf = (last: Submission, ids: ReadonlySet<string>, { accepted, proposed }: Records): string | undefined => {
  const { submissionId, state } = last;
  const acceptances = accepted.get(submissionId) ?? [];
  const owed = owedBy(acceptances, last);
  const missing = [...owed].find((id) => !ids.has(id));
  if (missing !== undefined) return `the ending "${missing}" of "${submissionId}" (${state}) was never published`;
  const fingerprints = proposed.get(submissionId) ?? new Set();
  const wrong = [...ids].find((id) => !owed.has(id) && !isConflict(id, acceptances, fingerprints));
  return wrong && `"${submissionId}" (${state}) was told to have ended as "${wrong}", which it did not`;
};

/** Every ending is published under one stable id and with one content, however often, and there is no other ending. */
const published = ({ world }: Finished): string | undefined => {
  const endings = publishedEndings(world);
  if (typeof endings === "string") return endings;
  for (const last of world.ledger.all()) {
    const fault = faultOf(last, endings.get(last.submissionId) ?? new Set(), world.records);
    if (fault !== undefined) return fault;
    endings.delete(last.submissionId);
  }
  const [stray] = endings.keys();
  return stray && `an ending of "${stray}" was published, and the ledger has no such submission`;
};

/** Whatever events are lost, doubled or late: when all goes well again, an ending is told within a bound. */
const toldInTime = ({ world }: Finished): string | undefined => {
  const longest = Math.max(0, ...tellingTimes(world));
  return longest > mostTellingMs
    ? `an ending was told ${longest} ms after its job run had ended, with ${100 * world.profile.events.lose}% of events lost: at most ${mostTellingMs} ms`
    : undefined;
};

export const endingInvariants: readonly Invariant[] = [
  { name: "published", check: published },
  { name: "told in time", check: toldInTime },
];
