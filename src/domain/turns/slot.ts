import type { Submission } from "#domain/submission/submission.ts";

/** Which acceptance under a submission id it is. */
export type Accepted = Pick<Submission, "submissionId" | "acceptance">;

const separator = "~";

/**
 * The name of a submission's slot. A slot belongs to one acceptance, not to an id: what is freed for one that was refused
 * is never the slot of the one that took its place, however late it is freed.
 */
export const slotOf = ({ submissionId, acceptance = 1 }: Accepted): string =>
  // A submission id has no such character (EMR Serverless's ClientToken: `[A-Za-z0-9._-]+`).
  acceptance === 1 ? submissionId : `${submissionId}${separator}${acceptance}`;

/** Whose slot it is. */
export const holderOf = (slot: string): Required<Accepted> => {
  const [submissionId = slot, acceptance = "1"] = slot.split(separator);
  return { submissionId, acceptance: Number(acceptance) };
};
