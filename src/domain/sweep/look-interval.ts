import type { Services } from "#domain/ports.ts";

const minuteMs = 60_000;

/**
 * How long after a look at a job run the next one is due, in milliseconds. As long as a minute's calls of GetJobRun are
 * enough for all, all are due at every sweep, which comes once a minute; with more, they take turns. A sweep has neither the
 * whole minute nor the whole rate: what it does not come to is the first of the next one.
 */
export const lookIntervalMs = (
  active: number,
  { lookMs, looksPerSecond }: Pick<Services, "lookMs" | "looksPerSecond">,
): number => {
  const inAMinute = looksPerSecond * 60;
  return active <= inAMinute ? lookMs : (active / inAMinute) * minuteMs;
};
