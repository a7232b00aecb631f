import { type BucketRate, nextTokenAt, tokensAt } from "./token-bucket.ts";

/** The bucket of an API as it is kept. `heldUntil` and `suspended` are for StartJobRun's only. */
export interface Bucket {
  /** Epoch milliseconds: when the bucket is full again. */
  readonly fullAt: number;
  /** ISO text: until then the doors get no token, because somebody waits for one. */
  readonly heldUntil: string;
  /** The operator's message where all starts are suspended. */
  readonly suspended?: string | undefined;
}

export const fullBucket: Bucket = { fullAt: 0, heldUntil: "" };

/** Who takes tokens, and when. */
export interface Taker {
  readonly rate: BucketRate;
  readonly by: "door" | "dispatcher";
  /** The time as ISO text, and in epoch milliseconds. */
  readonly now: string;
  readonly at: number;
}

const keepsOff = ({ suspended, heldUntil }: Bucket, { by, now }: Taker): boolean =>
  suspended !== undefined || (by === "door" && heldUntil > now);

/** How many of the wanted tokens a taker gets. */
export const tokensFor = (bucket: Bucket, taker: Taker, wanted: number): number =>
  keepsOff(bucket, taker) ? 0 : tokensAt(taker.rate, bucket.fullAt, taker.at, wanted);

/** What a taker is told of the bucket that it leaves behind, with the time of the next token in epoch milliseconds. */
export const toldOf = ({ fullAt, suspended }: Bucket, { rate, at }: Taker) => ({
  nextAt: nextTokenAt(rate, fullAt, at),
  ...(suspended !== undefined && { suspended }),
});
