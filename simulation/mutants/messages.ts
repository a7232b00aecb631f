import { frozenInput, type NewSubmission } from "#domain/submission/submission.ts";
import { type Mutant, submissions } from "./mutant.ts";

const renamedTo = (submission: NewSubmission, submissionId: string): NewSubmission => {
  if (submission.state === "refused") return { ...submission, submissionId };
  const input = { ...frozenInput(submission), clientToken: submissionId };
  return { ...submission, submissionId, input: JSON.stringify(input) };
};

const noRepeat = submissions((own) => ({
  accept: async (submission) => {
    const found = await own.get(submission.submissionId);
    if (found === undefined) return await own.accept(submission);
    return await own.accept(renamedTo(submission, `${submission.submissionId.slice(0, 50)}.2`));
  },
}));

/** A batch of messages is answered as if nothing had failed. */
const allWentWell = (answer: unknown): unknown =>
  typeof answer === "object" && answer !== null && "batchItemFailures" in answer
    ? { ...answer, batchItemFailures: [] }
    : answer;

export const messageMutants: readonly Mutant[] = [
  { name: "does not recognise a repeat", seed: 1, ports: noRepeat },
  { name: "acknowledges messages that failed", seed: 1, answer: allWentWell },
];
