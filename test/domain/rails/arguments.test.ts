import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isCutAlike, joinArguments, splitArguments } from "#domain/rails/arguments.ts";

const tokensOf = (text: string): string[] => {
  const split = splitArguments(text);
  if (split.verdict === "unbalanced") throw new Error(`unbalanced ${split.quote}`);
  return split.tokens;
};

/** Text made of the characters that decide where an argument ends. */
const tricky = fc.string({ unit: fc.constantFrom(" ", "\t", "\n", '"', "'", "\\", "-", "=", "a", "é", "😀") });

describe("splitArguments()", () => {
  test.each([
    ["--conf a=b", ["--conf", "a=b"]],
    ["  --conf\t a=b \n", ["--conf", "a=b"]],
    ['--conf "a=b c"', ["--conf", "a=b c"]],
    ["--conf 'a=b c'", ["--conf", "a=b c"]],
    ['--conf a="b c"d', ["--conf", "a=b cd"]],
    ["'a\"b' \"a'b\"", ['a"b', "a'b"]],
    ["'a\\b' \"a\\b\" a\\b", ["a\\b", "a\\b", "ab"]],
    ['"a\\"b\\\\"', ['a"b\\']],
    ["a\\ b", ["a b"]],
    ["\"\" a ''", ["", "a", ""]],
    ["$HOME `x` *", ["$HOME", "`x`", "*"]],
    ["", []],
  ])("splitArguments() cuts %j as a shell does", (text, tokens) => {
    expect(tokensOf(text)).toStrictEqual(tokens);
  });

  test.each([
    ['--conf "a=b', '"'],
    ["--conf 'a=b", "'"],
    ["'\\'' --conf", "'"],
    ["--conf a=b\\", "\\"],
  ])("splitArguments() says what leaves %j open", (text, quote) => {
    expect(splitArguments(text)).toStrictEqual({ verdict: "unbalanced", quote });
  });
});

describe("isCutAlike()", () => {
  test.each(["--conf a=b", "--conf 'a b'", '--conf "a=\\"b\\\\"', "a\\ b", "'a\\b'", "a\tb\nc", "a\u00a0b", ""])(
    "isCutAlike(%j): a shell and Spark's launcher agree",
    (text) => {
      expect(isCutAlike(text)).toBe(true);
    },
  );

  test.each([
    ["an escape in double quotes", '"spark.b\\ad=1"'],
    ["a line that goes on", "--co\\\nnf a=b"],
    ["a separator that only Java takes for a space", "--name\u001c--conf\u001cspark.bad=1"],
    ["a carriage return", "a\r\nb"],
    ["an em space", "a\u2003b"],
  ])("isCutAlike() is false for %s", (_trick, text) => {
    expect(isCutAlike(text)).toBe(false);
  });
});

describe("joinArguments()", () => {
  test("joinArguments() leaves plain arguments without quotes", () => {
    expect(joinArguments(["--conf", "spark.x=1", "a b", ""])).toBe('--conf spark.x=1 "a b" ""');
  });

  test("whatever the arguments are, splitArguments() gives them back", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(tricky, fc.string({ unit: "binary" }))), (tokens) => {
        expect(tokensOf(joinArguments(tokens))).toStrictEqual(tokens);
      }),
    );
  });

  test("whatever was split and joined splits into the same arguments again", () => {
    fc.assert(
      fc.property(tricky, (text) => {
        fc.pre(splitArguments(text).verdict === "split");
        expect(tokensOf(joinArguments(tokensOf(text)))).toStrictEqual(tokensOf(text));
      }),
    );
  });

  test("what can be split can be lengthened: the added arguments stay the ones that were added", () => {
    fc.assert(
      fc.property(tricky, fc.array(tricky), (text, added) => {
        fc.pre(splitArguments(text).verdict === "split");
        expect(tokensOf(`${text} ${joinArguments(added)}`)).toStrictEqual([...tokensOf(text), ...added]);
      }),
    );
  });
});
