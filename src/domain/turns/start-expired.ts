import type { Services } from "#domain/ports.ts";
import { type Failure, unconfirmedOf } from "#domain/submission/outcome.ts";
import { startAgain } from "#domain/submission/start-again.ts";
import type { Find } from "#domain/submission/start-submission.ts";
import type { Submission } from "#domain/submission/submission.ts";
import { listings } from "./list-job-runs.ts";

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

/** Starts one again: `claimed`, where it is not due any more. One that fails a second time may never have been claimed. */
const restart = async (
  { services, find, restarts }: { readonly services: Services; readonly find: Find; readonly restarts: Restarts },
  seen: Submission,
): Promise<"claimed" | "lost" | "no-token"> => {
  const { submissionId } = seen;
  try {
    const again = await startAgain(services, seen, { by: "dispatcher", find });
    if (again.verdict !== "called") return again.verdict === "left" ? "claimed" : again.verdict;
    restarts.startedAgain += 1;
    restarts.unconfirmed.push(...unconfirmedOf(again.outcome));
    return "claimed";
  } catch (error) {
    // One submission's fault must not keep the others from being looked after.
    const failedBefore = restarts.failures.some((failure) => failure.submissionId === submissionId);
    restarts.failures.push({ submissionId, error });
    return failedBefore ? "lost" : "claimed";
  }
};

/**
 * Starts submissions again whose caller died or got no answer, oldest lease first, until none is due, no token is left, or
 * its time is up. Safe beside itself and beside everybody else: one claimant wins.
 */
export const startExpired = async (services: Services, until: string): Promise<Restarts> => {
  const restarts: Restarts = { startedAgain: 0, failures: [], unconfirmed: [] };
  const lookUp = listings(services, until);
  let claimed: boolean;
  do {
    claimed = false;
    const page = await services.submissions.due("starting", services.now(), pageSize);
    const find = await lookUp(page);
    for (const seen of page) {
      if (services.now() >= until) return restarts;
      const became = await restart({ services, find, restarts }, seen);
      if (became === "no-token") return restarts;
      claimed ||= became === "claimed";
    }
    // An index that lags shows what others have claimed by now: a page of nothing else is the end.
  } while (claimed);
  return restarts;
};
