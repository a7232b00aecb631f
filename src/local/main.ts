import { sparkRunner } from "./emr-serverless/spark-runner.ts";
import { readFlags, usage } from "./flags.ts";
import { findSparkHome } from "./runtime/spark-home.ts";
import { type Local, startLocal } from "./runtime/start.ts";
import { welcome } from "./welcome.ts";

/** Ends on Ctrl-C or when asked to; a second Ctrl-C does not wait. */
const endOnSignal = (local: Local): void => {
  let ending = false;
  const end = (): void => {
    if (ending) process.exit(130);
    ending = true;
    local.end().then(
      () => console.log("Stopped."),
      (error: unknown) => {
        console.error(error);
        process.exitCode = 1;
      },
    );
  };
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
};

const main = async (): Promise<void> => {
  const flags = readFlags(process.argv.slice(2));
  if (flags.verdict === "help") return console.log(usage);
  if (flags.verdict === "refused") {
    console.error(`${flags.faults.join("\n")}\n\n${usage}`);
    process.exitCode = 2;
    return;
  }
  const { port, awsPort, dataDirectory, spark, loseEvents, startRate } = flags.flags;
  const sparkHome = spark ? await findSparkHome(process.env) : undefined;
  if (spark && sparkHome === undefined) {
    throw new Error("Cannot run jobs with Spark: set SPARK_HOME, or install pyspark for python3 (and Java 17)");
  }
  const local = await startLocal({
    directory: process.cwd(),
    port,
    awsPort,
    ...(dataDirectory !== undefined && { dataDirectory }),
    ...(startRate !== undefined && { emr: { rates: { StartJobRun: startRate } } }),
    ...(sparkHome !== undefined && {
      runner: (objects) =>
        sparkRunner({
          sparkHome,
          s3Directory: objects.directory,
          putObject: objects.putObject,
          onError: console.error,
        }),
    }),
  });
  if (loseEvents > 0) local.emr.faults.eventChances({ lose: loseEvents });
  endOnSignal(local);
  console.log(welcome(local, sparkHome));
};

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
