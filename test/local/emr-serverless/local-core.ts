import { createEmrServerlessCore, type EmrServerlessCore } from "#local/emr-serverless/core.ts";
import type { JobRunner } from "#local/emr-serverless/job-runner.ts";
import type { SettingsInput } from "#local/emr-serverless/settings.ts";
import { simulatedRunner } from "#local/emr-serverless/simulated-runner.ts";
import type { EmrEvent } from "#local/emr-serverless/state.ts";
import { createVirtualClock, seededRandom, type VirtualClock } from "./virtual-clock.ts";

export const applicationId = "00f1982r1uukb925";

interface JobRunSeen {
  readonly jobRunId: string;
  readonly state: string;
  readonly stateDetails: string;
  readonly attempt: number;
  readonly [member: string]: unknown;
}

export interface LocalCore {
  readonly core: EmrServerlessCore;
  readonly clock: VirtualClock;
  readonly events: EmrEvent[];
  /** Starts a job run of one second, or with the given members; returns its id. */
  start(members?: object): string;
  get(jobRunId: string, attempt?: number): JobRunSeen;
  call(operation: string, input: object): Record<string, unknown>;
  /** The states that the events told of, for one job run. */
  states(jobRunId: string): unknown[];
}

export function request(members: object = {}): { clientToken: string } & Record<string, unknown> {
  return {
    applicationId,
    clientToken: "token-1",
    executionRoleArn: "arn:aws:iam::111122223333:role/jobs/acme",
    jobDriver: spark("--conf spark.sluice.local.durationMs=1000"),
    ...members,
  };
}

export function spark(sparkSubmitParameters: string): object {
  return { sparkSubmit: { entryPoint: "s3://acme-jobs/job.py", sparkSubmitParameters } };
}

export function createLocalCore(settings: SettingsInput = {}, runner: JobRunner = simulatedRunner()): LocalCore {
  const clock = createVirtualClock();
  const events: EmrEvent[] = [];
  const core = createEmrServerlessCore(
    { now: clock.now, schedule: clock.schedule, random: seededRandom(), emit: (event) => events.push(event), runner },
    { applications: [{ applicationId }], rates: null, ...settings },
  );
  let tokens = 0;
  const call = (operation: string, input: object) => core.call(operation, input, "acme") as Record<string, unknown>;
  return {
    core,
    clock,
    events,
    call,
    start: (members) => {
      tokens += 1;
      return String(call("StartJobRun", request({ clientToken: `t-${tokens}`, ...members }))["jobRunId"]);
    },
    get: (jobRunId, attempt) => {
      const found = call("GetJobRun", { applicationId, jobRunId, ...(attempt === undefined ? {} : { attempt }) });
      return found["jobRun"] as JobRunSeen;
    },
    states: (jobRunId) =>
      events
        .filter((event) => event.detailType === "EMR Serverless Job Run State Change")
        .filter((event) => event.detail["jobRunId"] === jobRunId)
        .map((event) => event.detail["state"]),
  };
}

/** What an API call is answered with when it fails: the name and the text that AWS would send. */
export function failureOf(work: () => unknown): { type: unknown; status: unknown; message: string } {
  try {
    work();
  } catch (error) {
    const { type, status, message } = error as Error & { type: unknown; status: unknown };
    return { type, status, message };
  }
  throw new Error("Expected the call to fail: it was answered");
}
