import fc from "fast-check";
import { expect, test } from "vitest";
import { compareKeys, type ListRequest, pageOf } from "#local/s3/listing.ts";

const request = (more: Partial<ListRequest> = {}): ListRequest => ({
  prefix: "",
  delimiter: "",
  maxKeys: 1000,
  startAfter: "",
  resumeAfter: "",
  ...more,
});
const sorted = (...keys: string[]) => keys.sort(compareKeys);

test("pageOf() rolls up what is behind the delimiter", () => {
  const keys = sorted("a", "in/", "in/1", "in/2/x", "out/1");
  expect(pageOf(keys, request({ delimiter: "/" }))).toMatchObject({ keys: ["a"], commonPrefixes: ["in/", "out/"] });
  expect(pageOf(keys, request({ delimiter: "/", prefix: "in/" }))).toMatchObject({
    keys: ["in/", "in/1"],
    commonPrefixes: ["in/2/"],
  });
});

test("pageOf() goes on behind the marker of the folder that it lists", () => {
  const page = { delimiter: "/", prefix: "in/", resumeAfter: "in/" };
  expect(pageOf(sorted("in/", "in/1"), request(page)).keys).toEqual(["in/1"]);
});

test("pageOf() starts after a key, also when that is a folder", () => {
  const keys = sorted("a/1", "a/2", "b");
  expect(pageOf(keys, request({ startAfter: "a/1" })).keys).toEqual(["a/2", "b"]);
  expect(pageOf(keys, request({ startAfter: "a/", delimiter: "/" })).commonPrefixes).toEqual(["a/"]);
});

test("pageOf() gives no page without keys a successor", () => {
  expect(pageOf(["a"], request({ maxKeys: 0 })).next).toBeUndefined();
});

test("compareKeys() orders by UTF-8 bytes", () => {
  expect(sorted("\u{1F600}", "\uFFFD", "a", "Z")).toEqual(["Z", "a", "\uFFFD", "\u{1F600}"]);
});

test("pages together hold every key and every common prefix once, in order", () => {
  const key = fc
    .array(fc.constantFrom("a", "b", "/", "é"), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.join(""));
  const keys = fc.uniqueArray(key, { maxLength: 30 });
  const options = fc.record({
    maxKeys: fc.integer({ min: 1, max: 4 }),
    delimiter: fc.constantFrom("", "/"),
    prefix: fc.constantFrom("", "a", "a/"),
  });
  fc.assert(
    fc.property(keys, options, (all, { maxKeys, delimiter, prefix }) => {
      const whole = pageOf(sorted(...all), request({ delimiter, prefix }));
      const found = { keys: [] as string[], commonPrefixes: [] as string[] };
      let resumeAfter: string | undefined = "";
      while (resumeAfter !== undefined) {
        const page = pageOf(sorted(...all), request({ delimiter, prefix, maxKeys, resumeAfter }));
        found.keys.push(...page.keys);
        found.commonPrefixes.push(...page.commonPrefixes);
        resumeAfter = page.next;
      }
      expect({ ...found, next: undefined }).toEqual(whole);
    }),
  );
});
