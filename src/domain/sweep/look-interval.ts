import type { Services } from "#domain/ports.ts";

const minuteMs = 60_000;

/**
 * How long after a look at a job run the next one is due, in milliseconds. As long as all can be looked at in a minute,
 * which is how often the sweep runs, every sweep looks at all of them; with more, they take turns.
 */
export const lookIntervalMs = (
  active: number,
  { lookMs, looksPerSecond }: Pick<Services, "lookMs" | "looksPerSecond">,
): number => {
  const inAMinute = looksPerSecond * 60;
  return active <= inAMinute ? lookMs : (active / inAMinute) * minuteMs;
};
