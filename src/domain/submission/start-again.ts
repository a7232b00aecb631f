import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import type { Outcome } from "./outcome.ts";
import { type Earlier, type Find, findStart, isInDoubt, leaseMs, startSubmission } from "./start-submission.ts";
import type { Submission } from "./submission.ts";

/**
 * What became of trying a start again. `no-token`: nothing was touched, and nobody else would fare better now. `left`: it
 * was claimed and not called, `lost`: somebody else has it; the token is given back.
 */
export type StartedAgain =
  | { readonly verdict: "called"; readonly outcome: Outcome }
  | { readonly verdict: "left" | "lost" | "no-token" };

const withoutCall = async <Result extends StartedAgain>({ starts }: Services, result: Result): Promise<Result> => {
  await starts.returnTokens("StartJobRun", 1);
  return result;
};

/** Who died, or has not said yet what came of it, may have called until its lease ran out. */
const earlierOf = ({ startError, leaseUntil, acceptedAt }: Submission): Earlier => {
  const until = leaseUntil ?? acceptedAt;
  return startError ?? { since: until, mayRunSince: until };
};

/** Its job run is looked for before it is called again. */
export const mustBeSought = (seen: Submission, now: string): boolean => isInDoubt(earlierOf(seen), now);

interface Trying {
  readonly by: "door" | "dispatcher";
  readonly repeat?: boolean;
  /** Looks for the job run of an earlier call, as of any time since the lease that was seen ran out. */
  readonly find?: Find;
}

/**
 * Starts a submission whose starter died, or failed: claimed anew, and called with the same token and the same bytes. Like any
 * start it takes a token and needs a slot. One that has a slot may have a job run already, so it stays `starting` until that
 * is certain. One without a slot was never called, or its line was lost: it goes back to the line where it has no job run.
 */
export const startAgain = async (
  services: Services,
  seen: Submission,
  { by, repeat = false, ...how }: Trying,
): Promise<StartedAgain> => {
  const tokens = await services.starts.takeTokens("StartJobRun", 1, by);
  if (tokens.taken === 0) return { verdict: "no-token" };
  const earlier = earlierOf(seen);
  // Whoever dies before this call is answered leaves behind since when there may be a job run.
  const mayRunSince = earlier.mayRunSince ?? services.now();
  const claimed = await services.submissions.claim(seen, services.later(leaseMs), { ...earlier, mayRunSince });
  if (claimed === undefined) return await withoutCall(services, { verdict: "lost" });
  const { active, suspended } = await services.starts.line(seen.tenantId);
  if (!active.includes(slotOf(claimed))) {
    const outcome = await findStart(services, claimed, { repeat, earlier });
    if (outcome !== undefined) return await withoutCall(services, { verdict: "called", outcome });
    // Whether it still counts as waiting is not known: a count that is too high is put right, one too low hides somebody.
    await services.starts.queueUp(seen.tenantId, 1, Number.MAX_SAFE_INTEGER);
    await services.submissions.giveBack(claimed, suspended === undefined ? "tenant-slots" : "tenant-suspended");
    await services.wake();
    return await withoutCall(services, { verdict: "left" });
  }
  if (suspended !== undefined) {
    // It was not called: one that was only ever denied can be cancelled as before.
    await services.submissions.claim(claimed, services.later(leaseMs), earlier);
    return await withoutCall(services, { verdict: "left" });
  }
  return { verdict: "called", outcome: await startSubmission(services, claimed, { repeat, earlier, ...how }) };
};
