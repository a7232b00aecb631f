import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { sparkRunner } from "#local/emr-serverless/spark-runner.ts";
import { findSparkHome } from "#local/runtime/spark-home.ts";
import { dataOf, startWorld } from "#test/e2e/local-world.ts";

const sparkHome = await findSparkHome(process.env);

if (sparkHome === undefined) {
  it("needs a Spark: none was found (set SPARK_HOME, or PYSPARK_PYTHON to a Python with pyspark, with Java 17)", ({
    skip,
  }) => skip());
} else {
  it("runs a real PySpark job for an uploaded CSV: its result lies in the tenant's prefix, its log where logUri says", async () => {
    const world = await startWorld({
      runner: ({ directory, putObject }) => sparkRunner({ sparkHome, s3Directory: directory, putObject }),
    });
    const { directory } = world.local.aws.objects;
    const csv = "order,amount\n1,20\n2,22\n3,5\n";
    await world
      .as("globex")
      .s3.send(new PutObjectCommand({ Bucket: "globex-inbox", Key: "incoming/orders.csv", Body: csv }));

    const event = await world.published(({ detail }) => String(detail["subject"]).startsWith("s3."));
    const { applicationId, jobRunId, ...jobRun } = dataOf(event)["jobRun"] as Record<string, unknown>;
    expect(jobRun, JSON.stringify(jobRun)).toMatchObject({ state: "SUCCESS" });
    expect(jobRun["billedResourceUtilization"]).toMatchObject({ vCPUHour: expect.any(Number) });

    const output = join(directory, "sluice-lake", "globex", "uploads", "orders");
    expect(await readdir(join(output, "data"))).toEqual(expect.arrayContaining([expect.stringMatching(/\.parquet$/)]));
    const driver = join(
      "applications",
      String(applicationId),
      "jobs",
      String(jobRunId),
      "attempts",
      "1",
      "SPARK_DRIVER",
    );
    const stdout = gunzipSync(await readFile(join(directory, "globex-logs", "globex", driver, "stdout.gz"))).toString();
    expect(stdout).toContain("rows written: 3");
    await world.local.end();
  });
}
