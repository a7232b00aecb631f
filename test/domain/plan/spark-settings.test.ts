import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesKey, sparkSettings, strayArgument } from "#domain/plan/spark-settings.ts";

const keysAndValues = (...tokens: string[]): string[] =>
  sparkSettings(tokens).map(({ key, value }) => `${key}=${value}`);

describe("sparkSettings()", () => {
  test.each([
    [["--conf", "a=b"], ["a=b"]],
    [["--conf=a=b"], ["a=b"]],
    [["-c", "a=b"], ["a=b"]],
    [["--conf", "a=b=c"], ["a=b=c"]],
    [["--conf", "a"], ["a="]],
    [["--jars", "x.jar"], ["spark.jars=x.jar"]],
    [["--jars=x.jar"], ["spark.jars=x.jar"]],
    [["--driver-memory", "4g"], ["spark.driver.memory=4g"]],
    [["--master", "local"], ["spark.master=local"]],
    [["--deploy-mode=client"], ["spark.submit.deployMode=client"]],
    [["--class", "Main", "--conf", "a=b"], ["a=b"]],
    [["--verbose", "--conf", "a=b"], ["a=b"]],
    [
      ["--conf", "a=1", "--conf", "a=2"],
      ["a=1", "a=2"],
    ],
  ])("sparkSettings() reads %j", (tokens, expected) => {
    expect(keysAndValues(...tokens)).toStrictEqual(expected);
  });

  test("sparkSettings() reads an option's value as spark-submit does, also where it looks like an option", () => {
    expect(keysAndValues("--name", "--conf", "--conf", "a=b")).toStrictEqual(["spark.app.name=--conf", "a=b"]);
  });

  test("sparkSettings() lets an option that it does not know hide no other option", () => {
    expect(keysAndValues("--load-spark-defaults", "--conf", "a=b")).toStrictEqual(["a=b"]);
    expect(keysAndValues("--new-option", "value", "--conf", "a=b")).toStrictEqual(["a=b"]);
    expect(keysAndValues("-c=x", "--conf", "a=b")).toStrictEqual(["a=b"]);
  });

  test.each(["constructor", "__proto__", "toString"])("sparkSettings() takes %s for no option", (token) => {
    expect(sparkSettings([token, "x"])).toStrictEqual([]);
  });

  test("sparkSettings() says which arguments each setting is made of", () => {
    expect(sparkSettings(["--class", "Main", "--conf", "a=b", "--conf=c=d"])).toStrictEqual([
      { key: "a", value: "b", from: 2, length: 2 },
      { key: "c", value: "d", from: 4, length: 1 },
    ]);
  });
});

describe("strayArgument()", () => {
  test.each([
    [["--class", "Main"], undefined],
    [["--verbose"], undefined],
    [["--unknown", "value"], undefined],
    [["--class", "Main", "s3://other/job.py"], "s3://other/job.py"],
    [["--verbose", "true"], "true"],
    [["--class", "Main", "--name"], "--name"],
    [["--unknown"], undefined],
    [["--conf=a=b", "c"], "c"],
    [[""], ""],
  ])("strayArgument() finds in %j what spark-submit would run as the job", (tokens, stray) => {
    expect(strayArgument(tokens)).toBe(stray);
  });
});

describe("matchesKey()", () => {
  test.each([
    ["spark.jars", "spark.jars", true],
    ["spark.jars", "spark.jars.packages", false],
    ["spark.jars*", "spark.jars.packages", true],
    ["spark.jars*", "spark.jars", true],
    ["spark.*.x", "spark.a.x", true],
    ["spark.*.x", "spark.x", false],
    ["spark.", "sparkX", false],
    ["*", "", true],
    ["ab*ba", "aba", false],
    ["spark.jars", "SPARK.JARS", false],
  ])("matchesKey(%j, %j) is %j", (rule, key, matches) => {
    expect(matchesKey(rule, key)).toBe(matches);
  });

  test("matchesKey() agrees with the regular expression that a rule stands for", () => {
    const rule = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    const key = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
    fc.assert(
      fc.property(rule, key, (pattern, text) => {
        const oracle = new RegExp(`^${pattern.replaceAll(".", "\\.").replaceAll("*", ".*")}$`);
        expect(matchesKey(pattern, text)).toBe(oracle.test(text));
      }),
      { numRuns: 1000 },
    );
  });
});
