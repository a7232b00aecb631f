import { ServiceError } from "#domain/errors.ts";
import type { Services } from "#domain/ports.ts";
import type { LimitedApi } from "./token-bucket.ts";

type Parts = Pick<Services, "starts">;

/** StartJobRun's tokens are taken where it is decided whose turn it is. */
export type PacedApi = Exclude<LimitedApi, "StartJobRun">;

/** Each of these APIs has a new token at least once a second, by AWS's figures; others take some of them. */
const retryAfterSeconds = 2;

/** ERR_EMR_BUSY: nothing was asked, so whoever wanted it comes again. */
const noToken = (api: PacedApi, nextAt: string): ServiceError => {
  const message = `Cannot call ${api}: the account's rate is used up until ${nextAt}: try again after ${retryAfterSeconds} s`;
  return new ServiceError("ERR_EMR_BUSY", message, { retryAfterSeconds });
};

/** A call for which a token was taken: where AWS throttles all the same, somebody else uses the rate, and the bucket learns it. */
export const withToken = async <T>(services: Parts, api: PacedApi, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ServiceError && error.code === "ERR_EMR_BUSY") await services.starts.emptyBucket(api);
    throw error;
  }
};

/** Takes tokens for up to `wanted` calls, in one update: for a page of work. None is ERR_EMR_BUSY. */
export const takeForPage = async (services: Parts, api: PacedApi, wanted: number): Promise<number> => {
  const { taken, nextAt } = await services.starts.takeTokens(api, wanted, "dispatcher");
  if (taken === 0) throw noToken(api, nextAt);
  return taken;
};

/** One call of a limited API, with a token of the account's rate of it. */
export const paced = async <T>(services: Parts, api: PacedApi, call: () => Promise<T>): Promise<T> => {
  await takeForPage(services, api, 1);
  return await withToken(services, api, call);
};

/** Takes up to so many tokens as soon as there is one; none where there is none in time. */
export const tokensInTime = async (
  { services, until }: { readonly services: Services; readonly until: string },
  api: PacedApi,
  wanted: number,
): Promise<number> => {
  for (;;) {
    const { taken, nextAt } = await services.starts.takeTokens(api, wanted, "dispatcher");
    if (taken > 0) return taken;
    if (nextAt >= until) return 0;
    await services.pauseUntil(nextAt);
    if (services.now() >= until) return 0;
  }
};
