import type { Submission } from "#domain/submission/submission.ts";
import { type RealRun, refusedByEmr } from "../emr.ts";
import type { World } from "../world.ts";
import { roleOf, tenantNames } from "../world-tenants.ts";
import type { Finished, Invariant } from "./invariant.ts";

const runsOf = ({ emr }: World): Map<string, RealRun[]> => {
  const bySubmission = new Map<string, RealRun[]>();
  for (const run of emr.runs.values())
    bySubmission.set(run.submissionId, [...(bySubmission.get(run.submissionId) ?? []), run]);
  return bySubmission;
};

/** Exactly one job run, or exactly one ending without one. */
const faultOfEnding = (submission: Submission, runs: readonly RealRun[]): string | undefined => {
  const { submissionId, state } = submission;
  const name = `submission "${submissionId}"`;
  if (runs.length > 1) return `${name} has ${runs.length} job runs: ${runs.map(({ jobRunId }) => jobRunId).join(", ")}`;
  const [run] = runs;
  if (state === "refused" || state === "cancelled")
    return run === undefined ? undefined : `${name} is ${state} and has job run ${run.jobRunId}`;
  if (state !== "completed") return `${name} is ${state} in the end: job run ${run?.jobRunId ?? "none"}`;
  if (run === undefined) return `${name} is completed without a job run`;
  return submission.jobRunId === run.jobRunId
    ? undefined
    : `${name} has job run ${submission.jobRunId}, not ${run.jobRunId}`;
};

const oneEnding = ({ world }: Finished): string | undefined => {
  const runs = runsOf(world);
  for (const submission of world.ledger.all()) {
    const fault = faultOfEnding(submission, runs.get(submission.submissionId) ?? []);
    if (fault !== undefined) return fault;
    runs.delete(submission.submissionId);
  }
  const [stray] = [...runs.values()].flat();
  return stray && `job run ${stray.jobRunId} belongs to no submission: its token is "${stray.submissionId}"`;
};

/** A token is always sent with the same bytes, but for what EMR Serverless refused: another may take its place. */
const frozenInput = ({ world }: Finished): string | undefined => {
  for (const run of world.emr.runs.values()) {
    const stored = world.ledger.all().find(({ submissionId }) => submissionId === run.submissionId);
    if (stored?.input !== undefined && stored.input !== JSON.stringify(run.input))
      return `job run ${run.jobRunId} was started with another input than the one frozen for "${run.submissionId}"`;
  }
  const sent = new Map<string, string>();
  for (const { submissionId, text } of world.records.startCalls) {
    if (text.includes(refusedByEmr)) continue;
    if ((sent.get(submissionId) ?? text) !== text) return `token "${submissionId}" was sent with two inputs`;
    sent.set(submissionId, text);
  }
  return undefined;
};

/** Nothing of another tenant on a job run. */
const ownTenant = ({ world }: Finished): string | undefined => {
  for (const { jobRunId, submissionId, input } of world.emr.runs.values()) {
    const tenantId = world.ledger.all().find((found) => found.submissionId === submissionId)?.tenantId ?? "";
    const others = tenantNames.filter((name) => name !== tenantId);
    const { tags, executionRoleArn, executionIamPolicy } = input;
    const own =
      tags["sluice:tenant"] === tenantId &&
      tags["owner"] === tenantId &&
      tags["sluice:submission"] === submissionId &&
      executionRoleArn === roleOf(tenantId) &&
      executionIamPolicy.policy.includes(`/${tenantId}/*`);
    const foreign = others.find((name) =>
      JSON.stringify({ ...input, clientToken: "", name: "" }).includes(`/${name}/`),
    );
    if (!own || foreign !== undefined)
      return `job run ${jobRunId} of tenant "${tenantId}" carries the tags, role or policy of another: ${foreign ?? tags["sluice:tenant"]}`;
  }
  return undefined;
};

const cancelledStay = ({ world }: Finished): string | undefined => {
  for (const [submissionId] of world.records.cancelled) {
    const run = [...world.emr.runs.values()].find((found) => found.submissionId === submissionId);
    if (run !== undefined)
      return `submission "${submissionId}" was cancelled while it waited, and has job run ${run.jobRunId}`;
  }
  return undefined;
};

export const runInvariants: readonly Invariant[] = [
  { name: "cancelled", check: cancelledStay },
  { name: "one ending", check: oneEnding },
  { name: "frozen input", check: frozenInput },
  { name: "own tenant", check: ownTenant },
];
