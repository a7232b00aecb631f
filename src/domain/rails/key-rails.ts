import type { RailName } from "./rail-names.ts";
import { anyOf, type Reader } from "./setting.ts";

/** Keys that a guard rail keeps jobs from setting, whatever their value. All in lower case; `*` stands for any text. */
export interface KeyRail {
  readonly rail: RailName;
  readonly keys: RegExp;
  /** Who reads them; properties of Spark's, Hadoop's and Hive's where it says nothing. */
  readonly reader?: Reader;
  readonly rule: string;
}

/** The keys, under the names that their own program reads: `spark.hadoop.` and its like are seen through (`namesOf`). */
export const keyRails: readonly KeyRail[] = [
  {
    rail: "credentials",
    keys: anyOf([
      "fs.s3*credentials.provider*",
      "fs.s3*customawscredentialsprovider*",
      "fs.s3*assumed.role.*",
      "fs.s3*.access.key",
      "fs.s3*.secret.key",
      "fs.s3*.session.token",
      "fs.s3*accesskeyid",
      "fs.s3*secretaccesskey",
      "fs.s3*.delegation.token*",
      "fs.s3*authorization.rolemapping*",
      "*security.credential.provider.path",
      "aws.*credentials*",
      "*.client.assume-role.*",
      "*.client.credentials-provider*",
      "*.client.factory",
      "*.s3.access-key-id",
      "*.s3.secret-access-key",
      "*.s3.session-token",
      "*.s3.client-factory-impl",
      "fs.azure.*",
      "fs.gs.auth.*",
      "google.cloud.auth.*",
    ]),
    rule: "jobs have the credentials of their execution role, which the execution policy narrows",
  },
  {
    rail: "endpoints",
    keys: anyOf([
      "fs.s3*.endpoint",
      "fs.s3*.proxy.*",
      "fs.s3*client.factory.impl",
      "fs.s3*custom.signers",
      "fs.s3*signing-algorithm",
      "aws.*endpoint",
      "*.s3.endpoint",
      "*.glue.endpoint",
      "*.dynamodb.endpoint",
    ]),
    rule: "what it reads and writes would go to another host than AWS's",
  },
  {
    rail: "packages",
    keys: anyOf([
      "spark.jars.packages",
      "spark.jars.repositories",
      "spark.jars.ivy",
      "spark.jars.ivysettings",
      "spark.sql.maven.additionalremoterepositories",
    ]),
    rule: "code comes from the tenant's entry point prefixes, and packages are fetched from elsewhere",
  },
  {
    rail: "images",
    keys: anyOf([
      "spark.emr-serverless.*image*",
      "spark.kubernetes.*image*",
      "spark.kubernetes.*podtemplate*",
      "spark.yarn.*docker*",
    ]),
    rule: "the image of a job is its application's",
  },
  {
    rail: "listeners",
    keys: anyOf([
      "spark.extralisteners",
      "spark.sql.queryexecutionlisteners",
      "spark.sql.streaming.streamingquerylisteners",
      "spark.plugins",
      "spark.plugins.*",
      "spark.ui.filters",
      "hive.*hook*",
      "hive.*listeners",
    ]),
    rule: "it runs code beside the job's own that sees all that the job does",
  },
  {
    rail: "log-destinations",
    keys: anyOf([
      "spark.eventlog.dir",
      "spark.history.fs.logdirectory",
      "spark.driver.log.dfsdir",
      "spark.metrics.conf",
      "spark.metrics.conf.*",
    ]),
    rule: "logs hold the tenant's data: their destinations are in the tenant's file",
  },
  {
    rail: "log-destinations",
    reader: "metrics",
    keys: anyOf(["*"]),
    rule: "a sink of Spark's metrics may be any host",
  },
  {
    rail: "log-destinations",
    reader: "logging",
    keys: anyOf(["appender*", "log4j.appender*", "script*", "packages", "plugin*", "monitorinterval"]),
    rule: "log4j may be told its levels, and where it writes is the tenant's",
  },
  {
    rail: "metastore",
    keys: anyOf([
      "hive.metastore.uris",
      "metastore.thrift.uris",
      "hive.metastore.rawstore.impl",
      "hive.metastore.glue.catalogid",
      "javax.jdo.*",
      "datanucleus.*",
      "spark.sql.catalog.*.uri",
      "iceberg.catalog.*.uri",
      "*.glue.id",
      "*.glue.account-id",
    ]),
    rule: "the catalog of a job is the one that its execution policy names",
  },
  {
    rail: "cluster",
    keys: anyOf(["spark.master", "spark.remote"]),
    rule: "the job would run, or send its data, outside of its application",
  },
];
