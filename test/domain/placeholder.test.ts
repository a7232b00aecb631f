import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fill, mapStrings, placeholdersIn, strayBraces, wholePlaceholder } from "#domain/placeholder.ts";

describe("placeholders", () => {
  test.each([
    ["{{tenant.id}}", ["tenant.id"]],
    ["a/{{ tenant.id }}/{{variables.b}}", ["tenant.id", "variables.b"]],
    ["${aws:username} {tenant.id} {{}} {{1}} {{a b}}", []],
    ["{{{tenant.id}}}", ["tenant.id"]],
  ])("placeholdersIn(%j) are %j", (text, names) => {
    expect(placeholdersIn(text)).toStrictEqual(names);
  });

  test.each([
    ["{{a}}", "a"],
    ["{{ a }}", "a"],
    ["x{{a}}", undefined],
    ["{{a}}{{b}}", undefined],
    [" {{a}}", undefined],
    ["", undefined],
  ])("wholePlaceholder(%j) is %j", (text, name) => {
    expect(wholePlaceholder(text)).toBe(name);
  });

  test.each([
    ["{{tenant id}}", true],
    ["{{a}", true],
    ["{a}", false],
    ["{{a", true],
    ["a}}", true],
    ["{{a}} {{b}}", false],
    ["${aws:username}", false],
  ])("strayBraces(%j) is %j", (text, stray) => {
    expect(strayBraces(text)).toBe(stray);
  });

  test("fill() puts values in as they are, and never reads them again", () => {
    expect(fill("{{a}}-{{b}}", (name) => (name === "a" ? "{{b}}$&$1" : "B"))).toBe("{{b}}$&$1-B");
  });

  test("fill() leaves text without placeholders alone", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        fc.pre(placeholdersIn(text).length === 0);
        expect(fill(text, () => "filled")).toBe(text);
      }),
    );
  });
});

describe("mapStrings()", () => {
  test("changes string values, and leaves keys, numbers, truth values and null alone", () => {
    const document = { "{{a}}": "{{a}}", list: ["{{a}}", 1, null, true, { deep: "{{a}}" }] };
    expect(mapStrings(document, () => "x")).toStrictEqual({ "{{a}}": "x", list: ["x", 1, null, true, { deep: "x" }] });
  });

  test("tells the path of each value", () => {
    const paths: string[] = [];
    mapStrings({ a: ["x", { b: "y" }] }, (_text, path) => paths.push(path.join("/")));
    expect(paths).toStrictEqual(["a/0", "a/1/b"]);
  });

  test("leaves any JSON document as it is, where nothing is changed", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (document) => {
        expect(mapStrings(document, (text) => text)).toStrictEqual(document);
      }),
    );
  });
});
