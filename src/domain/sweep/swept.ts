import type { Services } from "#domain/ports.ts";
import type { LimitedApi } from "#domain/turns/token-bucket.ts";

/** What a sweep found, by kind: for its log and its metrics. */
export interface Swept {
  /** Job runs that were asked for. */
  readonly looks: number;
  /** Ends that no event had told of. */
  readonly endingsFound: number;
  /** Job runs that EMR Serverless does not know any more. */
  readonly jobRunsGone: number;
  /** Cancellations that were asked for again. */
  readonly cancelsRepeated: number;
  /** Submissions whose events were published late. */
  readonly eventsPublished: number;
  /** Costs that came after their end. */
  readonly costsFound: number;
}

/** A sweep under way: what it found so far, and the looks that came to an error. */
export interface Sweep {
  readonly services: Services;
  /** When it has to begin nothing more. */
  readonly until: string;
  readonly swept: { -readonly [Kind in keyof Swept]: number };
  readonly failures: { readonly submissionId: string; readonly error: unknown }[];
}

/** Errors after which a list is left to the next sweep: then it is not one submission that fails. */
const mostFailures = 10;

export const goesOn = ({ services, until, failures }: Sweep): boolean =>
  services.now() < until && failures.length < mostFailures;

/** Looks at submissions beside each other; one's fault must not keep the others from being looked at. */
export const lookAtAll = async <Seen extends { readonly submissionId: string }>(
  { failures }: Sweep,
  all: readonly Seen[],
  look: (seen: Seen) => Promise<void>,
): Promise<void> => {
  const looks = all.map(async (seen) => {
    try {
      await look(seen);
    } catch (error) {
      failures.push({ submissionId: seen.submissionId, error });
    }
  });
  await Promise.all(looks);
};

/** Takes up to so many tokens as soon as there is one; none where there is none in time. */
export const tokensInTime = async ({ services, until }: Sweep, api: LimitedApi, wanted: number): Promise<number> => {
  for (;;) {
    const { taken, nextAt } = await services.starts.takeTokens(api, wanted, "dispatcher");
    if (taken > 0) return taken;
    if (nextAt >= until) return 0;
    await services.pauseUntil(nextAt);
    if (services.now() >= until) return 0;
  }
};
