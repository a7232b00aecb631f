import { problemOf } from "#domain/problem.ts";
import { startErrorView } from "./start-error.ts";
import { frozenInput, type Submission } from "./submission.ts";

/** What is the machinery's, or is shown in another form. */
const hidden: readonly string[] = [
  "input",
  "refusal",
  "fingerprint",
  "fieldDigests",
  "acceptance",
  "taskToken",
  "tellStart",
  "leaseUntil",
  "startError",
  "missingSince",
  "outbox",
  "toldEvent",
  "dueAt",
  "expiresAt",
] satisfies (keyof Submission)[];

/**
 * A submission as its tenant sees it. No arguments and no policy text: those are in the job run itself. No task token:
 * it lets whoever has it end a task.
 */
export const submissionView = (submission: Submission): Readonly<Record<string, unknown>> => {
  const known = Object.fromEntries(Object.entries(submission).filter(([name]) => !hidden.includes(name)));
  if (submission.refusal !== undefined) return { ...known, problem: problemOf(submission.refusal) };
  if (submission.input === undefined) return known;
  const { applicationId, name, tags, executionTimeoutMinutes, mode } = frozenInput(submission);
  const job = { applicationId, name, tags, executionTimeoutMinutes, ...(mode !== undefined && { mode }) };
  return { ...known, ...job, ...startErrorView(submission) };
};
