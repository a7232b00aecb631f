import { describe, expect, test } from "vitest";
import { railsOf, under } from "./rails-world.ts";

const maxExecutors = "spark.dynamicAllocation.maxExecutors";

const down = [{ rail: "executors" as const }];

describe("what the tenant enforces stands in the place of what the job says", () => {
  test("also where the job's own value would break a bound", () => {
    const ruled = under({ rules: { enforced: { [maxExecutors]: "20" } } }, { parameters: `--conf ${maxExecutors}=50` });
    expect(ruled).toMatchObject({ parameters: `--conf ${maxExecutors}=20`, faults: [] });
    const rules = { enforced: { "spark.executor.memory": "4g" }, bounded: { "spark.executor.memory": { max: "8g" } } };
    expect(under({ rules }, { parameters: "--executor-memory 16g" }).faults).toStrictEqual([]);
    const configurations = [{ classification: "spark-defaults", properties: { "spark.executor.memory": "16g" } }];
    expect(under({ rules }, { configurations }).faults).toStrictEqual([]);
  });

  test("and nothing is taken away without a word, also where the job says what is enforced besides", () => {
    const rules = { enforced: { "spark.hadoop.hive.x": "3" } };
    const changesOf = (parameters: string) => under({ rules, acknowledged: down }, { parameters }).changes;
    const rule = "the tenant enforces another value";
    expect(changesOf("--conf spark.hadoop.hive.x=3 --conf spark.hive.x=4")).toStrictEqual([
      { field: "spark/spark.hive.x", rule },
    ]);
    expect(changesOf("--conf spark.hadoop.hive.x=3 --conf spark.hadoop.hive.x=4")).toStrictEqual([
      { field: "spark/spark.hadoop.hive.x", rule },
    ]);
  });

  test("and is not to be had by options of the JVM either, out of which nothing is taken", () => {
    const rules = { enforced: { "hive.x": "3" } };
    const faultsOf = (value: string) =>
      under({ engine: "hive", rules }, { parameters: `--hiveconf "hive.tez.java.opts=-Xmx1g -Dhive.x=${value}"` })
        .faults;
    expect(faultsOf("3")).toStrictEqual([]);
    expect(faultsOf("4").map(({ message }) => message)).toStrictEqual([
      'must not set by options of the JVM what the tenant enforces: current value is "hive.x"',
    ]);
  });

  test("but bounds hold what is not in its place: the same property in a file that nothing is taken out of", () => {
    const rules = { enforced: { "spark.hadoop.fs.x": "4" }, bounded: { "spark.hadoop.fs.x": { max: 8 } } };
    const configurations = [{ classification: "core-site", properties: { "fs.x": "16" } }];
    expect(under({ rules }, { configurations }).faults).toHaveLength(1);
  });
});

describe("the guard rail executors", () => {
  test.each([
    ["bounded", { bounded: { [maxExecutors]: { max: 20 } } }],
    ["enforced", { enforced: { [maxExecutors]: "20" } }],
  ])("says that its number is the tenant's, where it is: %s", (_how, rules) => {
    expect(under({ rules }, { parameters: "--num-executors 21" }).faults.map(({ message }) => message)).toStrictEqual([
      'spark.executor.instances must be a number, of at most 20, as the tenant\'s file has it (guard rail "executors"): current value is "21"',
    ]);
  });

  test("is let down for one key, and for no other", () => {
    const acknowledged = [{ rail: "executors" as const, keys: ["spark.executor.instances"] }];
    expect(under({ acknowledged }, { parameters: "--num-executors 500" })).toMatchObject({
      parameters: `--conf ${maxExecutors}=100 --num-executors 500`,
      faults: [],
    });
    const most = [{ rail: "executors" as const, keys: [maxExecutors] }];
    const job = { parameters: `--conf ${maxExecutors}=500` };
    expect(under({ acknowledged: most }, job)).toMatchObject({ ...job, faults: [], changes: [] });
    expect(railsOf(under({ acknowledged: most }, { parameters: "--num-executors 500" }).faults)).toStrictEqual([
      "executors",
    ]);
  });

  test.each([
    [{ min: 200 }, "200"],
    [{ max: 50.5 }, "50"],
  ])("adds what keeps the tenant's own bound: %j", (bound, added) => {
    const rules = { bounded: { [maxExecutors]: bound } };
    expect(under({ rules }, {}).parameters).toBe(`--conf ${maxExecutors}=${added}`);
  });
});
