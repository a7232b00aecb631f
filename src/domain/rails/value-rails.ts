import { foreignClassPath, foreignPlaces } from "./code-places.ts";
import type { RailName } from "./rail-names.ts";
import { anyOf, type Reader } from "./setting.ts";

/** Keys that jobs may set, to some values only. */
export interface ValueRail {
  readonly rail: RailName;
  readonly keys: RegExp;
  /** Who reads them; properties of Spark's, Hadoop's and Hive's where it says nothing. */
  readonly reader?: Reader;
  /** The parts of a value that it must not have. */
  readonly broken: (value: string, prefixes: readonly string[]) => string[];
  readonly wanted: (prefixes: readonly string[]) => string;
}

const below = (prefixes: readonly string[]): string =>
  prefixes.length === 0
    ? "/usr/lib/ or /usr/share/, because the tenant lists no entry point prefix"
    : `${prefixes.map((prefix) => `"${prefix}"`).join(", ")}, /usr/lib/ or /usr/share/`;

const notOf =
  (packages: readonly string[]) =>
  (value: string): string[] =>
    packages.some((prefix) => value.trim().startsWith(prefix)) ? [] : [value];

/** A file of this machine: Java asks the host of `file://host/` for it, by FTP. */
const isLocalFile = (place: string): boolean =>
  !place.includes("${") &&
  (!/^[a-z][a-z0-9+.-]*:/i.test(place) || /^(classpath:|file:(\/\/\/|\/?(?!\/)))/i.test(place));

export const valueRails: readonly ValueRail[] = [
  {
    rail: "code",
    keys: anyOf([
      "spark.jars",
      "spark.files",
      "spark.archives",
      "spark.submit.pyfiles",
      "spark.yarn.dist.*",
      "spark.yarn.jar",
      "spark.yarn.jars",
      "spark.yarn.archive",
      "spark.repl.local.jars",
      "spark.app.initial.*urls",
      "spark.repl.class.uri",
      "spark.sql.hive.metastore.jars.path",
      "hive.aux.jars.path",
      "hive.reloadable.aux.jars.path",
      "hive.added.*.path",
      "hive.jar.directory",
      "hive.user.install.directory",
      "hive.exec.script.wrapper",
      "*.encryptionmaterialsprovider.uri",
      "tez.aux.uris",
      "tez.lib.uris*",
      "tmpjars",
      "tmpfiles",
      "tmparchives",
      "mapreduce.job.jar",
      "mapreduce.job.cache.*",
      "mapred.jar",
      "mapred.cache.*",
      "*.classpath.files",
      "*.classpath.archives",
      "mapreduce.application.framework.path",
    ]),
    broken: foreignPlaces,
    wanted: (prefixes) => `must list what lies below ${below(prefixes)} only`,
  },
  {
    rail: "code",
    keys: anyOf([
      "*classpath",
      "*classpath.prefix",
      "spark.*extralibrarypath",
      "spark.*discoveryscript",
      "*.script.file.name",
    ]),
    broken: foreignClassPath,
    wanted: () =>
      "must list what lies below /usr/lib/ or /usr/share/ only: what comes with the job needs no class path",
  },
  {
    rail: "code",
    keys: anyOf([
      "spark.pyspark.python",
      "spark.pyspark.driver.python",
      "spark.r.command",
      "spark.r.driver.command",
      "spark.sparkr.r.command",
    ]),
    broken: (value, prefixes) => (isLocalFile(value.trim()) ? [] : foreignPlaces(value, prefixes)),
    wanted: (prefixes) => `must be a program of the image or of the job's archives, or lie below ${below(prefixes)}`,
  },
  {
    rail: "packages",
    keys: anyOf(["spark.sql.hive.metastore.jars"]),
    broken: (value) => (["builtin", "path"].includes(value.trim()) ? [] : foreignClassPath(value)),
    wanted: () => 'must be "builtin", "path" or a class path below /usr/lib/ or /usr/share/',
  },
  {
    rail: "log-destinations",
    keys: anyOf(["log4j*configura*", "logback.configurationfile", "hive*.log4j.file", "java.util.logging.config.file"]),
    broken: (value) => value.split(",").filter((place) => !isLocalFile(place.trim())),
    wanted: () => "must name files of the job only, where it is told how to log",
  },
  {
    rail: "log-destinations",
    keys: anyOf(["*"]),
    reader: "logging",
    broken: (value) => (value.includes("${") ? [value] : []),
    wanted: () => 'must say all itself, without "${…}"',
  },
  {
    rail: "endpoints",
    keys: anyOf(["fs.*.impl", "fs.abstractfilesystem.*.impl"]),
    broken: notOf(["org.apache.hadoop.fs.", "com.amazon.ws.emr."]),
    wanted: () => "must be a file system of Hadoop's or EMR's own",
  },
  {
    rail: "metastore",
    keys: anyOf(["hive.imetastoreclient.factory.class", "hive.metastore.client.factory.class"]),
    broken: notOf(["com.amazonaws.glue.catalog.metastore."]),
    wanted: () => "must be the factory of the Glue Data Catalog",
  },
];
