import type { Submission } from "./submission.ts";
import type { DueKind } from "./submissions.ts";

/** What a submission is due for, and when; nothing where it waits, or where nothing is left to do for it. */
export const dueOf = ({
  state,
  leaseUntil,
  dueAt,
}: Submission): { readonly kind: DueKind; readonly at: string } | undefined => {
  if (state === "waiting") return undefined;
  if (state === "starting") return leaseUntil === undefined ? undefined : { kind: "starting", at: leaseUntil };
  return dueAt === undefined ? undefined : { kind: state === "started" ? "started" : "ended", at: dueAt };
};

/** The submissions of a kind that were due before a time, oldest first. */
export const dueBefore = (all: readonly Submission[], kind: DueKind, time: string): Submission[] => {
  const found = all.flatMap((submission) => {
    const due = dueOf(submission);
    return due?.kind === kind && due.at < time ? [{ submission, at: due.at }] : [];
  });
  return found.sort((one, other) => (one.at < other.at ? -1 : 1)).map(({ submission }) => submission);
};
