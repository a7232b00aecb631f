import { problemOf } from "#domain/problem.ts";
import { frozenInput, type Submission } from "./submission.ts";

/** A submission as its tenant sees it. No arguments and no policy text: those are in the job run itself. */
export const submissionView = (submission: Submission): Readonly<Record<string, unknown>> => {
  const {
    input,
    refusal,
    fingerprint: _fingerprint,
    acceptance: _acceptance,
    leaseUntil: _leaseUntil,
    ...known
  } = submission;
  if (refusal !== undefined) return { ...known, problem: problemOf(refusal) };
  if (input === undefined) return known;
  const { applicationId, name, tags, executionTimeoutMinutes, mode } = frozenInput(submission);
  return { ...known, applicationId, name, tags, executionTimeoutMinutes, ...(mode !== undefined && { mode }) };
};
