import type { Submission } from "./submission.ts";
import type { Acceptance } from "./submissions.ts";

/** What comes of a proposed submission whose id is taken. Another tenant's submission is never handed out. */
export const judgeTaken = (stored: Submission, proposed: Submission): Acceptance => {
  if (stored.tenantId !== proposed.tenantId) return { verdict: "conflict", submission: proposed };
  const same = stored.fingerprint === proposed.fingerprint;
  const givesWay = stored.state === "refused" && !(same && proposed.state === "refused");
  if (givesWay) return { verdict: "gives-way", submission: stored };
  return { verdict: same ? "repeat" : "conflict", submission: stored };
};

/** The acceptance that may take the place of a refused one. */
export const acceptanceAfter = ({ acceptance = 1 }: Submission): number => acceptance + 1;
