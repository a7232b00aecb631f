import type { World } from "../world.ts";

/**
 * How long after the end of a job run its ending is told at most, in milliseconds, once the storm is over: an event that
 * was lost is found by a sweep within two of its intervals of a minute, and one try in vain costs another.
 */
export const mostTellingMs = 240_000;

/**
 * How long it took to tell of each job run that ended when the storm was over, in milliseconds. A start whose answer was
 * lost in the storm waits for a token to be made again, and nobody asks for its job run before: it counts from then.
 */
export const tellingTimes = ({ emr, ledger, records, scheduler, stormEndsAt }: World): number[] => {
  const startedAt = new Map(ledger.all().map((one) => [one.submissionId, Date.parse(one.startedAt ?? "") || 0]));
  const first = new Map<string, number>();
  for (const { event, at } of records.published) if (!first.has(event.detail.id)) first.set(event.detail.id, at);
  return [...emr.runs.values()].flatMap(({ ended, endedAt = 0, submissionId }) =>
    ended && endedAt > stormEndsAt
      ? [
          (first.get(`${submissionId}/completed`) ?? scheduler.now()) -
            Math.max(endedAt, startedAt.get(submissionId) ?? 0),
        ]
      : [],
  );
};
