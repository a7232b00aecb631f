import { type Bucket, fullBucket, tokensFor, toldOf } from "#domain/turns/bucket.ts";
import type { Tokens } from "#domain/turns/line.ts";
import type { Starts } from "#domain/turns/starts.ts";
import {
  awsRates,
  type BucketRate,
  emptied,
  intervalMs,
  type LimitedApi,
  pacedRate,
} from "#domain/turns/token-bucket.ts";
import type { LedgerItems } from "./ledger-items.ts";
import {
  bucketOf,
  emptyChange,
  holdChange,
  rateKey,
  returnChange,
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

type TokenBuckets = Pick<Starts, "takeTokens" | "returnTokens" | "holdTokens" | "emptyBucket"> & {
  /** Suspends all starts with a message; without one they go on. */
  suspendAll(message: string | undefined): Promise<void>;
};

/** How often a bucket is read before a taker goes away empty. Each try fails only where others came first. */
const tries = 3;

const tokensOf = (bucket: Bucket, taking: Taking, taken: number): Tokens => {
  const { nextAt, ...told } = toldOf(bucket, taking);
  return { taken, nextAt: new Date(Math.ceil(nextAt)).toISOString(), ...told };
};

/** Rate tokens in DynamoDB, one item an API. What was last seen of a bucket says which update to try first. */
export const dynamodbTokens = (items: LedgerItems, { now, rates = {} }: RateOptions): TokenBuckets => {
  const seen = new Map<LimitedApi, Bucket>();
  const rateOf = (api: LimitedApi): BucketRate => pacedRate(rates[api] ?? awsRates[api]);

  const see = (api: LimitedApi, bucket: Bucket): Bucket => {
    seen.set(api, bucket);
    return bucket;
  };

  const read = async (api: LimitedApi): Promise<Bucket> =>
    see(api, bucketOf(await items.get(rateKey(api), `read the bucket of ${api}`)));

  /** Takes tokens that were there when the bucket was seen; nothing comes back where others came first. */
  const take = async (taking: Taking, bucket: Bucket, wanted: number): Promise<Tokens | undefined> => {
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
        const there = tokensFor(bucket, taking, wanted);
        const tokens = there === 0 ? undefined : await take(taking, bucket, there);
        if (tokens !== undefined) return tokens;
        bucket = await read(api);
        if (tokensFor(bucket, taking, wanted) === 0) break;
      }
      return tokensOf(bucket, taking, 0);
    },
    async returnTokens(api, count) {
      const item = await items.update(returnChange(api, count * intervalMs(rateOf(api))));
      if (item !== undefined) see(api, bucketOf(item));
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
