import type { Services } from "#domain/ports.ts";
import { slotOf } from "#domain/turns/slot.ts";
import type { Outcome } from "./outcome.ts";
import { leaseMs, startSubmission } from "./start-submission.ts";
import type { Submission } from "./submission.ts";

/** What became of trying a start again. `no-token`: nothing was touched, and nobody else would fare better now. */
export type StartedAgain =
  | { readonly verdict: "called"; readonly outcome: Outcome }
  | { readonly verdict: "left" | "no-token" };

const whyNot = { full: "tenant-slots", suspended: "tenant-suspended" } as const;

/**
 * Starts a submission whose starter died: claimed anew, and called with the same token and the same bytes. Like any
 * start it takes a token and needs a slot. One without a slot was never called, so it may go back to the line; one
 * that has a slot may have a job run already, so it stays `starting` until that is certain.
 */
export const startAgain = async (
  services: Services,
  seen: Submission,
  { by, repeat = false }: { readonly by: "door" | "dispatcher"; readonly repeat?: boolean },
): Promise<StartedAgain> => {
  const { tenantId } = seen;
  const setup = await services.tenants.byId(tenantId);
  const tokens = await services.starts.takeTokens("StartJobRun", 1, by);
  if (tokens.taken === 0) return { verdict: "no-token" };
  const claimed = await services.submissions.claim(seen, services.later(leaseMs));
  if (claimed === undefined) return { verdict: "left" };
  const own = slotOf(claimed);
  // Whether it still counts as waiting is not known: a count that is too high is put right, one too low hides somebody.
  const { active } = await services.starts.line(tenantId);
  if (!active.includes(own)) await services.starts.queueUp(tenantId, 1, Number.MAX_SAFE_INTEGER);
  const slot = await services.starts.takeTurn(tenantId, own, setup?.tenant.limits.maxActive ?? 1);
  if (slot !== "taken") {
    // Without a slot it was never called, so it waits like any other.
    if (!active.includes(own)) await services.submissions.giveBack(claimed, whyNot[slot]);
    return { verdict: "left" };
  }
  return { verdict: "called", outcome: await startSubmission(services, claimed, { repeat, again: true }) };
};
