import { emitApplicationState } from "./events.ts";
import type { Machine } from "./machine.ts";
import { notFound } from "./service-error.ts";
import type { ApplicationRecord, ApplicationState } from "./state.ts";

/**
 * The life of an application:
 *
 *     CREATING → CREATED → STARTING → STARTED → STOPPING → STOPPED → (STARTING | TERMINATED)
 *
 * A job run starts an application that is not started (unless that is switched off) and keeps it from stopping; one
 * without job runs stops after its idle timeout. Job runs do not wait here for STARTED: stages have their own length.
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/emr-serverless-console.html
 */
const nextStates: Partial<Record<ApplicationState, ApplicationState>> = {
  CREATING: "CREATED",
  STARTING: "STARTED",
  STOPPING: "STOPPED",
};

export function getApplication({ state }: Machine, applicationId: string): ApplicationRecord {
  const application = Object.hasOwn(state.applications, applicationId) ? state.applications[applicationId] : undefined;
  if (!application) throw notFound("Application", applicationId);
  return application;
}

export function enterApplicationState(machine: Machine, application: ApplicationRecord, to: ApplicationState): void {
  const { ports, settings, timers } = machine;
  const { applicationId } = application;
  application.state = to;
  application.updatedAt = ports.now();
  machine.changed("applications", applicationId);
  emitApplicationState(machine, application);
  if (nextStates[to]) timers.arm(ports.now() + settings.stages.applicationMs, { kind: "application", applicationId });
  if (to === "STARTED") watchIdle(machine, application);
}

/** The end of CREATING, STARTING or STOPPING. A job run that came while stopping starts the application again. */
export function advanceApplication(machine: Machine, application: ApplicationRecord): void {
  const to = nextStates[application.state];
  if (!to) return;
  enterApplicationState(machine, application, to);
  if (!isIdle(application) && to !== "STARTED") enterApplicationState(machine, application, "STARTING");
}

export function wakeApplication(machine: Machine, application: ApplicationRecord): void {
  machine.timers.clear({ kind: "autoStop", applicationId: application.applicationId });
  const asleep = application.state === "CREATED" || application.state === "STOPPED";
  if (asleep) enterApplicationState(machine, application, "STARTING");
}

export function isIdle({ submitted, queued, active }: ApplicationRecord): boolean {
  return submitted.length + queued.length + active.length === 0;
}

/** Called whenever an application may have become idle. */
export function watchIdle({ ports, timers }: Machine, application: ApplicationRecord): void {
  const { autoStopConfiguration: stop } = application.settings;
  if (!isIdle(application) || application.state !== "STARTED" || !stop?.enabled) return;
  const idleMs = (stop.idleTimeoutMinutes ?? 15) * 60_000;
  timers.arm(ports.now() + idleMs, { kind: "autoStop", applicationId: application.applicationId });
}
