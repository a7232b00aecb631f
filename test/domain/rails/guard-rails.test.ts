import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { type RailName, railNames } from "#domain/rails/rail-names.ts";
import { railsOf, under } from "./rails-world.ts";

const conf = (...properties: string[]) => ({ parameters: properties.map((one) => `--conf ${one}`).join(" ") });

const sparkFaults = (...properties: string[]) => under({}, conf(...properties)).faults;

describe("a guard rail refuses a Spark property, as Spark reads it and as Hadoop does", () => {
  test.each<[RailName, string]>([
    ["credentials", "spark.hadoop.fs.s3a.aws.credentials.provider=org.example.Own"],
    ["credentials", "fs.s3a.aws.credentials.provider=org.example.Own"],
    ["credentials", "spark.hadoop.fs.s3a.bucket.lake.aws.credentials.provider=org.example.Own"],
    ["credentials", "spark.hadoop.fs.s3.customAWSCredentialsProvider=org.example.Own"],
    ["credentials", "spark.hadoop.fs.s3a.assumed.role.arn=arn:aws:iam::111122223333:role/other"],
    ["credentials", "spark.hadoop.fs.s3a.assumed.role.credentials.provider=x"],
    ["credentials", "spark.hadoop.fs.s3a.access.key=x"],
    ["credentials", "spark.hadoop.fs.s3a.bucket.lake.secret.key=x"],
    ["credentials", "spark.hadoop.fs.s3a.session.token=x"],
    ["credentials", "spark.hadoop.fs.s3n.awsAccessKeyId=x"],
    ["credentials", "spark.hadoop.hadoop.security.credential.provider.path=jceks://s3a@b/x"],
    ["credentials", "spark.hadoop.fs.s3a.delegation.token.binding=x"],
    ["credentials", "spark.hadoop.fs.s3.authorization.roleMapping=x"],
    ["credentials", "spark.hadoop.aws.catalog.credentials.provider.factory.class=x"],
    ["credentials", "spark.sql.catalog.lake.client.assume-role.arn=x"],
    ["credentials", "spark.sql.catalog.lake.client.factory=x"],
    ["credentials", "spark.sql.catalog.lake.s3.access-key-id=x"],
    ["credentials", "SPARK.HADOOP.FS.S3A.ACCESS.KEY=x"],
    ["endpoints", "spark.hadoop.fs.s3a.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.hadoop.fs.s3a.bucket.lake.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.hadoop.fs.s3a.proxy.host=elsewhere.example"],
    ["endpoints", "spark.hadoop.aws.glue.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.hadoop.fs.s3.impl=org.example.Own"],
    ["environment", "spark.emr-serverless.driverEnv.AWS_ACCESS_KEY_ID=x"],
    ["environment", "spark.executorEnv.AWS_ROLE_ARN=x"],
    ["environment", "spark.yarn.appMasterEnv.aws_profile=x"],
    ["environment", "spark.executorEnv.LD_PRELOAD=x"],
    ["environment", "spark.emr-serverless.driverEnv.JAVA_TOOL_OPTIONS=-javaagent:x"],
    ["endpoints", "spark.executorEnv.HTTPS_PROXY=http://elsewhere.example"],
    ["code", "spark.jars=s3://elsewhere/x.jar"],
    ["code", "spark.jars=s3://jobs/acme/x.jar,s3://jobs/acme2/x.jar"],
    ["code", "spark.jars=s3://jobs/acme/../acme2/x.jar"],
    ["code", "spark.jars=s3://jobs/acme/%2e%2e/acme2/x.jar"],
    ["code", "spark.jars=https://elsewhere.example/x.jar"],
    ["code", "spark.jars=/tmp/x.jar"],
    ["code", "spark.jars=/usr/lib/../../tmp/x.jar"],
    ["code", "spark.files=s3://jobs/acme"],
    ["code", "spark.archives=s3://elsewhere/env.tar.gz#env"],
    ["code", "spark.submit.pyFiles=s3://elsewhere/x.zip"],
    ["code", "spark.pyspark.python=s3://elsewhere/python"],
    ["code", "spark.pyspark.driver.python=file://elsewhere.example/python"],
    ["code", "spark.pyspark.python=${env:PROGRAM}"],
    ["code", "spark.r.command=s3://elsewhere/Rscript"],
    ["code", "spark.r.driver.command=s3://jobs/acme/../acme2/Rscript"],
    ["code", "spark.sparkr.r.command=https://elsewhere.example/Rscript"],
    ["code", "spark.yarn.dist.jars=s3://elsewhere/x.jar"],
    ["code", "spark.hadoop.hive.aux.jars.path=s3://elsewhere/x.jar"],
    ["code", "spark.driver.extraClassPath=/tmp/*"],
    ["code", "spark.executor.extraClassPath=/usr/lib/a/*:/mnt/x.jar"],
    ["code", "spark.executor.extraLibraryPath=/mnt"],
    ["packages", "spark.jars.packages=org.example:lib:1.0"],
    ["packages", "spark.jars.repositories=https://elsewhere.example"],
    ["packages", "spark.jars.ivySettings=x"],
    ["packages", "spark.jars.ivy=x"],
    ["packages", "spark.sql.hive.metastore.jars=maven"],
    ["images", "spark.emr-serverless.executor.image=x"],
    ["images", "spark.kubernetes.container.image=x"],
    ["images", "spark.kubernetes.driver.podTemplateFile=x"],
    ["listeners", "spark.extraListeners=org.example.Own"],
    ["listeners", "spark.sql.queryExecutionListeners=org.example.Own"],
    ["listeners", "spark.sql.streaming.streamingQueryListeners=org.example.Own"],
    ["listeners", "spark.plugins=org.example.Own"],
    ["java-options", "spark.driver.extraJavaOptions=-javaagent:x.jar"],
    ["java-options", "spark.executor.extraJavaOptions='\"-Xmx1g -javaagent:x.jar\"'"],
    ["java-options", "spark.driver.defaultJavaOptions=-agentpath:/x.so"],
    ["java-options", "spark.driver.extraJavaOptions=-Xbootclasspath/a:x.jar"],
    ["java-options", "spark.driver.extraJavaOptions=-XX:OnOutOfMemoryError=reboot"],
    ["java-options", "spark.driver.extraJavaOptions=-Dspark.app.x=1"],
    ["credentials", "spark.driver.extraJavaOptions=-Daws.accessKeyId=x"],
    ["endpoints", "spark.driver.extraJavaOptions=-Dhttps.proxyHost=elsewhere.example"],
    ["log-destinations", "spark.driver.extraJavaOptions=-Dlog4j2.configurationFile=https://elsewhere.example/x"],
    ["log-destinations", "spark.eventLog.dir=s3://elsewhere/"],
    ["log-destinations", "spark.metrics.conf.driver.sink.graphite.host=elsewhere.example"],
    ["metastore", "spark.hadoop.hive.metastore.uris=thrift://elsewhere.example"],
    ["metastore", "spark.hive.metastore.uris=thrift://elsewhere.example"],
    ["metastore", "spark.hadoop.javax.jdo.option.ConnectionURL=jdbc:x"],
    ["metastore", "spark.hadoop.hive.metastore.client.factory.class=org.example.Own"],
    ["metastore", "spark.hadoop.hive.metastore.glue.catalogid=444455556666"],
    ["metastore", "spark.sql.catalog.lake.uri=thrift://elsewhere.example"],
    ["cluster", "spark.master=spark://elsewhere.example:7077"],
    ["cluster", "spark.remote=sc://elsewhere.example"],
    ["executors", "spark.dynamicAllocation.maxExecutors=101"],
    ["executors", "spark.executor.instances=infinity"],
  ])("%s: %s", (rail, property) => {
    const faults = sparkFaults(property);
    expect(railsOf(faults)).toContain(rail);
    expect(faults.every(({ pointer }) => pointer === "/jobDriver/sparkSubmit/sparkSubmitParameters")).toBe(true);
    expect(faults.every(({ kind }) => kind === "denied")).toBe(true);
  });

  test.each<[RailName, string]>([
    ["packages", "--packages org.example:lib:1.0"],
    ["packages", "--repositories=https://elsewhere.example"],
    ["code", "--jars s3://elsewhere/x.jar"],
    ["code", "--py-files s3://elsewhere/x.zip"],
    ["code", "--files s3://elsewhere/x"],
    ["code", "--archives s3://elsewhere/x.zip"],
    ["code", "--driver-class-path /tmp/x.jar"],
    ["java-options", "--driver-java-options -javaagent:x.jar"],
    ["cluster", "--master local"],
    ["executors", "--num-executors 1000"],
  ])("%s: as the option %s", (rail, parameters) => {
    expect(railsOf(under({}, { parameters }).faults)).toContain(rail);
  });
});

describe("the guard rails let pass", () => {
  test.each([
    "spark.executor.memory=8g",
    "spark.jars=s3://jobs/acme/x.jar,s3://jobs/acme/lib/y.jar",
    "spark.jars=s3a://jobs/acme/x.jar",
    "spark.jars=/usr/share/aws/iceberg/lib/iceberg-spark3-runtime.jar",
    "spark.jars=local:///usr/lib/hudi/hudi-spark-bundle.jar",
    "spark.archives=s3://jobs/acme/env.tar.gz#environment",
    "spark.emr-serverless.driverEnv.PYSPARK_PYTHON=./environment/bin/python",
    "spark.pyspark.python=./environment/bin/python",
    "spark.pyspark.driver.python=/usr/bin/python3.11",
    "spark.pyspark.python=s3://jobs/acme/python",
    "spark.r.command=Rscript",
    "spark.executorEnv.JAVA_HOME=/usr/lib/jvm/java-17-amazon-corretto.x86_64/",
    "spark.emr-serverless.driver.disk=50g",
    "spark.driver.extraClassPath=/usr/lib/hadoop-lzo/lib/*:/usr/share/aws/aws-java-sdk/*",
    '"spark.driver.extraJavaOptions=-Xss4m -Dfile.encoding=UTF-8"',
    "\"spark.executor.extraJavaOptions=-XX:OnOutOfMemoryError='kill -9 %p'\"",
    "spark.hadoop.fs.s3a.endpoint.region=eu-west-1",
    "spark.hadoop.fs.s3.impl=org.apache.hadoop.fs.s3a.S3AFileSystem",
    "spark.hadoop.hive.metastore.client.factory.class=com.amazonaws.glue.catalog.metastore.AWSGlueDataCatalogHiveClientFactory",
    "spark.sql.catalog.lake.catalog-impl=org.apache.iceberg.aws.glue.GlueCatalog",
    "spark.dynamicAllocation.maxExecutors=100",
    "spark.eventLog.enabled=true",
  ])("%s", (property) => {
    expect(sparkFaults(property)).toStrictEqual([]);
  });

  test("log levels, which is what EMR Serverless's log4j classifications are for", () => {
    const properties = { "rootLogger.level": "error", "logger.x.name": "org.example.X", "logger.x.level": "debug" };
    expect(under({}, { configurations: [{ classification: "spark-driver-log4j2", properties }] }).faults).toEqual([]);
  });
});

describe("the guard rails look into every classification", () => {
  const inClassification = (classification: string, properties: Record<string, string>) =>
    under({}, { configurations: [{ classification, properties }] }).faults;

  test.each<[RailName, string, string, string?]>([
    ["packages", "spark-defaults", "spark.jars.packages"],
    ["credentials", "spark-defaults", "fs.s3a.access.key"],
    ["credentials", "core-site", "fs.s3a.access.key"],
    ["credentials", "core-site", "spark.hadoop.fs.s3a.access.key"],
    ["credentials", "emrfs-site", "fs.s3.customAWSCredentialsProvider"],
    ["credentials", " EMRFS-Site", "fs.s3.customAWSCredentialsProvider"],
    ["metastore", "hive-site", "javax.jdo.option.ConnectionURL"],
    ["metastore", "spark-hive-site", "hive.metastore.uris"],
    ["code", "tez-site", "tez.lib.uris"],
    ["environment", "tez-site", "tez.task.launch.env", "A=1,AWS_ROLE_ARN=x"],
    ["java-options", "tez-site", "tez.task.launch.cmd-opts", "-Xmx1g; reboot"],
    ["environment", "spark-env", "AWS_PROFILE"],
    ["environment", "export", "AWS_PROFILE"],
    ["environment", "export", "HARMLESS", "$(reboot)"],
    ["log-destinations", "spark-executor-log4j2", "appender.x.type", "Socket"],
    ["log-destinations", "spark-metrics", "*.sink.graphite.host"],
    ["classifications", "livy-conf", "livy.x"],
  ])("%s: %s %s", (rail, classification, key, value = "x") => {
    const faults = inClassification(classification, { [key]: value });
    expect(railsOf(faults)).toStrictEqual([rail]);
    expect(faults[0]?.pointer).toContain("/configurationOverrides/applicationConfiguration/0/");
  });

  test("however deep, such as export below spark-env", () => {
    const inner = { classification: "export", properties: { AWS_PROFILE: "x" } };
    const { faults } = under({}, { configurations: [{ classification: "spark-env", configurations: [inner] }] });
    expect(faults.map(({ pointer }) => pointer)).toStrictEqual([
      "/configurationOverrides/applicationConfiguration/0/configurations/0/properties/AWS_PROFILE",
    ]);
  });
});

describe("the guard rails hold Hive jobs", () => {
  const faultsOf = (parameters: string) => under({ engine: "hive" }, { parameters }).faults;

  test.each<[RailName, string]>([
    ["credentials", "--hiveconf fs.s3.customAWSCredentialsProvider=x"],
    ["credentials", "--hiveconf=fs.s3a.access.key=x"],
    ["credentials", "-hiveconf fs.s3a.access.key=x"],
    ["credentials", "--hivevar hiveconf:fs.s3a.access.key=x"],
    ["credentials", "-d system:fs.s3a.access.key=x"],
    ["code", "--hiveconf hive.aux.jars.path=s3://elsewhere/x.jar"],
    ["code", "--hiveconf hive.reloadable.aux.jars.path=/tmp"],
    ["listeners", "--hiveconf hive.exec.pre.hooks=org.example.Own"],
    ["listeners", "--hiveconf hive.metastore.event.listeners=org.example.Own"],
    ["metastore", "--hiveconf hive.metastore.uris=thrift://elsewhere.example"],
    ["environment", "--hiveconf tez.am.launch.env=AWS_PROFILE=x"],
  ])("%s: %s", (rail, parameters) => {
    const faults = faultsOf(parameters);
    expect(railsOf(faults)).toStrictEqual([rail]);
    expect(faults[0]?.pointer).toBe("/jobDriver/hive/parameters");
  });

  test.each(["-e 'select 1'", "-f s3://elsewhere/x.sql", "-i s3://elsewhere/x.sql", "-fx.sql", "--hivec a=b", "x"])(
    "to their own query: %j",
    (parameters) => {
      expect(faultsOf(parameters)[0]?.kind).toBe("denied");
    },
  );

  test("and let pass what sets the query's own variables", () => {
    const parameters =
      "--hiveconf hive.exec.scratchdir=s3://lake/acme/s --hivevar day=2026-11-21 -d x=y --database d -S";
    expect(faultsOf(parameters)).toStrictEqual([]);
    expect(under({ engine: "hive" }, { parameters })).toMatchObject({ parameters, changes: [] });
  });
});

describe("a tenant's file lets a guard rail down", () => {
  const packages = conf("spark.jars.packages=a:b:1", "spark.jars.repositories=https://repository.example");

  test("for all its keys", () => {
    expect(under({ acknowledged: [{ rail: "packages" }] }, packages).faults).toStrictEqual([]);
  });

  test("for the keys that it names, by whatever name they come", () => {
    const acknowledged = [{ rail: "packages" as const, keys: ["spark.jars.packages"] }];
    expect(under({ acknowledged }, packages).faults.map(({ current }) => current)).toStrictEqual([
      '"spark.jars.repositories"',
    ]);
    const key = [{ rail: "endpoints" as const, keys: ["fs.s3a.endpoint"] }];
    expect(under({ acknowledged: key }, conf("spark.hadoop.fs.s3a.endpoint=x")).faults).toStrictEqual([]);
  });

  test("and no other one", () => {
    const other = conf("spark.jars.packages=a:b:1", "spark.plugins=x");
    expect(railsOf(under({ acknowledged: [{ rail: "packages" }] }, other).faults)).toStrictEqual(["listeners"]);
  });
});

describe("the guard rail executors", () => {
  const added = (rules: object, parameters?: string) => under({ rules }, { parameters }).parameters;

  test("sets a bound where nobody does, and says so", () => {
    expect(under({}, {})).toMatchObject({
      parameters: "--conf spark.dynamicAllocation.maxExecutors=100",
      changes: [
        {
          field: "spark/spark.dynamicAllocation.maxExecutors",
          rule: 'the guard rail "executors": no Spark job without a bound',
        },
      ],
    });
  });

  test("takes the tenant's own: its bound, what it enforces, or its default", () => {
    const key = "spark.dynamicAllocation.maxExecutors";
    expect(added({ bounded: { [key]: { max: 50 } } })).toBe(`--conf ${key}=50`);
    expect(added({ enforced: { [key]: "7" } }, "--num-executors 3")).toBe(`--conf ${key}=7 --num-executors 3`);
    expect(added({ default: { [key]: "300" } })).toBe(`--conf ${key}=300`);
    expect(under({ rules: { bounded: { [key]: { max: 500 } } } }, conf(`${key}=500`)).faults).toStrictEqual([]);
  });

  test("holds every property that says how many to it", () => {
    const rules = { bounded: { "spark.dynamicAllocation.maxExecutors": { max: 50 } } };
    const job = conf(
      "spark.dynamicAllocation.maxExecutors=51",
      "spark.dynamicAllocation.minExecutors=52",
      "spark.dynamicAllocation.initialExecutors=53",
      "spark.executor.instances=54",
    );
    expect(under({ rules }, job).faults.map(({ current }) => current)).toStrictEqual(['"51"', '"52"', '"53"', '"54"']);
  });

  test("is let down with a reason, and adds nothing then", () => {
    const acknowledged = [{ rail: "executors" as const }];
    const job = conf("spark.dynamicAllocation.maxExecutors=infinity");
    expect(under({ acknowledged }, job)).toMatchObject({ ...job, faults: [], changes: [] });
  });
});

describe("bounded properties", () => {
  test("are compared by value in whatever place, and every one of repeated keys counts", () => {
    const rules = { bounded: { "spark.executor.memory": { max: "16g" } } };
    const faultsOf = (parameters: string) => under({ rules }, { parameters }).faults;
    expect(faultsOf("--executor-memory 16384m --conf spark.executor.memory=8g")).toStrictEqual([]);
    expect(faultsOf("--conf spark.executor.memory=17g --conf spark.executor.memory=8g")).toHaveLength(1);
    expect(faultsOf("--conf spark.executor.memory=8g --executor-memory 17g")).toStrictEqual([
      {
        pointer: "/jobDriver/sparkSubmit/sparkSubmitParameters",
        message:
          'spark.executor.memory must be a size with its unit such as "4g", of at most 16g (bounded by the tenant\'s file): current value is "17g"',
        current: '"17g"',
        wanted:
          'spark.executor.memory must be a size with its unit such as "4g", of at most 16g (bounded by the tenant\'s file)',
        kind: "denied",
      },
    ]);
  });

  test("hold Hive jobs as well", () => {
    const rules = { bounded: { "hive.tez.container.size": { max: 8192 } } };
    const job = { parameters: "--hiveconf hive.tez.container.size=9000" };
    expect(under({ engine: "hive", rules }, job).faults).toHaveLength(1);
  });
});

describe("Hive's properties", () => {
  test("are set, enforced and forbidden like Spark's, and every change is told", () => {
    const rules = { default: { "hive.a": "1" }, enforced: { "hive.b": "2" }, forbidden: ["hive.c*"] };
    const configurations = [{ classification: "hive-site", properties: { "hive.b": "3" } }];
    const ruled = under({ engine: "hive", rules }, { parameters: "--hiveconf hive.b=4 --hivevar x=y", configurations });
    expect(ruled).toStrictEqual({
      parameters: "--hiveconf hive.b=2 --hiveconf hive.a=1 --hivevar x=y",
      configurations: [{ classification: "hive-site", properties: {} }],
      changes: [
        { field: "applicationConfiguration/hive-site/hive.b", rule: "the tenant enforces another value" },
        { field: "hive/hive.b", rule: "the tenant enforces this Hive property" },
        { field: "hive/hive.a", rule: "the tenant's default for this Hive property" },
      ],
      faults: [],
    });
    expect(under({ engine: "hive", rules }, { parameters: "--hiveconf hive.cx=1" }).faults).toMatchObject([
      { message: 'must not set Hive properties that match "hive.c*": current value is "hive.cx"' },
    ]);
  });
});

describe("what a fault tells", () => {
  test("is the key of a credential, never its value", () => {
    const told = JSON.stringify(
      sparkFaults(
        "spark.hadoop.fs.s3a.secret.key=hidden",
        "spark.executorEnv.AWS_SECRET_ACCESS_KEY=hidden",
        "spark.driver.extraJavaOptions=-Daws.secretKey=hidden",
        "spark.hadoop.javax.jdo.option.ConnectionPassword=hidden",
      ),
    );
    expect(told).not.toContain("hidden");
    expect(told).toContain("spark.hadoop.fs.s3a.secret.key");
  });

  test("is where the place of foreign code is, and where it may be", () => {
    expect(sparkFaults("spark.jars=s3://elsewhere/x.jar")[0]?.message).toBe(
      'spark.jars must list what lies below "s3://jobs/acme/", /usr/lib/ or /usr/share/ only (guard rail "code"): current value is "s3://elsewhere/x.jar"',
    );
  });
});

test("docs/guard-rails.md has a section for each guard rail, and for no other", async () => {
  const page = await readFile(new URL("../../../docs/guard-rails.md", import.meta.url), "utf8");
  const sections = Array.from(page.matchAll(/^### `([\w-]+)`$/gm), ([, name]) => name);
  expect(sections).toStrictEqual([...railNames]);
});
