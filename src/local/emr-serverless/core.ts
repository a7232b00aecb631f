import { advanceApplication, enterApplicationState } from "./application-life.ts";
import { seedApplication } from "./applications.ts";
import { releaseHeldEvents } from "./events.ts";
import { createFaults, type EmrServerlessFaults } from "./faults.ts";
import { advanceJobRun, cancelJobRun, reportUtilization, resumeJobRuns, timeoutMinutesOf } from "./job-run-life.ts";
import type { Machine, Ports } from "./machine.ts";
import { operations } from "./operations.ts";
import { takeRateToken, throttled } from "./rates.ts";
import { ServiceError } from "./service-error.ts";
import { type SettingsInput, settingsOf } from "./settings.ts";
import { emptyState, type JobRunRecord, type State, stateKeys, type Task } from "./state.ts";
import { createTimers } from "./timers.ts";

export interface EmrServerlessCore {
  /** One API call; the input has the members of the API's own request. Throws a ServiceError where AWS answers one. */
  call(operation: string, input: unknown, principal: string): object;
  readonly faults: EmrServerlessFaults;
  /** All of its state as plain JSON values, timers included. */
  snapshot(): State;
  /** The state itself, to be read at once and never changed. */
  peek(): Readonly<State>;
  /**
   * Takes up such a state: timers go on at their moments, and running attempts are handed to the runner again.
   * Applications of the settings that are not in it are added.
   */
  restore(state: State): void;
  /** Stops the clock and the runner. The state stays as it is. */
  end(): Promise<void>;
}

/** EMR Serverless as a state machine: no HTTP, no clock of its own, no chance of its own. */
export function createEmrServerlessCore(ports: Ports, input: SettingsInput = {}): EmrServerlessCore {
  const machine = createMachine(ports, input);
  seedApplications(machine);
  return {
    call: (name, request, principal) => call(machine, name, request, principal),
    faults: machine.faults,
    snapshot: () => structuredClone(machine.state),
    peek: () => machine.state,
    restore: (state) => {
      abandonAll(machine);
      replaceState(machine, structuredClone(state));
      seedApplications(machine);
      machine.timers.rearm();
      resumeJobRuns(machine);
    },
    end: async () => {
      machine.timers.stop();
      abandonAll(machine);
      await ports.runner.end?.();
    },
  };
}

function seedApplications(machine: Machine): void {
  for (const seed of machine.settings.applications) {
    if (!(seed.applicationId in machine.state.applications)) seedApplication(machine, seed);
  }
}

function replaceState(machine: Machine, state: State): void {
  const before = machine.state;
  machine.state = state;
  for (const part of Object.keys(before) as (keyof State)[]) {
    for (const key of new Set([...stateKeys(before, part), ...stateKeys(state, part)])) machine.changed(part, key);
  }
}

function createMachine(ports: Ports, input: SettingsInput): Machine {
  const machine: Machine = {
    ports,
    settings: settingsOf(input),
    faults: createFaults(ports.random),
    timers: createTimers(
      ports,
      () => machine.state,
      (task) => perform(machine, task),
      (key) => machine.changed("timers", key),
    ),
    changed: (part, key = "") => ports.changed?.(part, key),
    running: new Map(),
    state: emptyState(),
  };
  return machine;
}

function abandonAll({ running }: Machine): void {
  for (const handle of running.values()) handle.abandon();
  running.clear();
}

/** The order is AWS's: a throttled call is not looked at, and a refused one has still used its rate. */
function call(machine: Machine, name: string, input: unknown, principal: string): object {
  const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (!operation) throw new ServiceError("UnknownOperationException", `There is no operation ${name} here`);
  const { faults } = machine;
  if (faults.takeForCall("throttle", name)) throw throttled(machine);
  if (faults.takeForCall("fail", name)) {
    throw new ServiceError("InternalServerException", "Request processing failed because of an error");
  }
  takeRateToken(machine, name);
  const loseAnswer = faults.takeForCall("loseAnswer", name);
  try {
    return operation.run(machine, input, principal);
  } finally {
    // An error is an answer too: it is lost as well.
    // biome-ignore lint/correctness/noUnsafeFinally: losing the answer takes the place of whatever it was.
    if (loseAnswer) throw new ServiceError("AnswerLost", `The answer to ${name} was lost`);
  }
}

function perform(machine: Machine, task: Task): void {
  if ("jobRunId" in task) {
    const run = machine.state.jobRuns[task.jobRunId];
    if (run) performForJobRun(machine, run, task.kind);
    return;
  }
  if ("applicationId" in task) {
    const application = machine.state.applications[task.applicationId];
    if (!application) return;
    if (task.kind === "application") advanceApplication(machine, application);
    else if (application.state === "STARTED") enterApplicationState(machine, application, "STOPPING");
    return;
  }
  if (task.kind === "event") machine.ports.emit(task.event);
  else releaseHeldEvents(machine);
}

function performForJobRun(machine: Machine, run: JobRunRecord, kind: (Task & { jobRunId: string })["kind"]): void {
  if (kind === "advance") advanceJobRun(machine, run);
  if (kind === "utilization") reportUtilization(machine, run);
  // A timeout ends as a cancel does (user guide, job states); only the details tell them apart.
  if (kind === "queueTimeout") cancelJobRun(machine, run, "Job run timed out in the queue");
  if (kind === "runTimeout") cancelJobRun(machine, run, `Job run timed out after ${timeoutMinutesOf(run)} minutes`);
}
