import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { driverLogs, type PutObject } from "./driver-logs.ts";
import type { AttemptContext, AttemptOutcome, JobRunAttempt, JobRunner, RunningAttempt } from "./job-runner.ts";
import { failureDetails } from "./simulated-runner.ts";
import { sparkCommand } from "./spark-command.ts";
import { type SparkProcess, startSpark } from "./spark-process.ts";

export interface SparkRunnerOptions {
  /** The directory of the local S3: `<s3Directory>/<bucket>/<key>`. */
  readonly s3Directory: string;
  readonly putObject: PutObject;
  /** Spark's home; SPARK_HOME of the environment where not given. */
  readonly sparkHome?: string;
  /** The executable; `<sparkHome>/bin/spark-submit` where not given. */
  readonly sparkSubmit?: string;
  /** Threads of each job run; all of this machine where not given. */
  readonly cores?: number;
  readonly scratchDirectory?: string;
  /** Where the child's few variables are taken from; this process's environment where not given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of logs that could not be written. */
  readonly onError?: (error: unknown) => void;
}

/** Nothing else of the environment reaches a job: no credentials, no settings of the caller. */
const passedOn = ["PATH", "HOME", "JAVA_HOME", "PYSPARK_PYTHON", "SPARK_HOME"];

/** Runs job runs for real, with a local Spark. Every job run is a process group of its own. */
export function sparkRunner(options: SparkRunnerOptions): JobRunner {
  const launch = launcherOf(options);
  const alive = new Set<SparkProcess>();
  return {
    start: (attempt, context) => run(options, launch, alive, attempt, context),
    // Every attempt was abandoned, and so killed, before.
    end: async () => {
      await Promise.all([...alive].map((spark) => spark.ended));
    },
  };
}

type Launch = (attempt: JobRunAttempt, onStarted: () => void) => SparkProcess;

function launcherOf(options: SparkRunnerOptions): Launch {
  const { sparkHome, s3Directory, environment: given = process.env, cores = availableParallelism() } = options;
  const passed = passedOn.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]] as const]));
  const environment = { ...Object.fromEntries(passed), ...(sparkHome === undefined ? {} : { SPARK_HOME: sparkHome }) };
  const home = environment["SPARK_HOME"];
  const executable = options.sparkSubmit ?? (home === undefined ? undefined : join(home, "bin", "spark-submit"));
  if (executable === undefined) throw new Error("Cannot run Spark: set SPARK_HOME, or give sparkHome or sparkSubmit");
  return (attempt, onStarted) =>
    startSpark({
      executable,
      environment,
      parentDirectory: options.scratchDirectory ?? tmpdir(),
      s3Directory,
      command: (scratchDirectory, buckets) => sparkCommand(attempt, { s3Directory, buckets, cores, scratchDirectory }),
      onStarted,
    });
}

function refuse(context: AttemptContext, stateDetails: string): RunningAttempt {
  const stop = context.schedule(0, () => context.ended({ state: "FAILED", stateDetails }));
  return { cancel: () => undefined, abandon: stop };
}

function run(
  options: SparkRunnerOptions,
  launch: Launch,
  alive: Set<SparkProcess>,
  attempt: JobRunAttempt,
  context: AttemptContext,
): RunningAttempt {
  if (attempt.startedAt !== undefined) return refuse(context, "Job failed: Spark was stopped while it ran.");
  if (!attempt.input.jobDriver?.sparkSubmit) return refuse(context, "Job failed: only Spark job runs can run here.");
  let spark: SparkProcess;
  try {
    spark = launch(attempt, context.running);
  } catch (error) {
    return refuse(context, `Job failed: ${error instanceof Error ? error.message : String(error)}`);
  }
  alive.add(spark);
  let cancelled = false;
  let abandoned = false;
  const outcome = finish(options, attempt, spark, () => cancelled).catch((error: unknown): AttemptOutcome => {
    return { state: "FAILED", stateDetails: `Job failed: its end could not be read: ${String(error)}` };
  });
  void outcome.then((found) => {
    alive.delete(spark);
    if (!abandoned) context.ended(found);
  });
  return {
    cancel: (graceSeconds) => {
      cancelled = true;
      spark.kill(graceSeconds > 0 ? "SIGTERM" : "SIGKILL");
      if (graceSeconds > 0) context.schedule(graceSeconds * 1000, () => spark.kill("SIGKILL"));
    },
    abandon: () => {
      abandoned = true;
      spark.kill("SIGKILL");
    },
  };
}

/** Logs are there before the end is told; EMR Serverless writes them some seconds later. */
async function finish(
  { putObject, onError = (error) => console.error("Cannot write driver logs:", error) }: SparkRunnerOptions,
  attempt: JobRunAttempt,
  spark: SparkProcess,
  wasCancelled: () => boolean,
): Promise<AttemptOutcome> {
  const { exitCode, stdout, stderr, problem } = await spark.ended;
  try {
    await Promise.all(
      driverLogs(attempt, { stdout, stderr }).map(({ bucket, key, bytes }) => putObject(bucket, key, bytes)),
    );
  } catch (error) {
    onError(error);
  }
  if (wasCancelled()) return { state: "CANCELLED" };
  if (problem !== undefined) return { state: "FAILED", stateDetails: `Job failed: ${problem}` };
  if (exitCode === 0) return { state: "SUCCESS" };
  const details = failureDetails.replace("ExitCode: 1", `ExitCode: ${exitCode}`);
  return { state: "FAILED", stateDetails: details + lastExceptions(stderr, stdout) };
}

/** Python writes its traceback to standard output when spark-submit runs it. */
function lastExceptions(...streams: Buffer[]): string {
  const lines = streams.flatMap((stream) => stream.toString("utf8").split("\n"));
  const found = lines.filter((line) => /\b\w*(Exception|Error)\b/.test(line) && !/ (INFO|WARN|DEBUG) /.test(line));
  const shown = found.map((line) => line.trim().slice(0, 300));
  return [...new Set(shown)].slice(-3).join("\n");
}
