import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesKey } from "#domain/rails/setting.ts";
import { sparkArguments } from "#domain/rails/spark-arguments.ts";

const keysAndValues = (...tokens: string[]): string[] =>
  sparkArguments(tokens).settings.map(({ key, value }) => `${key}=${value}`);

describe("sparkArguments()", () => {
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
  ])("sparkArguments() reads %j", (tokens, expected) => {
    expect(keysAndValues(...tokens)).toStrictEqual(expected);
  });

  test("sparkArguments() reads an option's value as spark-submit does, also where it looks like an option", () => {
    expect(keysAndValues("--name", "--conf", "--conf", "a=b")).toStrictEqual(["spark.app.name=--conf", "a=b"]);
  });

  test("sparkArguments() lets an option that it does not know hide no other option", () => {
    expect(keysAndValues("--load-spark-defaults", "--conf", "a=b")).toStrictEqual(["a=b"]);
    expect(keysAndValues("--new-option", "value", "--conf", "a=b")).toStrictEqual(["a=b"]);
    expect(keysAndValues("-c=x", "--conf", "a=b")).toStrictEqual(["a=b"]);
  });

  test.each(["constructor", "__proto__", "toString"])("sparkArguments() takes %s for no option", (token) => {
    expect(sparkArguments([token, "x"]).settings).toStrictEqual([]);
  });

  test("sparkArguments() says which arguments each setting is made of", () => {
    expect(sparkArguments(["--class", "Main", "--conf", "a=b", "--conf=c=d"]).settings).toStrictEqual([
      { key: "a", value: "b", from: 2, length: 2 },
      { key: "c", value: "d", from: 4, length: 1 },
    ]);
  });
});

describe("sparkArguments() names what must not be there", () => {
  const wrong = (...tokens: string[]): string[] => sparkArguments(tokens).wrong.map(({ argument }) => argument);

  test.each([
    [["--class", "Main"], []],
    [["--verbose"], []],
    [["--class", "Main", "s3://other/job.py"], ["s3://other/job.py"]],
    [["--verbose", "true"], ["true"]],
    [["--class", "Main", "--name"], ["--name"]],
    [["--conf=a=b", "c"], ["c"]],
    [[""], [""]],
  ])("what spark-submit would run as the job, in %j", (tokens, expected) => {
    expect(wrong(...tokens)).toStrictEqual(expected);
  });

  test.each([
    [["--unknown"], ["--unknown"]],
    [["--unknown=value"], ["--unknown"]],
    [
      ["--unknown", "value"],
      ["--unknown", "value"],
    ],
    [["-c=x"], ["-c=x"]],
    [
      ["--CONF", "a=b"],
      ["--CONF", "a=b"],
    ],
  ])("options that spark-submit does not know, in %j", (tokens, expected) => {
    expect(wrong(...tokens)).toStrictEqual(expected);
  });

  test.each(["--properties-file", "--status", "--kill"])("%s, with whatever value", (option) => {
    expect(wrong(option, "x")).toStrictEqual([option]);
    expect(wrong(`${option}=x`)).toStrictEqual([option]);
  });

  test.each([" spark.x", "spark.x ", "spark\u00a0x", "spark\nx", "spark.$x", "spark.`x`", "spark.{x}", '"spark.x', ""])(
    "a key that some program may read otherwise: %j",
    (key) => {
      expect(wrong("--conf", `${key}=1`)).toStrictEqual([key]);
    },
  );
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
