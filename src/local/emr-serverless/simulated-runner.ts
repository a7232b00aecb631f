import { driverLogs, type PutObject } from "./driver-logs.ts";
import type { AttemptContext, AttemptOutcome, JobRunAttempt, JobRunner, RunningAttempt } from "./job-runner.ts";
import { jobProperties } from "./spark-parameters.ts";
import type { Utilization } from "./state.ts";

/** What an attempt of a simulated job run does. */
interface SimulatedPlan {
  readonly durationMs: number;
  readonly outcome: "SUCCESS" | "FAILED";
  readonly stateDetails: string;
  /** This many attempts fail before `outcome` applies. */
  readonly failAttempts: number;
  /** How long it goes on after a cancel; no longer than its grace period. */
  readonly cleanUpMs: number;
  readonly utilization?: Utilization;
}

export interface SimulatedRunnerOptions {
  /** Decides per attempt. Properties of the job run itself come before it, the defaults after. */
  readonly rule?: (attempt: JobRunAttempt) => Partial<SimulatedPlan> | undefined;
  /** With it, driver logs are written to the job run's log URI. */
  readonly putObject?: PutObject;
  /** Told of logs that could not be written. */
  readonly onError?: (error: unknown) => void;
}

/** The text that failed Spark jobs show, as clients quote it. */
export const failureDetails =
  "Job failed, please check complete logs in configured logging destination. ExitCode: 1. Last few exceptions: ";

const defaults: SimulatedPlan = {
  durationMs: 200,
  outcome: "SUCCESS",
  stateDetails: "",
  failAttempts: 0,
  cleanUpMs: 0,
};

/**
 * Job runs that run nothing. A job run says itself what is to become of it, in `sparkSubmitParameters`
 *
 *     --conf spark.sluice.local.durationMs=500 --conf spark.sluice.local.outcome=FAILED
 *
 * and likewise `stateDetails`, `failAttempts`, `cleanUpMs`, `vCPUHour`, `memoryGBHour`, `storageGBHour`; a Hive job
 * run in its parameters, as `--hiveconf sluice.local.durationMs=500`.
 */
export function simulatedRunner(options: SimulatedRunnerOptions = {}): JobRunner {
  return { start: (attempt, context) => play(options, attempt, context) };
}

function planOf({ rule }: SimulatedRunnerOptions, attempt: JobRunAttempt): SimulatedPlan {
  const properties = jobProperties(attempt.input);
  const read = (name: string): string | undefined =>
    properties.get(`spark.sluice.local.${name}`) ?? properties.get(`sluice.local.${name}`);
  const number = (name: string): number | undefined => {
    const value = Number(read(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : undefined;
  };
  const base = { ...defaults, ...rule?.(attempt) };
  const vCPUHour = number("vCPUHour");
  const measured = { memoryGBHour: number("memoryGBHour") ?? 0, storageGBHour: number("storageGBHour") ?? 0 };
  return {
    ...base,
    durationMs: number("durationMs") ?? base.durationMs,
    outcome: outcomeOf(read("outcome")) ?? base.outcome,
    stateDetails: read("stateDetails") ?? base.stateDetails,
    failAttempts: number("failAttempts") ?? base.failAttempts,
    cleanUpMs: number("cleanUpMs") ?? base.cleanUpMs,
    ...(vCPUHour === undefined ? {} : { utilization: { vCPUHour, ...measured } }),
  };
}

function outcomeOf(text: string | undefined): SimulatedPlan["outcome"] | undefined {
  return text === "SUCCESS" || text === "FAILED" ? text : undefined;
}

function play(options: SimulatedRunnerOptions, attempt: JobRunAttempt, context: AttemptContext): RunningAttempt {
  const plan = planOf(options, attempt);
  context.running();
  const startedAt = attempt.startedAt ?? context.now();
  const endsAt = startedAt + plan.durationMs;

  const end = (outcome: AttemptOutcome): void => {
    writeLogs(options, attempt, outcome);
    context.ended({ ...outcome, ...(plan.utilization === undefined ? {} : { utilization: plan.utilization }) });
  };
  const fails = attempt.attempt <= plan.failAttempts || plan.outcome === "FAILED";
  let stop = context.schedule(Math.max(0, endsAt - context.now()), () => {
    end(
      fails
        ? { state: "FAILED", stateDetails: plan.stateDetails || failureDetails }
        : { state: "SUCCESS", stateDetails: plan.stateDetails },
    );
  });
  return {
    cancel: (graceSeconds) => {
      stop();
      const leftMs = Math.max(0, endsAt - context.now());
      const cleanUpMs = Math.min(plan.cleanUpMs, graceSeconds * 1000, leftMs);
      stop = context.schedule(cleanUpMs, () => end({ state: "CANCELLED" }));
    },
    abandon: () => stop(),
  };
}

function writeLogs(
  {
    putObject,
    onError = (error) => console.error("Cannot write the logs of a simulated job run:", error),
  }: SimulatedRunnerOptions,
  attempt: JobRunAttempt,
  { state, stateDetails }: AttemptOutcome,
): void {
  if (!putObject) return;
  const stdout = `Simulated job run ${attempt.jobRunId}, attempt ${attempt.attempt}: ${state}\n`;
  const logs = driverLogs(attempt, { stdout: Buffer.from(stdout), stderr: Buffer.from(`${stateDetails ?? ""}\n`) });
  Promise.all(logs.map(({ bucket, key, bytes }) => putObject(bucket, key, bytes))).catch(onError);
}
