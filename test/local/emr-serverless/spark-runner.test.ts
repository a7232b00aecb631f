import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type SparkRunnerOptions, sparkRunner } from "#local/emr-serverless/spark-runner.ts";
import { type LocalHttp, startLocalHttp } from "./http-server.ts";
import { applicationId, request } from "./local-core.ts";

/** Stands in for spark-submit: shows what it was given, then does what the name of the entry point says. */
const standIn = `#!${process.execPath}
const { writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
console.log(JSON.stringify({ args, env: Object.keys(process.env).sort(), pid: process.pid, cwd: process.cwd() }));
console.error("26/01/01 ERROR Something: java.lang.IllegalStateException: no such thing");
writeFileSync("left-behind", "");
const does = args.map((arg) => /\\/(\\w+)\\.py$/.exec(arg)?.[1]).find((name) => name);
if (does === "fail") process.exit(3);
if (does === "wait" || does === "stubborn") {
  process.on("SIGTERM", () => does === "wait" && (console.log("cleaned up"), process.exit(0)));
  const worker = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  console.log("worker " + worker.pid);
  setInterval(() => {}, 1000);
}
`;

let root: string;
let scratch: string;
let objects: Map<string, Buffer>;
const running: LocalHttp[] = [];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "sluice test-"));
  scratch = join(root, "scratch");
  for (const folder of ["s3/jobs", "s3/data.acme", "s3/.parts", "scratch"]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, "spark-submit"), standIn);
  chmodSync(join(root, "spark-submit"), 0o755);
});
afterAll(async () => {
  for (const local of running) await local.end();
  expect(readdirSync(scratch)).toEqual([]);
  rmSync(root, { recursive: true });
});

async function startSparkLocal(options: Partial<SparkRunnerOptions> = {}): Promise<LocalHttp> {
  objects = new Map();
  const kept = objects;
  const runner = sparkRunner({
    s3Directory: join(root, "s3"),
    sparkSubmit: join(root, "spark-submit"),
    scratchDirectory: scratch,
    cores: 2,
    environment: { PATH: process.env["PATH"], HOME: root, AWS_SECRET_ACCESS_KEY: "local", NODE_OPTIONS: "" },
    putObject: async (bucket, key, bytes) => {
      kept.set(`${bucket}/${key}`, bytes);
    },
    ...options,
  });
  const local = await startLocalHttp({ rates: null, runner });
  running.push(local);
  return local;
}

interface JobInput {
  readonly args?: readonly string[];
  readonly parameters?: string;
  readonly [member: string]: unknown;
}

interface Shown {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
}

function logOf(name: "stdout" | "stderr", infix = ""): string {
  const found = [...objects].find(([key]) => key.endsWith(`${infix}SPARK_DRIVER/${name}.gz`));
  return gunzipSync(found?.[1] ?? Buffer.alloc(0)).toString();
}

function job(name: string, members: JobInput = {}): object {
  const { args = [], parameters = "--verbose", ...rest } = members;
  return request({
    jobDriver: {
      sparkSubmit: { entryPoint: `s3://jobs/${name}.py`, entryPointArguments: args, sparkSubmitParameters: parameters },
    },
    configurationOverrides: {
      monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/acme/" } },
    },
    ...rest,
  });
}

function start(local: LocalHttp, input: object): string {
  return (local.service.core.call("StartJobRun", input, "acme") as { jobRunId: string }).jobRunId;
}

function jobRun(local: LocalHttp, jobRunId: string): Record<string, unknown> {
  const found = local.service.core.call("GetJobRun", { applicationId, jobRunId }, "acme");
  return (found as { jobRun: Record<string, unknown> }).jobRun;
}

async function reaches(local: LocalHttp, jobRunId: string, state: string): Promise<Record<string, unknown>> {
  await vi.waitFor(() => expect(jobRun(local, jobRunId)["state"]).toBe(state), 10_000);
  return jobRun(local, jobRunId);
}

/** Waits until the stand-in has its signal handlers and its worker; the worker's process id. */
async function startedWorker(): Promise<number> {
  const output = () => {
    const folders = readdirSync(scratch);
    return folders.map((folder) => readFileSync(join(scratch, folder, "stdout"), "utf8")).join("");
  };
  await vi.waitFor(() => expect(output()).toMatch(/worker \d+\n/), 10_000);
  return Number(/worker (\d+)/.exec(output())?.[1]);
}

/** A process that has ended may stay a zombie where nobody reaps it. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || readFileSync(stat, "utf8").split(" ")[2] !== "Z";
}

describe("the Spark runner", () => {
  test("hands every argument over byte for byte, and no shell sees it", async () => {
    const local = await startSparkLocal();
    const args = ["a b", "", `"q" 'q' \\`, ";$(touch x)", "`touch y`", "s3://data.acme/in.csv", "*", "--conf"];
    const jobRunId = start(local, job("ok", { args, parameters: `--conf "spark.app.name=two words"` }));
    const run = await reaches(local, jobRunId, "SUCCESS");
    const shown = JSON.parse(logOf("stdout")) as Shown;
    expect(shown.args.slice(0, 2)).toEqual(["--conf", "spark.app.name=two words"]);
    expect(shown.args.slice(-3 - args.length)).toEqual([
      "--master",
      "local[2]",
      join(root, "s3", "jobs", "ok.py"),
      ...args,
    ]);
    expect(existsSync(join(root, "x"))).toBe(false);
    expect(run).toMatchObject({ stateDetails: "", billedResourceUtilization: { vCPUHour: 0.267 } });
  });

  test("makes each bucket a mount of the local S3, and leaves out what only EMR Serverless has", async () => {
    const local = await startSparkLocal();
    const parameters =
      "--conf spark.emr-serverless.driver.disk=20g --conf spark.hadoop.fs.s3.impl=Emrfs --deploy-mode cluster " +
      "--conf spark.hadoop.hive.metastore.client.factory.class=Glue --conf spark.executor.cores=1 stray";
    const configurationOverrides = {
      applicationConfiguration: [{ classification: "spark-defaults", properties: { "spark.x": "1 2" } }],
      monitoringConfiguration: { s3MonitoringConfiguration: { logUri: "s3://logs/" } },
    };
    await reaches(local, start(local, job("ok", { parameters, configurationOverrides })), "SUCCESS");
    const { args } = JSON.parse(logOf("stdout")) as Shown;
    const mounts = args.filter((arg) => arg.includes("mounttable"));
    const folder = encodeURI(join(root, "s3"));
    expect(mounts.sort()).toEqual([
      `spark.hadoop.fs.viewfs.mounttable.data.acme.linkFallback=plain://${folder}/data.acme`,
      `spark.hadoop.fs.viewfs.mounttable.jobs.linkFallback=plain://${folder}/jobs`,
    ]);
    expect(args.slice(0, 4)).toEqual(["--conf", "spark.x=1 2", "--conf", "spark.executor.cores=1"]);
    expect(args.join(" ")).not.toMatch(/emr-serverless|Emrfs|Glue|cluster|stray/);
    expect(logOf("stderr").split("\n").slice(0, 5)).toEqual([
      "Left out spark.emr-serverless.driver.disk: only EMR Serverless has it",
      "Left out spark.hadoop.fs.s3.impl: S3 is a directory here",
      "Left out --deploy-mode: Spark runs in local mode here",
      "Left out spark.hadoop.hive.metastore.client.factory.class: there is no Glue catalog here",
      'Left out "stray": it belongs to no option',
    ]);
  });

  test("gives the job a small environment without credentials, and a directory of its own", async () => {
    const local = await startSparkLocal({ sparkHome: join(root, "spark") });
    await reaches(local, start(local, job("ok")), "SUCCESS");
    const { env, cwd } = JSON.parse(logOf("stdout")) as Shown;
    expect(env).toEqual(["HOME", "PATH", "SPARK_HOME", "SPARK_LOCAL_IP", "SPARK_SUBMIT_OPTS"]);
    expect(cwd.startsWith(scratch)).toBe(true);
    expect(existsSync(cwd)).toBe(false);
  });

  test("writes the driver's logs where EMR Serverless does, by attempt when there are retries", async () => {
    const local = await startSparkLocal();
    const plain = start(local, job("ok"));
    await reaches(local, plain, "SUCCESS");
    const retried = start(local, job("fail", { clientToken: "r", retryPolicy: { maxAttempts: 2 } }));
    await reaches(local, retried, "FAILED");
    const folder = (id: string) => `logs/acme/applications/${applicationId}/jobs/${id}`;
    expect([...objects.keys()].sort()).toEqual(
      [
        `${folder(plain)}/SPARK_DRIVER/stderr.gz`,
        `${folder(plain)}/SPARK_DRIVER/stdout.gz`,
        ...[1, 2].flatMap((n) => [
          `${folder(retried)}/attempts/${n}/SPARK_DRIVER/stderr.gz`,
          `${folder(retried)}/attempts/${n}/SPARK_DRIVER/stdout.gz`,
        ]),
      ].sort(),
    );
  });

  test("turns an exit code into FAILED, with the last exceptions", async () => {
    const local = await startSparkLocal();
    const run = await reaches(local, start(local, job("fail")), "FAILED");
    expect(run["stateDetails"]).toBe(
      "Job failed, please check complete logs in configured logging destination. ExitCode: 3. Last few exceptions: " +
        "26/01/01 ERROR Something: java.lang.IllegalStateException: no such thing",
    );
  });

  test("fails a job run whose spark-submit is not there, and one that Spark cannot run", async () => {
    const local = await startSparkLocal({ sparkSubmit: join(root, "absent") });
    const run = await reaches(local, start(local, job("ok")), "FAILED");
    expect(run["stateDetails"]).toContain("Job failed: spark-submit did not start: spawn");
    expect(run).not.toHaveProperty("startedAt");
  });

  test("reports logs that it could not write, and ends the job run all the same", async () => {
    const errors: unknown[] = [];
    const local = await startSparkLocal({
      putObject: () => Promise.reject(new Error("No such bucket")),
      onError: (error) => errors.push(error),
    });
    await reaches(local, start(local, job("ok")), "SUCCESS");
    expect(errors).toEqual([new Error("No such bucket")]);
  });

  test("without SPARK_HOME or an executable says what is missing", () => {
    const options = { s3Directory: root, putObject: async () => undefined, environment: {} };
    expect(() => sparkRunner(options)).toThrow("Cannot run Spark: set SPARK_HOME, or give sparkHome or sparkSubmit");
  });

  test.each([
    ["wait", 15, "cleaned up"],
    ["wait", 0, undefined],
  ])("cancels %s with %i seconds of grace, and its workers with it", async (name, grace, lastWord) => {
    const local = await startSparkLocal();
    const jobRunId = start(local, job(name));
    await reaches(local, jobRunId, "RUNNING");
    const worker = await startedWorker();
    expect(isAlive(worker)).toBe(true);
    local.service.core.call("CancelJobRun", { applicationId, jobRunId, shutdownGracePeriodInSeconds: grace }, "acme");
    const run = await reaches(local, jobRunId, "CANCELLED");
    expect(run["totalExecutionDurationSeconds"]).toBeGreaterThan(0);
    await vi.waitFor(() => expect(isAlive(worker)).toBe(false), 5000);
    expect(logOf("stdout").includes("cleaned up")).toBe(lastWord !== undefined);
  });

  test("kills what does not heed its grace period", async () => {
    // The grace period passes at once: only timers of a minute or less run on the machine's clock.
    const schedule = (delayMs: number, run: () => void) => {
      const timer = setTimeout(run, delayMs === 15_000 ? 1 : Math.min(delayMs, 60_000)).unref();
      return () => clearTimeout(timer);
    };
    const runner = sparkRunner({
      s3Directory: join(root, "s3"),
      sparkSubmit: join(root, "spark-submit"),
      scratchDirectory: scratch,
      putObject: async () => undefined,
    });
    const local = await startLocalHttp({ rates: null, runner, schedule });
    running.push(local);
    const jobRunId = start(local, job("stubborn"));
    await reaches(local, jobRunId, "RUNNING");
    await startedWorker();
    local.service.core.call("CancelJobRun", { applicationId, jobRunId, shutdownGracePeriodInSeconds: 15 }, "acme");
    await reaches(local, jobRunId, "CANCELLED");
  });

  test("leaves no process behind when the service ends", async () => {
    const local = await startSparkLocal();
    await reaches(local, start(local, job("wait")), "RUNNING");
    await local.end();
    running.splice(running.indexOf(local), 1);
    expect(readdirSync(scratch)).toEqual([]);
  });

  test("does not run again by itself what was running before a restore", async () => {
    const local = await startSparkLocal();
    const jobRunId = start(local, job("wait"));
    await reaches(local, jobRunId, "RUNNING");
    local.service.restore(local.service.snapshot());
    const run = await reaches(local, jobRunId, "FAILED");
    expect(run["stateDetails"]).toBe("Job failed: Spark was stopped while it ran.");
  });
});
