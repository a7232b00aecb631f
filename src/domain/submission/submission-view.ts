import { problemOf } from "#domain/problem.ts";
import { startErrorView } from "./start-error.ts";
import { frozenInput, type Submission } from "./submission.ts";

/** What is hidden is the machinery's, or is shown in another form. A field that stands nowhere here is not shown. */
const fields = {
  submissionId: "shown",
  tenantId: "shown",
  door: "shown",
  caller: "shown",
  requestId: "shown",
  jobTemplate: "shown",
  rerunOf: "shown",
  fingerprint: "hidden",
  fieldDigests: "hidden",
  acceptedAt: "shown",
  acceptance: "hidden",
  parametersSha256: "shown",
  taskToken: "hidden",
  state: "shown",
  input: "hidden",
  changes: "shown",
  refusal: "hidden",
  priority: "shown",
  executionPolicySha256: "shown",
  proofId: "shown",
  tellStart: "hidden",
  leaseUntil: "hidden",
  startError: "hidden",
  waitingFor: "shown",
  cancelledAt: "shown",
  applicationId: "shown",
  jobRunId: "shown",
  startedAt: "shown",
  jobRun: "shown",
  cancelRequestedAt: "shown",
  missingSince: "hidden",
  completedAt: "shown",
  reason: "shown",
  outbox: "hidden",
  dueAt: "hidden",
  publishedAt: "shown",
  toldEvent: "hidden",
  expiresAt: "hidden",
} as const satisfies Record<keyof Submission, "shown" | "hidden">;

const shown: ReadonlySet<string> = new Set(
  Object.entries(fields).flatMap(([name, how]) => (how === "shown" ? [name] : [])),
);

/**
 * A submission as its tenant sees it. No arguments and no policy text: those are in the job run itself. No task token:
 * it lets whoever has it end a task.
 */
export const submissionView = (submission: Submission): Readonly<Record<string, unknown>> => {
  const known = Object.fromEntries(Object.entries(submission).filter(([name]) => shown.has(name)));
  if (submission.refusal !== undefined) return { ...known, problem: problemOf(submission.refusal) };
  if (submission.input === undefined) return known;
  const { applicationId, name, tags, executionTimeoutMinutes, mode } = frozenInput(submission);
  const job = { applicationId, name, tags, executionTimeoutMinutes, ...(mode !== undefined && { mode }) };
  return { ...known, ...job, ...startErrorView(submission) };
};
