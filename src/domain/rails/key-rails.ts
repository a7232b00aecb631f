import type { RailName } from "./rail-names.ts";
import { anyOf, type Reader } from "./setting.ts";

const anyBut = (allowed: RegExp): RegExp => new RegExp(`^(?!${allowed.source})`, "s");

/**
 * Keys that a guard rail keeps jobs from setting, whatever their value. All in lower case; `*` stands for any text, a space
 * for what parts two words of a key, or for nothing (`anyOf`).
 */
export interface KeyRail {
  readonly rail: RailName;
  readonly keys: RegExp;
  /** Who reads them; properties of Spark's, Hadoop's and Hive's where it says nothing. */
  readonly reader?: Reader;
  readonly rule: string;
}

const ownCredentials = "jobs have the credentials of their execution role, which the execution policy narrows";

/**
 * The keys, under the names that their own program reads: `spark.hadoop.` and its like are seen through (`namesOf`). What
 * means the same to many programs is named by how it ends: each connector has a prefix of its own.
 */
const propertyRails: readonly KeyRail[] = [
  {
    rail: "credentials",
    keys: anyOf([
      "*credentials provider*",
      "*credential provider path",
      "*aws credentials*",
      "aws.*credentials*",
      "*access key*",
      "*secret key*",
      "*secret access key*",
      "*session token",
      "*assume role*",
      "*assumed role*",
      "*s3 access grants*",
      "fs.s3*.delegation.token*",
      "fs.s3*authorization.rolemapping*",
      "*.client.factory",
      "*.s3.client-factory-impl",
      "fs.azure.*",
      "fs.gs.auth.*",
      "google.cloud.auth.*",
    ]),
    rule: ownCredentials,
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
      "spark.ui.filters",
      "hive.*hook*",
      "*metastore.*listener*",
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
    ]),
    rule: "the job would run, or send its data, outside of its application",
  },
];

/** What the JVM itself and its libraries take from system properties: each is a door of its own. */
const systemPropertyRails: readonly KeyRail[] = [
  {
    rail: "credentials",
    reader: "system",
    keys: anyOf(["aws.*", "com.amazonaws.*", "software.amazon.*"]),
    rule: ownCredentials,
  },
  {
    rail: "endpoints",
    reader: "system",
    keys: anyOf([
      "http.proxy*",
      "https.proxy*",
      "ftp.proxy*",
      "socksproxy*",
      "socks.proxy*",
      "java.net.usesystemproxies",
      "java.net.socks.*",
      "jdk.net.hosts.file",
      "sun.net.spi.nameservice.*",
    ]),
    rule: "requests would go to another host than AWS's",
  },
  {
    rail: "java-options",
    reader: "system",
    keys: anyOf([
      "java.class.path",
      "*library.path",
      "java.system.class.loader",
      "java.ext.dirs",
      "java.endorsed.dirs",
      "java.security.manager",
      "java.security.policy",
      "java.security.properties",
      "java.rmi.*",
      "java.naming.*",
      "java.util.logging.config.class",
      "jdk.module.*",
      "com.sun.management.*",
      "com.sun.jndi.*",
      "sun.boot.*",
    ]),
    rule: "the JVM loads code by it, or lets others in",
  },
  {
    rail: "log-destinations",
    reader: "system",
    keys: anyOf(["log4j*jndi*", "log4j*script*"]),
    rule: "log4j would run or fetch what a log configuration names",
  },
];

export const keyRails: readonly KeyRail[] = [...propertyRails, ...systemPropertyRails];
