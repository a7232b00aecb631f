import { describe, expect, test } from "vitest";
import { type Rails, under } from "./rails-world.ts";

/** Every guard rail is up but for the one that adds a bound to each Spark job: what passes stays byte by byte. */
const acknowledged = [{ rail: "executors" as const }];

const expectUnchanged = (job: Parameters<typeof under>[1], engine: Rails["engine"] = "spark"): void => {
  const ruled = under({ acknowledged, engine }, job);
  expect(ruled).toStrictEqual({ parameters: undefined, configurations: [], ...job, changes: [], faults: [] });
};

describe("ordinary Spark jobs, as the EMR Serverless User Guide has them, pass unchanged", () => {
  test.each([
    ["the first job", "--conf spark.executor.cores=1 --conf spark.executor.memory=4g --conf spark.driver.cores=1"],
    [
      "sizes",
      "--class org.apache.spark.examples.SparkPi --conf spark.driver.memory=14G --conf spark.executor.memoryOverhead=2G --conf spark.executor.instances=20",
    ],
    [
      "sizes by options",
      "--driver-memory 4g --executor-memory=8g --executor-cores 4 --num-executors 10 --name nightly",
    ],
    [
      "dynamic allocation",
      "--conf spark.dynamicAllocation.enabled=true --conf spark.dynamicAllocation.initialExecutors=3 --conf spark.dynamicAllocation.maxExecutors=50 --conf spark.dynamicAllocation.executorIdleTimeout=60s",
    ],
    [
      "disks for shuffles",
      "--conf spark.emr-serverless.driver.disk=30G --conf spark.emr-serverless.executor.disk=500G --conf spark.emr-serverless.executor.disk.type=shuffle_optimized",
    ],
    [
      "the Glue Data Catalog",
      "--conf spark.hadoop.hive.metastore.client.factory.class=com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory --conf spark.sql.catalogImplementation=hive",
    ],
    [
      "a virtual environment of Python",
      "--conf spark.archives=s3://jobs/acme/pyspark_venv.tar.gz#environment --conf spark.emr-serverless.driverEnv.PYSPARK_DRIVER_PYTHON=./environment/bin/python --conf spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python --conf spark.executorEnv.PYSPARK_PYTHON=./environment/bin/python",
    ],
    ["files of Python", "--py-files s3://jobs/acme/lib.zip,s3://jobs/acme/more.py"],
    [
      "Java 17",
      "--conf spark.emr-serverless.driverEnv.JAVA_HOME=/usr/lib/jvm/java-17-amazon-corretto.x86_64/ --conf spark.executorEnv.JAVA_HOME=/usr/lib/jvm/java-17-amazon-corretto.x86_64/",
    ],
    [
      "Iceberg",
      "--jars /usr/share/aws/iceberg/lib/iceberg-spark3-runtime.jar --conf spark.sql.extensions=org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions --conf spark.sql.catalog.dev=org.apache.iceberg.spark.SparkCatalog --conf spark.sql.catalog.dev.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog --conf spark.sql.catalog.dev.io-impl=org.apache.iceberg.aws.s3.S3FileIO --conf spark.sql.catalog.dev.warehouse=s3://lake/acme/ --conf spark.sql.catalog.dev.client.region=eu-west-1",
    ],
    [
      "Hudi",
      "--jars /usr/lib/hudi/hudi-spark-bundle.jar --conf spark.serializer=org.apache.spark.serializer.KryoSerializer --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.hudi.catalog.HoodieCatalog --conf spark.sql.extensions=org.apache.spark.sql.hudi.HoodieSparkSessionExtension",
    ],
    [
      "Delta Lake",
      "--jars /usr/share/aws/delta/lib/delta-core.jar,/usr/share/aws/delta/lib/delta-storage.jar --conf spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension --conf spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog",
    ],
    [
      "Redshift",
      "--jars /usr/share/aws/redshift/jdbc/RedshiftJDBC.jar,/usr/share/aws/redshift/spark-redshift/lib/spark-redshift.jar",
    ],
    ["Kinesis", "--jars /usr/share/aws/kinesis/spark-sql-kinesis/lib/spark-streaming-sql-kinesis-connector.jar"],
    ["a secret by its name", "--conf spark.hadoop.my.password=EMR.secret@SecretName"],
    [
      "SQL",
      "--conf spark.sql.shuffle.partitions=400 --conf spark.sql.adaptive.enabled=true --conf spark.sql.sources.partitionOverwriteMode=dynamic",
    ],
    [
      "options of the JVM",
      "--conf \"spark.driver.extraJavaOptions=-XX:+UseG1GC -XX:MaxGCPauseMillis=200 -Duser.timezone=UTC -Dlog4j2.formatMsgNoLookups=true\" --conf 'spark.executor.extraJavaOptions=-verbose:gc -Xlog:gc* --add-opens=java.base/java.lang=ALL-UNNAMED'",
    ],
    [
      "options of the JVM with values of their own",
      "--conf \"spark.driver.extraJavaOptions=--add-opens java.base/java.lang=ALL-UNNAMED -Dnote='two words' -Djavax.net.ssl.trustStore=./trust.jks\" --conf spark.executor.extraJavaOptions=-Xlog:gc:file={{EXECUTOR_ID}}.log",
    ],
    [
      "tokens and variables of an ordinary kind",
      "--conf spark.security.credentials.hbase.enabled=false --conf spark.executorEnv.PYTHONHASHSEED=0 --conf spark.executorEnv.OMP_NUM_THREADS=4",
    ],
    [
      "what EMR's own defaults are",
      "--conf \"spark.executor.extraJavaOptions=-XX:OnOutOfMemoryError='kill -9 %p' -XX:+UseParallelGC\" --conf spark.hadoop.fs.s3.getObject.initialSocketTimeoutMilliseconds=2000 --conf spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version=2",
    ],
    [
      "S3",
      "--conf spark.hadoop.fs.s3a.endpoint.region=eu-west-1 --conf spark.hadoop.fs.s3.maxRetries=20 --conf spark.hadoop.fs.s3a.connection.maximum=200 --conf spark.hadoop.fs.s3.serverSideEncryption.kms.keyId=arn:aws:kms:eu-west-1:111122223333:key/1",
    ],
    [
      "log4j of the job's own",
      "--files s3://jobs/acme/log4j2.xml --conf spark.driver.extraJavaOptions=-Dlog4j2.configurationFile=file:/tmp/log4j2.xml",
    ],
    [
      "user code first",
      "--conf spark.driver.userClassPathFirst=true --conf spark.scheduler.mode=FAIR --conf spark.network.timeout=800s",
    ],
  ])("%s", (_what, parameters) => {
    expectUnchanged({ parameters });
  });
});

test.each([
  ["spark-defaults", { "spark.driver.cores": "2", "spark.executor.memory": "4g", "spark.ui.enabled": "true" }],
  [
    "spark-driver-log4j2",
    { "rootLogger.level": "error", "logger.own.name": "org.example", "logger.own.level": "info" },
  ],
  ["spark-executor-log4j2", { "rootLogger.level": "warn" }],
  [
    "hive-site",
    { "hive.exec.scratchdir": "s3://lake/acme/scratch", "hive.metastore.warehouse.dir": "s3://lake/acme/w" },
  ],
  ["hive-site", { "hive.driver.cores": "2", "hive.driver.memory": "4g", "hive.tez.container.size": "8192" }],
  ["tez-site", { "tez.am.resource.memory.mb": "4096", "tez.task.launch.cmd-opts": "-XX:+PrintGCDetails -Xmx2g" }],
  ["core-site", { "fs.s3.maxConnections": "200", "fs.s3a.endpoint.region": "eu-west-1" }],
  ["emrfs-site", { "fs.s3.enableServerSideEncryption": "true", "fs.s3.maxRetries": "20" }],
])("an ordinary classification passes unchanged: %s %j", (classification, properties) => {
  expectUnchanged({ configurations: [{ classification, properties: { ...properties } as Record<string, string> }] });
});

test.each([
  "--hiveconf hive.exec.scratchdir=s3://lake/acme/scratch --hiveconf hive.metastore.warehouse.dir=s3://lake/acme/w",
  "--hiveconf hive.root.logger=DEBUG,console --hiveconf hive.tez.auto.reducer.parallelism=true",
  "--hiveconf hive.exec.dynamic.partition.mode=nonstrict --hiveconf hive.auto.convert.join=true --hivevar day=2026-11-22",
  "--hiveconf hive.tez.java.opts=-Xmx3276m --hiveconf tez.grouping.max-size=268435456 --hiveconf hive.driver.cores=4",
  "--hiveconf mapreduce.job.queuename=default --hiveconf dynamodb.throughput.write.percent=1.5",
])("an ordinary Hive job passes unchanged: %s", (parameters) => {
  expectUnchanged({ parameters }, "hive");
});
