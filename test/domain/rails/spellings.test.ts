import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { keyRails } from "#domain/rails/key-rails.ts";
import { valueRails } from "#domain/rails/value-rails.ts";
import { under } from "./rails-world.ts";
import { launcherWords, shellWords, submittedProperties } from "./reference.ts";

const forbidden = { forbidden: ["spark.bad"] };
const executors = [{ rail: "executors" as const }];

/** Properties that a guard rail refuses whatever their value is. */
const held = [
  "fs.s3a.access.key",
  "fs.s3a.aws.credentials.provider",
  "fs.s3a.bucket.lake.assumed.role.arn",
  "fs.s3.customAWSCredentialsProvider",
  "fs.s3a.endpoint",
  "hive.metastore.uris",
  "hive.exec.post.hooks",
  "dynamodb.customAWSCredentialsProvider",
  "dynamodb.awsSecretAccessKey",
  "fs.s3a.audit.service.classname",
  "javax.jdo.option.ConnectionURL",
];

/** What is refused to Spark, Hadoop and Hive; what is refused as a system property only. */
const systemHeld = ["aws.accessKeyId", "http.proxyHost", "socksProxyHost", "java.security.manager", "jdk.module.path"];

/** A list of nothing but spaces names no code: every program trims it. */
const bad = /^(spark\.bad(=|$)|spark\.jars\.packages=|spark\.jars=.*[^ \t\n])/s;

const setsBad = (words: readonly string[] | undefined): boolean =>
  words !== undefined && submittedProperties(words).some((property) => bad.test(property));

/** A text in any mixture of letters. */
const anyCase = (text: string): fc.Arbitrary<string> =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((upper) => [...text].map((letter, at) => (upper[at] ? letter.toUpperCase() : letter)).join(""));

/** One word as a shell and the launcher read it back: each letter bare, escaped or in quotes. */
const spelt = (word: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom("bare", "escaped", "single", "double"), { minLength: word.length, maxLength: word.length })
    .map((how) =>
      [...word]
        .map((letter, at) => {
          if (how[at] === "single") return `'${letter}'`;
          if (how[at] === "double") return `"${letter}"`;
          return how[at] === "escaped" ? `\\${letter}` : letter;
        })
        .join(""),
    );

const bareOrPrefixed = (key: string): fc.Arbitrary<string> =>
  key.startsWith("hive.")
    ? fc.constantFrom(key, `spark.hadoop.${key}`, `spark.${key}`)
    : fc.constantFrom(key, `spark.hadoop.${key}`);

const heldKey = fc
  .constantFrom(...held)
  .chain(bareOrPrefixed)
  .chain(anyCase);

describe("no spelling of a forbidden key gets through", () => {
  test("of any text that a shell or Spark's launcher reads one out of", () => {
    const piece = fc.constantFrom(
      ...[
        "--conf",
        "-c",
        "--name",
        "--class",
        "--jars",
        "--packages",
        "--verbose",
        "spark.bad=1",
        "spark.good=1",
        "=",
        "x",
      ],
      ...[" ", " ", " ", "\t", "\n", "\r", "\f", "\v", "\u001c", "\u001f", "\u00a0", "\u2007", "\u2003", "\ufeff"],
      ...['"', "'", "\\", "\\\\", '\\"', "\\\n", "spark.b", "ad", "--co", "nf"],
    );
    let found = 0;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const parameters = pieces.join("");
        if (!setsBad(shellWords(parameters)) && !setsBad(launcherWords(parameters))) return;
        found += 1;
        expect(under({ rules: forbidden, acknowledged: executors }, { parameters }).faults).not.toStrictEqual([]);
      }),
      { numRuns: 30_000 },
    );
    expect(found).toBeGreaterThan(100);
  });

  test("in any letters, quotes, option and company", () => {
    const harmless = fc.constantFrom("--class Main", "--name --conf", "--verbose", "--conf a=1", "-c 'b=2 3'");
    const option = fc.constantFrom<[string, string]>(["--conf", " "], ["--conf", "="], ["-c", " "], ["--conf", "\n"]);
    const setting = fc.tuple(option, heldKey).chain(([[name, gap], key]) =>
      fc.tuple(spelt(name), spelt(`${key}=x`)).map(([optionText, property]) => ({
        text: `${optionText}${gap}${property}`,
        property: `${key}=x`,
      })),
    );
    fc.assert(
      fc.property(fc.array(harmless), setting, fc.array(harmless), (before, { text, property }, after) => {
        const parameters = [...before, text, ...after].join(" ");
        // Our own speller is checked first: both readers get the property back.
        expect(submittedProperties(shellWords(parameters) ?? [])).toContain(property);
        expect(submittedProperties(launcherWords(parameters) ?? [])).toContain(property);
        const { faults } = under({ acknowledged: executors }, { parameters });
        expect(faults).toHaveLength(1);
        expect(faults[0]?.message).toContain("(guard rail ");
      }),
      { numRuns: 500 },
    );
  });

  test("in any classification that the key is read from, however deep and however spelt", () => {
    const spaces = fc.constantFrom("", " ", "\t");
    const name = fc
      .constantFrom("spark-defaults", "core-site", "hdfs-site", "emrfs-site", "hive-site", "tez-site")
      .chain(anyCase);
    const levels = fc.array(fc.constantFrom("outer", "spark-defaults", "export", "core-site"), { maxLength: 4 });
    fc.assert(
      fc.property(name, heldKey, spaces, spaces, levels, (classification, key, before, after, outer) => {
        const own = {
          classification: `${before}${classification}${after}`,
          properties: { harmless: "1", [`${after}${key}${before}`]: "x" },
        };
        const configuration = outer.reduce<object>(
          (inner, level) => ({ classification: level, configurations: [inner] }),
          own,
        );
        const { faults } = under({ acknowledged: executors }, { configurations: [configuration as typeof own] });
        expect(faults.some(({ message }) => message.includes("(guard rail "))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("of Hive's options", () => {
    const option = fc.constantFrom(
      "--hiveconf ",
      "--hiveconf=",
      "-hiveconf ",
      "-hiveconf=",
      "--hivevar hiveconf:",
      "-d system:",
    );
    fc.assert(
      fc.property(option, heldKey, (text, key) => {
        const { faults } = under({ engine: "hive" }, { parameters: `--hiveconf a=b ${text}${key}=x --hivevar c=d` });
        expect(faults.some(({ message }) => message.includes("(guard rail "))).toBe(true);
      }),
    );
  });
});

describe("no carrier of a refused key gets it through", () => {
  const railed = (job: Parameters<typeof under>[1], engine: "spark" | "hive"): boolean =>
    under({ engine, acknowledged: executors }, job).faults.some(({ message }) => message.includes("(guard rail "));

  const company = fc.constantFrom("", "-Xmx1g ", "-Duser.timezone=UTC ", "-XX:OnOutOfMemoryError='kill -9 %p' ");
  const optionKey = fc.constantFrom(
    ...["spark.driver.extraJavaOptions", "spark.executor.defaultJavaOptions", "spark.yarn.am.extraJavaOptions"],
    ...["hive.tez.java.opts", "tez.am.launch.cmd-opts", "mapreduce.map.java.opts"],
  );
  const quoted = fc.constantFrom<(text: string) => string>(
    (text) => text,
    (text) => `'${text}'`,
    (text) => `${text.replace("=", "='")}'`,
  );

  test("not -D among the options of a JVM, in whatever letters, quotes and company", () => {
    const key = fc.oneof(heldKey, fc.constantFrom(...systemHeld).chain(anyCase));
    fc.assert(
      fc.property(optionKey, company, quoted, key, company, (options, before, quote, name, after) => {
        const value = `${before}${quote(`-D${name}=x`)} ${after}`.trim();
        expect(railed({ parameters: `--conf "${options}=${value}"` }, "spark")).toBe(true);
        expect(railed({ parameters: `--hiveconf "${options}=${value}"` }, "hive")).toBe(true);
        for (const classification of ["spark-defaults", "tez-site", "hive-site"]) {
          const configurations = [{ classification, properties: { [options]: value } }];
          expect(railed({ configurations }, "spark")).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("not --hiveconf, by which Hive sets system properties", () => {
    const option = fc.constantFrom("--hiveconf ", "--hiveconf=", "-hiveconf ", "--hiveconf system:", "-d system:");
    fc.assert(
      fc.property(option, fc.constantFrom(...systemHeld).chain(anyCase), fc.boolean(), (text, key, twice) => {
        const parameters = `${text}${key}=x${twice ? ` --hiveconf ${key}=` : ""} --hiveconf a=b`;
        expect(railed({ parameters }, "hive")).toBe(true);
      }),
    );
  });

  test("not the Hadoop properties of one catalog of Iceberg's", () => {
    const catalog = fc.constantFrom("lake", "a.b", "hadoop").map((name) => `spark.sql.catalog.${name}.hadoop.`);
    const hadoopKey = fc.constantFrom(...held).chain(anyCase);
    fc.assert(
      fc.property(catalog.chain(anyCase), hadoopKey, (prefix, key) => {
        expect(railed({ parameters: `--conf ${prefix}${key}=x` }, "spark")).toBe(true);
      }),
    );
  });
});

test("whatever is planned sets exactly what was asked for, and what the rules add", () => {
  const key = fc.constantFrom("spark.a", "spark.b", "spark.c", "spark.hadoop.d");
  const value = fc.string({ unit: fc.constantFrom("a", " ", "'", '"', "=", "\\", "é"), maxLength: 6 });
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const rules = { enforced: { "spark.a": "1" }, default: { "spark.c": "2" } };
  fc.assert(
    fc.property(fc.array(fc.tuple(key, value)), (asked) => {
      const parameters = asked.map(([name, text]) => `--conf ${quoted(`${name}=${text}`)}`).join(" ");
      const ruled = under({ rules, acknowledged: executors }, { parameters });
      expect(ruled.faults).toStrictEqual([]);
      const kept = asked.filter(([name]) => name !== "spark.a").map(([name, text]) => `${name}=${text}`);
      const wanted = ["spark.a=1", ...kept, ...(asked.some(([name]) => name === "spark.c") ? [] : ["spark.c=2"])];
      for (const words of [shellWords(ruled.parameters ?? ""), launcherWords(ruled.parameters ?? "")]) {
        const got = new Set(submittedProperties(words ?? []));
        expect(got).toStrictEqual(new Set(wanted));
      }
    }),
    { numRuns: 500 },
  );
});

test("no rule looks for two texts anywhere in a key: one of a hundred kilobytes would take it seconds", () => {
  const rules = [...keyRails, ...valueRails].flatMap(({ keys }) => keys.source.replace(/^\^\(\?:/, "").split("|"));
  expect(rules.filter((rule) => /^\.\*.+\.\*.+/.test(rule.replace(/\)\$$/, "")))).toStrictEqual([]);
  expect(rules.length).toBeGreaterThan(150);
});
