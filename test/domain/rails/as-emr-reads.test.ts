import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Configuration } from "#domain/request/job-run-fields.ts";
import { under } from "./rails-world.ts";
import { type Candidate, hadoopReads, hiveReads, sparkReads } from "./reference.ts";

const maxExecutors = "spark.dynamicAllocation.maxExecutors";

/** A part of a job: arguments, or a classification. */
type Part = { readonly parameters: string } | { readonly configuration: Configuration };

/** Letters of a key turned, here and there. */
const anyCase = (key: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(false, false, true), { minLength: key.length, maxLength: key.length })
    .map((turned) => [...key].map((letter, at) => (turned[at] ? letter.toUpperCase() : letter)).join(""));

const spelt = (keys: readonly string[], prefixes: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...prefixes), fc.constantFrom(...keys))
    .map(([prefix, key]) => prefix + key)
    .chain((key) => fc.oneof({ weight: 3, arbitrary: fc.constant(key) }, { weight: 1, arbitrary: anyCase(key) }));

const value = fc.constantFrom("1", "3", "7", "11", "50", "infinity");

const inClassification = (names: readonly string[], key: fc.Arbitrary<string>): fc.Arbitrary<Part> =>
  fc
    .tuple(fc.constantFrom(...names), key, value, fc.constantFrom(0, 0, 1))
    .map(([classification, name, text, depth]) => {
      const own = { classification, properties: { [name]: text } };
      return { configuration: depth === 0 ? own : { classification: "spark-env", configurations: [own] } };
    });

const candidates: readonly Candidate[] = [false, true].flatMap((nested) =>
  [false, true].map((anyLetters) => ({ nested, anyLetters })),
);

const jobOf = (parts: readonly Part[]) => ({
  parameters: parts.flatMap((part) => ("parameters" in part ? [part.parameters] : [])).join(" ") || undefined,
  configurations: parts.flatMap((part) => ("configuration" in part ? [part.configuration] : [])),
});

describe("what EMR Serverless is sent keeps every rule as it reads it, whatever the job said and however", () => {
  const rules = {
    default: { "spark.d": "5", "spark.b": "5", "spark.hadoop.fs.d": "5", "spark.hadoop.hive.d": "5" },
    enforced: { "spark.e": "3", "spark.hadoop.fs.e": "3", "spark.hadoop.hive.e": "3" },
    forbidden: ["spark.bad*", "spark.hadoop.fs.bad"],
    bounded: { "spark.b": { max: 10 }, [maxExecutors]: { max: 10 } },
  };
  const key = spelt(
    ["spark.d", "spark.e", "spark.b", "spark.bad", maxExecutors, "spark.executor.instances", "fs.d", "fs.e", "hive.e"],
    ["", "", "", "", "spark.hadoop.", "spark.hadoop.", "spark."],
  );
  const part: fc.Arbitrary<Part> = fc.oneof(
    fc
      .tuple(fc.constantFrom("--conf ", "--conf=", "-c ", "'--conf' "), key, value, fc.constantFrom("", "'", '"'))
      .map(([option, name, text, quote]) => ({ parameters: `${option}${quote}${name}=${text}${quote}` })),
    fc
      .tuple(fc.constantFrom("--num-executors ", "--num-executors="), value)
      .map((two) => ({ parameters: two.join("") })),
    fc
      .tuple(key, value)
      .map(([name, text]) => ({ parameters: `--conf "spark.driver.extraJavaOptions=-Xmx1g -D${name}=${text}"` })),
    inClassification(["spark-defaults", "spark-defaults", "Spark-Defaults", "core-site", "hive-site", "spark"], key),
    inClassification(["spark-env", "spark-driver-log4j2"], fc.constantFrom(maxExecutors, "spark.d", "logger.x.level")),
  );

  test("for Spark", () => {
    let kept = 0;
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const ruled = under({ rules }, jobOf(parts));
        if (ruled.faults.length > 0) return;
        kept += 1;
        for (const how of candidates) {
          const spark = sparkReads(ruled.parameters ?? "", ruled.configurations, how);
          const hadoop = hadoopReads(spark, ruled.configurations, how);
          expect(spark.get("spark.e")).toBe("3");
          expect([hadoop.get("fs.e"), hadoop.get("hive.e")]).toStrictEqual(["3", "3"]);
          expect([spark.has("spark.d"), hadoop.has("fs.d"), hadoop.has("hive.d")]).toStrictEqual([true, true, true]);
          expect(Number(spark.get("spark.b"))).toBeLessThanOrEqual(10);
          expect(Number(spark.get(maxExecutors))).toBeLessThanOrEqual(10);
          expect(Number(spark.get("spark.executor.instances") ?? 0)).toBeLessThanOrEqual(10);
          expect([...spark.keys()].filter((name) => /^spark\.bad/i.test(name))).toStrictEqual([]);
          expect(hadoop.has("fs.bad")).toBe(false);
        }
      }),
      { numRuns: 3_000 },
    );
    expect(kept).toBeGreaterThan(300);
  });

  test("for Hive", () => {
    const own = {
      default: { "hive.d": "5", "hive.b": "5" },
      enforced: { "hive.e": "3" },
      forbidden: ["hive.bad*"],
      bounded: { "hive.b": { max: 10 } },
    };
    const hiveKey = spelt(["hive.d", "hive.e", "hive.b", "hive.bad"], ["", "", "spark.", "spark.hadoop."]);
    const option = fc.constantFrom("--hiveconf ", "--hiveconf=", "-hiveconf ", "--hivevar ", "--hivevar hiveconf:");
    const hivePart: fc.Arbitrary<Part> = fc.oneof(
      fc.tuple(option, hiveKey, value).map(([name, set, text]) => ({ parameters: `${name}${set}=${text}` })),
      inClassification(["hive-site", "hive-site", "Hive-Site", "core-site", "tez-site"], hiveKey),
    );
    let kept = 0;
    fc.assert(
      fc.property(fc.array(hivePart, { maxLength: 4 }), (parts) => {
        const ruled = under({ engine: "hive", rules: own }, jobOf(parts));
        if (ruled.faults.length > 0) return;
        kept += 1;
        for (const how of candidates) {
          const hive = hiveReads(ruled.parameters ?? "", ruled.configurations, how);
          expect(hive.get("hive.e")).toBe("3");
          expect(hive.has("hive.d")).toBe(true);
          expect(Number(hive.get("hive.b"))).toBeLessThanOrEqual(10);
          expect(hive.has("hive.bad")).toBe(false);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(kept).toBeGreaterThan(300);
  });
});

describe("a job has a bound of executors that Spark reads, also where it names one that Spark does not", () => {
  test.each<[string, Parameters<typeof under>[1]]>([
    ["other letters", { parameters: "--conf spark.dynamicAllocation.MaxExecutors=5" }],
    ["Hadoop's prefix", { parameters: `--conf spark.hadoop.${maxExecutors}=5` }],
    ...["core-site", "hive-site", "spark-env", "export", "Spark-Defaults", "spark"].map(
      (classification): [string, { configurations: Configuration[] }] => [
        classification,
        { configurations: [{ classification, properties: { [maxExecutors]: "5" } }] },
      ],
    ),
    [
      "spark-defaults below another classification",
      {
        configurations: [
          {
            classification: "spark-env",
            configurations: [{ classification: "spark-defaults", properties: { [maxExecutors]: "5" } }],
          },
        ],
      },
    ],
  ])("%s", (_where, job) => {
    const ruled = under({}, job);
    expect(ruled.parameters).toMatch(new RegExp(`^--conf ${maxExecutors}=100( |$)`));
    expect(ruled.changes).toHaveLength(1);
  });

  test("and of executors for streams, where it asks for some", () => {
    const { parameters } = under({}, { parameters: "--conf spark.streaming.dynamicAllocation.enabled=true" });
    expect(parameters).toContain("--conf spark.streaming.dynamicAllocation.maxExecutors=100 ");
  });
});
