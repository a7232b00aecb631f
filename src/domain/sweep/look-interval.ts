import { awsRates } from "#domain/turns/token-bucket.ts";

/** Job runs that GetJobRun can be asked for in a minute, which is how often the sweep runs. */
const looksAMinute = awsRates.GetJobRun.perSecond * 60;

const minuteMs = 60_000;

/**
 * How long after a look at a job run the next one is due, in milliseconds. As long as all can be looked at in a minute,
 * every sweep looks at all of them; with more, they take turns.
 */
export const lookIntervalMs = (active: number, shortestMs: number): number =>
  active <= looksAMinute ? shortestMs : (active / looksAMinute) * minuteMs;
