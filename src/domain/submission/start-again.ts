import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import type { Outcome } from "./outcome.ts";
import { type Earlier, leaseMs, startSubmission } from "./start-submission.ts";
import type { Submission } from "./submission.ts";

/**
 * What became of trying a start again. `no-token`: nothing was touched, and nobody else would fare better now. `left`: it
 * was not called, so the token is given back.
 */
export type StartedAgain =
  | { readonly verdict: "called"; readonly outcome: Outcome }
  | { readonly verdict: "left" | "no-token" };

const left = async ({ starts }: Services): Promise<StartedAgain> => {
  await starts.returnTokens("StartJobRun", 1);
  return { verdict: "left" };
};

/** Who died, or has not said yet what came of it, may have called until its lease ran out. */
const earlierOf = ({ startError, leaseUntil, acceptedAt }: Submission): Earlier => {
  const until = leaseUntil ?? acceptedAt;
  return startError ?? { since: until, mayRunSince: until };
};

/**
 * Starts a submission whose starter died, or failed: claimed anew, and called with the same token and the same bytes. Like any
 * start it takes a token and needs a slot. One without a slot was never called, so it goes back to the line; one
 * that has a slot may have a job run already, so it stays `starting` until that is certain.
 */
export const startAgain = async (
  services: Services,
  seen: Submission,
  { by, repeat = false }: { readonly by: "door" | "dispatcher"; readonly repeat?: boolean },
): Promise<StartedAgain> => {
  const tokens = await services.starts.takeTokens("StartJobRun", 1, by);
  if (tokens.taken === 0) return { verdict: "no-token" };
  const earlier = earlierOf(seen);
  // Whoever dies before this call is answered leaves behind since when there may be a job run.
  const mayRunSince = earlier.mayRunSince ?? services.now();
  const claimed = await services.submissions.claim(seen, services.later(leaseMs), { ...earlier, mayRunSince });
  if (claimed === undefined) return await left(services);
  const { active, suspended } = await services.starts.line(seen.tenantId);
  if (!active.includes(slotOf(claimed))) {
    // Whether it still counts as waiting is not known: a count that is too high is put right, one too low hides somebody.
    await services.starts.queueUp(seen.tenantId, 1, Number.MAX_SAFE_INTEGER);
    await services.submissions.giveBack(claimed, suspended === undefined ? "tenant-slots" : "tenant-suspended");
    await services.wake();
    return await left(services);
  }
  if (suspended !== undefined) return await left(services);
  return { verdict: "called", outcome: await startSubmission(services, claimed, { repeat, earlier }) };
};
