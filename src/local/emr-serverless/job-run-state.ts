import { emitJobRunState } from "./events.ts";
import type { Machine } from "./machine.ts";
import { notFound } from "./service-error.ts";
import { type JobRunRecord, type JobRunState, latestAttempt } from "./state.ts";

/** A job run is found under its own application only. */
export function getJobRun({ state }: Machine, applicationId: string, jobRunId: string): JobRunRecord {
  const run = Object.hasOwn(state.jobRuns, jobRunId) ? state.jobRuns[jobRunId] : undefined;
  if (!run || run.applicationId !== applicationId) throw notFound("JobRun", jobRunId);
  return run;
}

export function enterJobRunState(machine: Machine, run: JobRunRecord, to: JobRunState, details = ""): void {
  const attempt = latestAttempt(run);
  const previous = attempt.state;
  attempt.state = to;
  attempt.stateDetails = details;
  attempt.updatedAt = machine.ports.now();
  machine.changed("jobRuns", run.jobRunId);
  emitJobRunState(machine, run, to, previous);
}
