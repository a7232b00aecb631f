import { newEventId } from "./ids.ts";
import type { Machine } from "./machine.ts";
import type { JobRunState } from "./state.ts";
import {
  type ApplicationRecord,
  type AttemptRecord,
  type EmrEvent,
  type JobRunRecord,
  latestAttempt,
} from "./state.ts";
import { difference, noUtilization } from "./utilization.ts";

/**
 * The four events of EMR Serverless, in the shapes of its user guide:
 * https://docs.aws.amazon.com/emr/latest/EMR-Serverless-UserGuide/using-eventbridge.html
 * They carry no tags, no name and no state details, and delivery is best effort.
 */
type EventBody = Pick<EmrEvent, "detailType" | "detail"> & Partial<Pick<EmrEvent, "resources">>;

/** Microseconds, as in the guide's samples. */
function isoMicros(ms: number): string {
  return new Date(ms).toISOString().replace("Z", "000Z");
}

function emit(machine: Machine, body: EventBody): void {
  const { ports, faults, timers, state } = machine;
  const event: EmrEvent = {
    id: newEventId(ports.random),
    detailType: body.detailType,
    detail: body.detail,
    resources: body.resources ?? [],
    time: new Date(ports.now()).toISOString().replace(/\.\d+Z$/, "Z"),
  };
  const found = faults.takeForEvent(event);
  if (found?.fault === "lose") return;
  if (found?.fault === "delay") {
    timers.arm(ports.now() + found.delayMs, { kind: "event", event });
    return;
  }
  if (found?.fault === "reorder") {
    state.heldEvents.push(event);
    machine.changed("heldEvents");
    timers.arm(ports.now() + found.delayMs, { kind: "heldEvents" });
    return;
  }
  ports.emit(event);
  if (found?.fault === "duplicate") ports.emit(event);
  releaseHeldEvents(machine);
}

/** Events that were held back follow the one that has overtaken them, or come when nothing did for a while. */
export function releaseHeldEvents({ state, timers, ports, changed }: Machine): void {
  if (state.heldEvents.length === 0) return;
  changed("heldEvents");
  timers.clear({ kind: "heldEvents" });
  for (const event of state.heldEvents.splice(0)) ports.emit(event);
}

export function emitApplicationState(machine: Machine, application: ApplicationRecord): void {
  const { settings } = application;
  emit(machine, {
    detailType: "EMR Serverless Application State Change",
    detail: {
      applicationId: application.applicationId,
      ...(settings.name === undefined ? {} : { applicationName: settings.name }),
      arn: application.arn,
      releaseLabel: settings.releaseLabel,
      state: application.state,
      type: settings.type.toUpperCase(),
      createdAt: isoMicros(application.createdAt),
      updatedAt: isoMicros(application.updatedAt),
      autoStopConfig: {
        enabled: settings.autoStopConfiguration?.enabled,
        idleTimeout: settings.autoStopConfiguration?.idleTimeoutMinutes,
      },
      autoStartConfig: { enabled: settings.autoStartConfiguration?.enabled },
    },
  });
}

function jobRunBasics(run: JobRunRecord): Record<string, unknown> {
  return {
    jobRunId: run.jobRunId,
    applicationId: run.applicationId,
    arn: run.arn,
    releaseLabel: run.releaseLabel,
  };
}

/** The first state of a job run has no previous one. */
export function emitJobRunState(machine: Machine, run: JobRunRecord, state: JobRunState, previous?: JobRunState): void {
  emit(machine, {
    detailType: "EMR Serverless Job Run State Change",
    detail: {
      ...jobRunBasics(run),
      state,
      ...(previous === undefined ? {} : { previousState: previous }),
      createdBy: run.createdBy,
      updatedAt: isoMicros(latestAttempt(run).updatedAt),
      createdAt: isoMicros(run.createdAt),
    },
  });
}

export function emitRetry(machine: Machine, run: JobRunRecord, previous: AttemptRecord): void {
  const latest = latestAttempt(run);
  emit(machine, {
    detailType: "EMR Serverless Job Run Retry",
    detail: {
      ...jobRunBasics(run),
      createdBy: run.createdBy,
      updatedAt: isoMicros(latest.updatedAt),
      createdAt: isoMicros(run.createdAt),
      previousAttempt: previous.attempt,
      previousAttemptState: previous.state,
      previousAttemptCreatedAt: isoMicros(previous.createdAt),
      previousAttemptEndedAt: isoMicros(previous.endedAt ?? previous.updatedAt),
      newAttempt: latest.attempt,
      newAttemptCreatedAt: isoMicros(latest.createdAt),
    },
  });
}

/** Tells of the time since the last such event; `before` are the totals that it gave. */
export function emitUtilization(
  machine: Machine,
  run: JobRunRecord,
  attempt: AttemptRecord,
  before: Pick<AttemptRecord, "total" | "billed" | "reportedUntil">,
): void {
  const { total = noUtilization, billed = noUtilization, startedAt, endedAt } = attempt;
  emit(machine, {
    detailType: "EMR Serverless Job Resource Utilization Update",
    resources: [run.arn],
    detail: {
      applicationId: run.applicationId,
      jobRunId: run.jobRunId,
      attempt: attempt.attempt,
      mode: run.input.mode ?? "BATCH",
      createdAt: isoMicros(attempt.createdAt),
      ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
      calculatedFrom: isoMicros(before.reportedUntil ?? startedAt ?? attempt.createdAt),
      calculatedTo: isoMicros(endedAt ?? machine.ports.now()),
      resourceUtilizationFinal: endedAt !== undefined,
      resourceUtilizationForInterval: difference(total, before.total ?? noUtilization),
      billedResourceUtilizationForInterval: difference(billed, before.billed ?? noUtilization),
      totalResourceUtilization: total,
      totalBilledResourceUtilization: billed,
    },
  });
}
