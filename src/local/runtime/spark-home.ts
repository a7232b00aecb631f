import { execFile } from "node:child_process";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const hasSparkSubmit = async (home: string): Promise<boolean> =>
  await access(join(home, "bin", "spark-submit")).then(
    () => true,
    () => false,
  );

/** Where pyspark of the environment's Python lies: it brings a whole Spark with it. */
const homeOfPyspark = async (python: string): Promise<string | undefined> => {
  const program = "import os, pyspark; print(os.path.dirname(pyspark.__file__))";
  try {
    const { stdout } = await run(python, ["-c", program]);
    return stdout.trim();
  } catch {
    // No such Python, or no pyspark in it: there is no Spark here.
    return undefined;
  }
};

/** Spark's home: SPARK_HOME, or that of pyspark in PYSPARK_PYTHON or python3; nothing where there is none. */
export const findSparkHome = async (
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> => {
  const named = environment["SPARK_HOME"];
  if (named !== undefined && named !== "") return (await hasSparkSubmit(named)) ? named : undefined;
  const home = await homeOfPyspark(environment["PYSPARK_PYTHON"] ?? "python3");
  return home !== undefined && (await hasSparkSubmit(home)) ? home : undefined;
};
