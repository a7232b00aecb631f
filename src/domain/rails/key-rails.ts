import type { RailName } from "./rail-names.ts";
import { anyOf, type Reader } from "./setting.ts";
import { systemPropertyRails } from "./system-property-rails.ts";

const anyBut = (allowed: RegExp): RegExp => new RegExp(`^(?!${allowed.source})`, "s");

/**
 * Keys that a guard rail keeps jobs from setting, whatever their value. All in lower case; `*` stands for any text, a space
 * for what parts two words of a key, or for nothing (`anyOf`). No text stands between two `*` where one begins the key: a
 * key of a hundred kilobytes would take seconds.
 */
export interface KeyRail {
  readonly rail: RailName;
  readonly keys: RegExp;
  /** Who reads them; properties of Spark's, Hadoop's and Hive's where it says nothing. */
  readonly reader?: Reader;
  readonly rule: string;
}

/** Of delegation tokens, which Spark has nothing to do with on EMR Serverless: how they are renewed, and that they are not. */
const tokenSettings = ["spark.security.credentials.*", "spark.yarn.security.credentials.*", "spark.kerberos.*"];

/**
 * The keys, under the names that their own program reads: `spark.hadoop.` and its like are seen through (`namesOf`). What
 * means the same to many programs is named by how it ends: each connector has a prefix of its own.
 */
const propertyRails: readonly KeyRail[] = [
  {
    rail: "credentials",
    keys: anyOf(
      [
        "*credential*",
        "*access key*",
        "*secret key*",
        "*secret access key*",
        "*session token",
        "*assume role*",
        "*assumed role*",
        "*role arn",
        "*iam role",
        "*s3 access grants*",
        "fs.s3*.delegation.token*",
        "fs.s3*authorization.rolemapping*",
        "*.client.factory",
        "*.s3.client-factory-impl",
        "fs.azure.*",
        "fs.gs.auth.*",
        "google.cloud.auth.*",
      ],
      tokenSettings,
    ),
    rule: "jobs have the credentials of their execution role, which the execution policy narrows",
  },
  {
    rail: "endpoints",
    keys: anyOf([
      "*endpoint",
      "*endpoints",
      "*endpoint override",
      "*proxy host*",
      "*proxy endpoint*",
      "fs.s3*.proxy.*",
      "dynamodb.proxy.*",
      "*signer*",
      "*signing algorithm",
      "*client.factory.impl",
      "*client builder transformer*",
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
      "spark.*listeners",
      "spark.plugins",
      "spark.plugins.*",
      "spark.executor.plugins",
      "*discovery plugin",
      "spark.python.*module",
      "spark.ui.filters",
      "hive.*hook*",
      "hive.metastore.*listener*",
      "metastore.*listener*",
      "hive.*listeners",
      "*.audit.execution.interceptors",
      "*.audit.service.classname",
      "tez.history.logging.*service.class",
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
      "tez.history.logging.*dir",
      "yarn.timeline-service.*address",
      "yarn.timeline-service.hostname",
      "yarn.log.server.url",
      "mapreduce.job.end-notification.*",
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
    keys: anyBut(
      /^(rootlogger(\.(level|additivity|appenderrefs?|appenderref\.\w+\.(ref|level)))?|loggers|logger\.[\w$]+(\.(name|level|additivity|appenderrefs?|appenderref\.\w+\.(ref|level)))?|log4j\.(rootlogger|rootcategory|threshold|(logger|category|additivity)\..*)|status|name|property\.[\w.]*level)$/,
    ),
    rule: "log4j may be told its levels, and where it writes is the tenant's",
  },
  {
    rail: "metastore",
    keys: anyOf([
      "*metastore uri*",
      "*metaserver uri*",
      "metastore.thrift.uris",
      "hive.metastore.rawstore.impl",
      "hive.metastore.glue.catalogid",
      "hive.stats.dbconnectionstring",
      "javax.jdo.*",
      "datanucleus.*",
      "spark.sql.catalog.*uri",
      "spark.sql.catalog.*.url",
      "iceberg.catalog.*uri",
      "hoodie.*jdbcurl",
      "*.glue.id",
      "*.glue.account-id",
    ]),
    rule: "the catalog of a job is the one that its execution policy names",
  },
  {
    rail: "cluster",
    keys: anyOf([
      "spark.master",
      "spark.remote",
      "spark.driver.host",
      "yarn.resourcemanager.*address*",
      "yarn.resourcemanager.hostname*",
      "mapreduce.jobtracker.*address",
      "mapred.job.tracker",
      "hive.llap.daemon.service.hosts",
      "spark.kubernetes.authenticate.*",
      "spark.kubernetes.*.secrets.*",
      "spark.kubernetes.*.secretkeyref.*",
      "spark.kubernetes.*.volumes.*",
    ]),
    rule: "the job would run, or send its data, outside of its application",
  },
];

export const keyRails: readonly KeyRail[] = [...propertyRails, ...systemPropertyRails];
