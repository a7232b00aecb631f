import { watchIdle } from "./application-life.ts";
import { enterJobRunState } from "./job-run-state.ts";
import type { Machine } from "./machine.ts";
import type { ApplicationRecord, JobRunRecord } from "./state.ts";

/**
 * An application's concurrent runs. Above them job runs wait in QUEUED, first in, first out:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/applications-concurrency-queuing.html
 * 15 runs at once and 360 minutes in the queue by default; from release 7.3.0, or where it is configured.
 */
const defaultConcurrentRuns = 15;
const defaultQueueMinutes = 360;

function releaseAtLeast(releaseLabel: string, major: number, minor: number): boolean {
  const [, x, y] = /(\d+)\.(\d+)/.exec(releaseLabel) ?? [];
  return Number(x) > major || (Number(x) === major && Number(y) >= minor);
}

function concurrentRunsOf({ settings }: ApplicationRecord): number {
  const { schedulerConfiguration: scheduler, releaseLabel } = settings;
  if (!scheduler && !releaseAtLeast(releaseLabel, 7, 3)) return Number.POSITIVE_INFINITY;
  return scheduler?.maxConcurrentRuns ?? defaultConcurrentRuns;
}

function applicationOf({ state }: Machine, run: JobRunRecord): ApplicationRecord {
  const application = state.applications[run.applicationId];
  if (!application) throw new Error(`Cannot find application "${run.applicationId}" of job run "${run.jobRunId}"`);
  return application;
}

export function takeSlot(machine: Machine, run: JobRunRecord): void {
  const { ports, timers } = machine;
  const application = applicationOf(machine, run);
  machine.changed("applications", run.applicationId);
  leaveSubmitted(application, run);
  if (application.active.length < concurrentRunsOf(application)) {
    admit(machine, application, run);
    return;
  }
  application.queued.push(run.jobRunId);
  run.queuedAt = ports.now();
  enterJobRunState(machine, run, "QUEUED");
  const minutes = application.settings.schedulerConfiguration?.queueTimeoutMinutes ?? defaultQueueMinutes;
  timers.arm(ports.now() + minutes * 60_000, { kind: "queueTimeout", jobRunId: run.jobRunId });
}

function admit(machine: Machine, application: ApplicationRecord, run: JobRunRecord): void {
  application.active.push(run.jobRunId);
  enterPending(machine, run);
}

export function enterPending(machine: Machine, run: JobRunRecord): void {
  const { ports, settings, timers } = machine;
  enterJobRunState(machine, run, "PENDING");
  timers.arm(ports.now() + settings.stages.pendingMs, { kind: "advance", jobRunId: run.jobRunId });
}

function leaveSubmitted(application: ApplicationRecord, run: JobRunRecord): void {
  application.submitted = application.submitted.filter((id) => id !== run.jobRunId);
}

/** Takes a run out of the queue, and adds up its time there. */
function leaveQueue({ ports, timers }: Machine, application: ApplicationRecord, run: JobRunRecord): void {
  if (run.queuedAt === undefined) return;
  application.queued = application.queued.filter((id) => id !== run.jobRunId);
  run.queuedMs += ports.now() - run.queuedAt;
  delete run.queuedAt;
  timers.clear({ kind: "queueTimeout", jobRunId: run.jobRunId });
}

/** Gives back a slot or a place in the queue; the longest waiting run goes on. */
export function freeSlot(machine: Machine, run: JobRunRecord): void {
  const application = applicationOf(machine, run);
  machine.changed("applications", run.applicationId);
  leaveSubmitted(application, run);
  leaveQueue(machine, application, run);
  application.active = application.active.filter((id) => id !== run.jobRunId);
  while (application.active.length < concurrentRunsOf(application)) {
    const next = machine.state.jobRuns[application.queued[0] ?? ""];
    if (!next) break;
    leaveQueue(machine, application, next);
    admit(machine, application, next);
  }
  watchIdle(machine, application);
}
