import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { JobRunAttempt } from "./job-runner.ts";
import { defaultProperties, type Parameter, parametersOf, splitProperty } from "./spark-parameters.ts";

export interface SparkCommandOptions {
  /** Objects are plain files here: `<s3Directory>/<bucket>/<key>`. */
  readonly s3Directory: string;
  /** The buckets that Spark may see. */
  readonly buckets: readonly string[];
  /** Threads of the local master. */
  readonly cores: number;
  readonly scratchDirectory: string;
}

export interface SparkCommand {
  readonly args: string[];
  /** What was left out, and why; values are not named. */
  readonly notes: string[];
}

/** Settings that only mean something on EMR Serverless, or that would lead away from this machine. */
const leftOut: readonly { readonly key: RegExp; readonly why: string }[] = [
  { key: /^spark\.emr-serverless\./, why: "only EMR Serverless has it" },
  { key: /^spark\.sluice\.local\./, why: "it is for simulated job runs" },
  { key: /^spark\.hadoop\.fs\.(s3|plain|viewfs)/, why: "S3 is a directory here" },
  { key: /^spark\.hadoop\.hive\.metastore\.client\.factory\.class$/, why: "there is no Glue catalog here" },
  { key: /^spark\.(master|submit\.deployMode)$/, why: "Spark runs in local mode here" },
];

/**
 * How `s3://`, `s3a://` and `s3n://` paths reach local files, also those inside the job's own code, without any jar:
 * Hadoop's overload scheme gives each bucket a mount table of its own. The raw local file system behind it writes no
 * checksum files next to the objects, and its name "plain" leaves `file:` to Spark as it is.
 * https://hadoop.apache.org/docs/r3.3.4/hadoop-project-dist/hadoop-hdfs/ViewFsOverloadScheme.html
 */
function s3Properties({ s3Directory, buckets }: SparkCommandOptions): [string, string][] {
  const overload = "org.apache.hadoop.fs.viewfs.ViewFileSystemOverloadScheme";
  return [
    ...["s3", "s3a", "s3n"].map((scheme): [string, string] => [`spark.hadoop.fs.${scheme}.impl`, overload]),
    ["spark.hadoop.fs.plain.impl", "org.apache.hadoop.fs.RawLocalFileSystem"],
    ...buckets.map((bucket): [string, string] => [
      `spark.hadoop.fs.viewfs.mounttable.${bucket}.linkFallback`,
      pathToFileURL(join(s3Directory, bucket)).href.replace(/^file:/, "plain:"),
    ]),
  ];
}

/** Everything stays on loopback and in the scratch directory. */
function ownProperties(options: SparkCommandOptions): [string, string][] {
  return [
    ...s3Properties(options),
    ["spark.driver.host", "127.0.0.1"],
    ["spark.driver.bindAddress", "127.0.0.1"],
    ["spark.ui.enabled", "false"],
    ["spark.local.dir", options.scratchDirectory],
  ];
}

/** `s3://bucket/key` as the file that holds the object; anything else as it is. */
function localEntryPoint(uri: string, s3Directory: string): string {
  const [, bucket, key] = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return bucket === undefined || key === undefined ? uri : join(s3Directory, bucket, key);
}

/**
 * The arguments of spark-submit for an attempt. Arguments of the job reach it byte for byte. Of two settings of a key
 * spark-submit takes the later, so the classification comes first, then the parameters, then what holds it here.
 */
export function sparkCommand({ input }: JobRunAttempt, options: SparkCommandOptions): SparkCommand {
  const driver = input.jobDriver?.sparkSubmit;
  if (!driver) throw new Error("Cannot run this job run with spark-submit: it has no Spark driver");
  const notes: string[] = [];
  const wanted = [
    ...defaultProperties(input).map(([key, value]): Parameter => ({ name: "--conf", value: `${key}=${value}` })),
    ...parametersOf(input),
  ].filter((parameter) => {
    const reason = whyLeftOut(parameter);
    if (reason !== undefined) notes.push(reason);
    return reason === undefined;
  });
  const args = [
    ...wanted.flatMap(({ name, value }) => (value === undefined ? [name] : [name, value])),
    ...ownProperties(options).flatMap(([key, value]) => ["--conf", `${key}=${value}`]),
    "--master",
    `local[${options.cores}]`,
    localEntryPoint(driver.entryPoint, options.s3Directory),
    ...(driver.entryPointArguments ?? []),
  ];
  return { args, notes };
}

function whyLeftOut({ name, value = "" }: Parameter): string | undefined {
  if (name === "") return `Left out "${value}": it belongs to no option`;
  if (name === "--master" || name === "--deploy-mode") return `Left out ${name}: Spark runs in local mode here`;
  if (name !== "--conf" && name !== "-c") return undefined;
  const [key] = splitProperty(value);
  const rule = leftOut.find((candidate) => candidate.key.test(key));
  return rule && `Left out ${key}: ${rule.why}`;
}
