import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import type { SparkCommand } from "./spark-command.ts";

export interface SparkProcessOptions {
  readonly executable: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly parentDirectory: string;
  readonly s3Directory: string;
  readonly command: (scratchDirectory: string, buckets: readonly string[]) => SparkCommand;
  readonly onStarted: () => void;
}

interface SparkEnd {
  /** 128 and the signal's number when a signal ended it, as a shell counts. */
  readonly exitCode: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Why it did not start. */
  readonly problem?: string;
}

export interface SparkProcess {
  readonly ended: Promise<SparkEnd>;
  /** Signals the whole process group. */
  kill(signal: "SIGTERM" | "SIGKILL"): void;
}

/** One spark-submit in a scratch directory of its own, which goes with it. Never through a shell. */
export function startSpark(options: SparkProcessOptions): SparkProcess {
  const buckets = bucketsOf(options.s3Directory);
  const scratch = mkdtempSync(join(options.parentDirectory, "sluice-spark-"));
  const streams = { stdout: join(scratch, "stdout"), stderr: join(scratch, "stderr") };
  const files = [openSync(streams.stdout, "a"), openSync(streams.stderr, "a")] as const;
  const { args, notes } = options.command(scratch, buckets);
  for (const note of notes) writeSync(files[1], `${note}\n`);
  const child = spawn(options.executable, args, {
    cwd: scratch,
    // A group of its own, so that a cancel reaches Python workers too.
    detached: true,
    env: {
      ...options.environment,
      SPARK_LOCAL_IP: "127.0.0.1",
      // What a killed JVM leaves behind goes with the scratch directory.
      SPARK_SUBMIT_OPTS: `-Djava.io.tmpdir=${scratch}`,
    },
    stdio: ["ignore", ...files],
  });
  for (const file of files) closeSync(file);
  child.once("spawn", options.onStarted);
  const ended = waitFor(child).then((end): SparkEnd => {
    signalGroup(child, "SIGKILL");
    const read = { stdout: readFileSync(streams.stdout), stderr: readFileSync(streams.stderr) };
    rmSync(scratch, { recursive: true, force: true });
    return { ...end, ...read };
  });
  return { ended, kill: (signal) => signalGroup(child, signal) };
}

function bucketsOf(s3Directory: string): string[] {
  const entries = readdirSync(s3Directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
}

async function waitFor(child: ChildProcess): Promise<Pick<SparkEnd, "exitCode" | "problem">> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ exitCode: 127, problem: `spark-submit did not start: ${error.message}` }));
    child.once("exit", (code, signal) => {
      resolve({ exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}

/** Whatever of the group outlived spark-submit is ended too, as a worker's container would be. */
function signalGroup(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the whole group has ended.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
