/** A token bucket: so many calls a second, and so many at once after a rest. */
export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The APIs of EMR Serverless that Sluice calls. */
export type LimitedApi = "StartJobRun" | "ListJobRuns" | "CancelJobRun" | "GetJobRun";

/** Amazon EMR Serverless User Guide, "Endpoints and quotas": API limits per account and Region. */
export const awsRates: Readonly<Record<LimitedApi, BucketRate>> = {
  StartJobRun: { perSecond: 1, burst: 25 },
  ListJobRuns: { perSecond: 1, burst: 25 },
  CancelJobRun: { perSecond: 1, burst: 25 },
  GetJobRun: { perSecond: 10, burst: 50 },
};

/** Of a quota so much stays unused, in seconds of its rate, but at most this part of its burst. */
const spareSeconds = 1;
const mostSpare = 0.2;

/**
 * The rate that Sluice keeps to, under a quota. AWS counts a call when it arrives, and that is later than its token was
 * taken by what the ledger and the network take, and by what two clocks differ: after a slow call, a quick one arrives
 * less than an interval later. Of 25 starts at once, 24 are used.
 */
export const pacedRate = ({ perSecond, burst }: BucketRate): BucketRate => ({
  perSecond,
  burst: Math.max(1, Math.floor(burst - Math.min(perSecond * spareSeconds, burst * mostSpare))),
});

export const isLimitedApi = (name: string): name is LimitedApi => Object.hasOwn(awsRates, name);

/**
 * The bucket as one number (GCRA): the theoretical arrival time, in epoch milliseconds, when the bucket will be full
 * again. Taking a token moves it one interval on; there is a token as long as it is less than `burst` intervals away.
 */
export const intervalMs = ({ perSecond }: BucketRate): number => 1000 / perSecond;

/** Epoch milliseconds are kept to 2⁻¹² of one, and intervals are sums of fractions: so much is no debt. */
export const roundingMs = 1e-3;

/** How many of the wanted tokens are there now. */
export const tokensAt = (rate: BucketRate, fullAt: number, now: number, wanted: number): number => {
  const debt = Math.max(roundingMs, fullAt - now);
  return Math.max(0, Math.min(wanted, Math.floor(rate.burst - (debt - roundingMs) / intervalMs(rate))));
};

/** When the bucket is full again after tokens were taken. */
export const afterTaking = (rate: BucketRate, fullAt: number, now: number, taken: number): number =>
  Math.max(fullAt, now) + taken * intervalMs(rate);

/** When the next token is there. */
export const nextTokenAt = (rate: BucketRate, fullAt: number, now: number): number =>
  Math.max(now, fullAt - (rate.burst - 1) * intervalMs(rate));

/** The bucket when AWS throttled all the same: empty from now on, so the next token is one interval away. */
export const emptied = (rate: BucketRate, fullAt: number, now: number): number =>
  Math.max(fullAt, now + rate.burst * intervalMs(rate));
