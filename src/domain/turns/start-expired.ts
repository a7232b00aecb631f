import type { Services } from "#domain/ports.ts";
import { type Failure, unconfirmedOf } from "#domain/submission/outcome.ts";
import { startAgain } from "#domain/submission/start-again.ts";

/** Submissions that are read at once. */
const pageSize = 25;

/** Starts that were made again. */
export interface Restarts {
  startedAgain: number;
  /** Those that came to an error which nobody foresaw. */
  readonly failures: Failure[];
  /** Those that are not confirmed yet. */
  readonly unconfirmed: Failure[];
}

/**
 * Starts submissions again whose caller died or got no answer, oldest lease first, until none is due, no token is left, or
 * its time is up. Safe beside itself and beside everybody else: one claimant wins.
 */
export const startExpired = async (services: Services, until: string): Promise<Restarts> => {
  const restarts: Restarts = { startedAgain: 0, failures: [], unconfirmed: [] };
  let called: boolean;
  do {
    called = false;
    for (const seen of await services.submissions.due("starting", services.now(), pageSize)) {
      if (services.now() >= until) return restarts;
      try {
        const again = await startAgain(services, seen, { by: "dispatcher" });
        if (again.verdict === "no-token") return restarts;
        if (again.verdict !== "called") continue;
        called = true;
        restarts.startedAgain += 1;
        restarts.unconfirmed.push(...unconfirmedOf(again.outcome));
      } catch (error) {
        // One submission's fault must not keep the others from being looked after.
        restarts.failures.push({ submissionId: seen.submissionId, error });
      }
    }
    // An index that lags shows what others have claimed by now: a page of nothing else is the end.
  } while (called);
  return restarts;
};
