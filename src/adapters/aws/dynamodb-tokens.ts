import type { Starts, Tokens } from "#domain/ports.ts";
import {
  awsRates,
  type BucketRate,
  emptied,
  type LimitedApi,
  nextTokenAt,
  tokensAt,
} from "#domain/turns/token-bucket.ts";
import type { LedgerItems } from "./ledger-items.ts";
import {
  type Bucket,
  bucketOf,
  emptyChange,
  fullBucket,
  holdChange,
  rateKey,
  suspensionChange,
  type Taking,
  takeOfFull,
  takeOfRest,
} from "./rate-item.ts";

export interface RateOptions {
  /** The time as ISO text. */
  now(): string;
  /** The account's own quotas, where they are not what AWS documents. */
  readonly rates?: Partial<Record<LimitedApi, BucketRate>>;
}

type TokenBuckets = Pick<Starts, "takeTokens" | "holdTokens" | "emptyBucket"> & {
  /** Suspends all starts with a message; without one they go on. */
  suspendAll(message: string | undefined): Promise<void>;
};

/** How often a bucket is read before a taker goes away empty. Each try fails only where others came first. */
const tries = 3;

const keepsOff = ({ suspended, heldUntil }: Bucket, { by, now }: Taking): boolean =>
  suspended !== undefined || (by === "door" && heldUntil > now);

const tokensOf = ({ fullAt, suspended }: Bucket, { rate, at }: Taking, taken: number): Tokens => {
  const nextAt = new Date(Math.ceil(nextTokenAt(rate, fullAt, at))).toISOString();
  return { taken, nextAt, ...(suspended !== undefined && { suspended }) };
};

/** Rate tokens in DynamoDB, one item an API. What was last seen of a bucket says which update to try first. */
export const dynamodbTokens = (items: LedgerItems, { now, rates = {} }: RateOptions): TokenBuckets => {
  const seen = new Map<LimitedApi, Bucket>();
  const rateOf = (api: LimitedApi): BucketRate => rates[api] ?? awsRates[api];

  const see = (api: LimitedApi, bucket: Bucket): Bucket => {
    seen.set(api, bucket);
    return bucket;
  };

  const read = async (api: LimitedApi): Promise<Bucket> =>
    see(api, bucketOf(await items.get(rateKey(api), `read the bucket of ${api}`)));

  /** Takes what a bucket as it was seen has to give; nothing comes back where it has nothing, or has changed too much. */
  const take = async (taking: Taking, bucket: Bucket, asked: number): Promise<Tokens | undefined> => {
    const wanted = tokensAt(taking.rate, bucket.fullAt, taking.at, asked);
    if (wanted === 0 || keepsOff(bucket, taking)) return undefined;
    const changes = bucket.fullAt > taking.at ? [takeOfRest] : [takeOfFull, takeOfRest];
    for (const change of changes) {
      const item = await items.update(change(taking, wanted));
      if (item !== undefined) return tokensOf(see(taking.api, bucketOf(item)), taking, wanted);
    }
    return undefined;
  };

  return {
    async takeTokens(api, wanted, by) {
      const time = now();
      const taking = { api, rate: rateOf(api), by, now: time, at: Date.parse(time) };
      let bucket = seen.get(api) ?? fullBucket;
      for (let attempt = 0; attempt < tries; attempt += 1) {
        const tokens = await take(taking, bucket, wanted);
        if (tokens !== undefined) return tokens;
        bucket = await read(api);
        if (keepsOff(bucket, taking)) break;
      }
      return tokensOf(bucket, taking, 0);
    },
    async holdTokens(until) {
      if ((seen.get("StartJobRun") ?? fullBucket).heldUntil >= until) return;
      const item = await items.update(holdChange(until));
      if (item !== undefined) see("StartJobRun", bucketOf(item));
    },
    async emptyBucket(api) {
      const fullAt = emptied(rateOf(api), 0, Date.parse(now()));
      const item = await items.update(emptyChange(api, fullAt));
      if (item !== undefined) see(api, bucketOf(item));
    },
    async suspendAll(message) {
      const item = await items.update(suspensionChange(message));
      if (item !== undefined) see("StartJobRun", bucketOf(item));
    },
  };
};
