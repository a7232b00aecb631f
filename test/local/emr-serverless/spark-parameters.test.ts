import { describe, expect, test } from "vitest";
import { jobProperties, readParameters, splitWords } from "#local/emr-serverless/spark-parameters.ts";

describe("splitWords()", () => {
  test.each([
    ["", []],
    ["  a   b\n\tc ", ["a", "b", "c"]],
    [`--conf "a=b c" 'd e'`, ["--conf", "a=b c", "d e"]],
    [`a"b c"d`, ["ab cd"]],
    [`'' ""`, ["", ""]],
    [`"say \\"hi\\" \\n"`, [`say "hi" \\n`]],
    [`'no \\ escape'`, ["no \\ escape"]],
    ["a\\ b", ["a b"]],
    ["$(touch x);`y` $HOME", ["$(touch", "x);`y`", "$HOME"]],
    ['an "open quote', ["an", '"open', "quote"]],
  ])("splits %j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

test("readParameters() knows both ways to give a value, and flags", () => {
  expect(readParameters("--conf a=b --conf=c=d --verbose --jars x,y stray --last")).toEqual([
    { name: "--conf", value: "a=b" },
    { name: "--conf", value: "c=d" },
    { name: "--verbose" },
    { name: "--jars", value: "x,y" },
    { name: "", value: "stray" },
    { name: "--last" },
  ]);
});

test("jobProperties() lets the parameters override the classification, and the later the earlier", () => {
  const properties = jobProperties({
    jobDriver: {
      sparkSubmit: { entryPoint: "s3://b/j.py", sparkSubmitParameters: "--executor-cores 2 --conf a=2 --conf a=3" },
    },
    configurationOverrides: {
      applicationConfiguration: [
        { classification: "spark-defaults", properties: { a: "1", b: "1", "spark.executor.cores": "8" } },
        { classification: "spark-log4j2", properties: { c: "1" } },
      ],
    },
  });
  expect(Object.fromEntries(properties)).toEqual({ a: "3", b: "1", "spark.executor.cores": "2" });
});
