import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { ServiceError } from "#domain/errors.ts";
import {
  capped,
  cut,
  deniedAt,
  type Fault,
  faultAt,
  faultsOf,
  maxFaultBytes,
  maxFaults,
  pointerOf,
  show,
} from "#domain/fault.ts";

describe("pointerOf()", () => {
  test.each([
    [[], ""],
    [["a", 0, "b"], "/a/0/b"],
    [[""], "/"],
    [["a/b", "c~d"], "/a~1b/c~0d"],
    [["~1"], "/~01"],
    [["é", " "], "/é/ "],
  ])("pointerOf(%j) is %j", (path, pointer) => {
    expect(pointerOf(path)).toBe(pointer);
  });

  test("pointerOf() keeps any two paths apart, as RFC 6901 reads them back", () => {
    const key = fc.string({ unit: fc.constantFrom("~", "/", "0", "1", "a") });
    fc.assert(
      fc.property(fc.array(key), (path) => {
        const read = pointerOf(path)
          .split("/")
          .slice(1)
          .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
        expect(read).toStrictEqual(path);
      }),
    );
  });
});

describe("show()", () => {
  test.each([
    ["x", '"x"'],
    [3, "3"],
    [null, "null"],
    [undefined, "nothing"],
    [{ a: [1] }, '{"a":[1]}'],
    ["two\nlines", '"two\\nlines"'],
  ])("show(%j) is %s", (value, text) => {
    expect(show(value)).toBe(text);
  });

  test("show() repeats 120 characters of a value and no more", () => {
    expect(show("x".repeat(118))).toBe(`"${"x".repeat(118)}"`);
    expect(show("x".repeat(1000))).toBe(`"${"x".repeat(119)}… (1002 characters)`);
  });
});

describe("a fault", () => {
  test("faultAt() says what is there and what is wanted", () => {
    expect(faultAt(["a", 0], 3, "at least 5")).toStrictEqual({
      pointer: "/a/0",
      message: "must be at least 5: current value is 3",
      current: "3",
      wanted: "at least 5",
    });
  });

  test("deniedAt() says which rule forbids it", () => {
    expect(deniedAt(["a"], 3, "must be at most 2, the tenant's cap")).toStrictEqual({
      pointer: "/a",
      message: "must be at most 2, the tenant's cap: current value is 3",
      current: "3",
      wanted: "must be at most 2, the tenant's cap",
      kind: "denied",
    });
  });
});

describe("faultsOf()", () => {
  const schema = z.strictObject({
    count: z.int().check(z.gte(1), z.lte(3)),
    word: z.string().check(z.minLength(1), z.maxLength(2)),
    list: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(2))),
    mode: z.optional(z.enum(["a", "b"])),
    map: z.optional(z.record(z.string().check(z.regex(/^[a-z]$/)), z.string())),
    either: z.optional(z.union([z.string(), z.number()])),
    named: z.optional(z.union([z.string(), z.number()], "text or a number")),
  });
  const lines = (document: object): string[] => {
    const parsed = z.safeParse(schema, { count: 1, word: "x", ...document });
    if (parsed.success) return [];
    const faults = faultsOf(parsed.error, { count: 1, word: "x", ...document }, { old: 'is called "count"' }, ["at"]);
    return faults.map(({ pointer, message }) => `${pointer} ${message}`);
  };

  test.each([
    [{ count: 0 }, "/at/count must be at least 1: current value is 0"],
    [{ count: 4 }, "/at/count must be at most 3: current value is 4"],
    [{ count: 1.5 }, "/at/count must be an integer: current value is 1.5"],
    [{ count: "1" }, '/at/count must be of type number: current value is "1"'],
    [{ count: undefined }, "/at/count must be of type number: current value is nothing"],
    [{ word: "" }, '/at/word must be at least 1 character: current value is ""'],
    [{ word: "abc" }, '/at/word must be at most 2 characters: current value is "abc"'],
    [{ list: [] }, "/at/list must be at least 1 item: current value is []"],
    [{ list: ["a", "b", "c"] }, '/at/list must be at most 2 items: current value is ["a","b","c"]'],
    [{ list: ["a", 1] }, "/at/list/1 must be of type string: current value is 1"],
    [{ mode: "c" }, '/at/mode must be one of "a", "b": current value is "c"'],
    [
      { map: { "a/b": "" } },
      '/at/map/a~1b must be an entry whose key is text that matches /^[a-z]$/: current value is "a/b"',
    ],
    [{ either: true }, "/at/either must be one of the forms that the schema gives: current value is true"],
    [{ named: true }, "/at/named must be text or a number: current value is true"],
    [{ old: 1 }, '/at/old is called "count"'],
    [{ colour: 1 }, "/at/colour is not a known field: remove it or check its spelling"],
    [{ constructor: 1 }, "/at/constructor is not a known field: remove it or check its spelling"],
  ])("faultsOf() says of %j: %s", (document, line) => {
    expect(lines(document)).toStrictEqual([line]);
  });

  test("faultsOf() says everything at once", () => {
    expect(lines({ count: 0, word: "", colour: 1, old: 2 })).toHaveLength(4);
  });
});

describe("capped()", () => {
  const bytesOf = (faults: readonly Fault[]): number => new TextEncoder().encode(JSON.stringify(faults)).length;
  const many = (count: number): Fault[] => Array.from({ length: count }, (_, at) => faultAt([at], at, "absent"));
  const hostile = fc.record({
    pointer: fc.string({ unit: "binary", maxLength: 2000, size: "max" }),
    message: fc.string({ unit: "binary", maxLength: 2000, size: "max" }),
    current: fc.string({ unit: fc.constantFrom("\u0000", "\u{1f600}", "a"), maxLength: 2000, size: "max" }),
  });

  test("capped() leaves as they are faults that a refusal can carry", () => {
    expect(capped(many(maxFaults))).toStrictEqual(many(maxFaults));
    expect(capped([])).toStrictEqual([]);
  });

  test("capped() carries 100 faults and says how many there are besides", () => {
    const last = { pointer: "", message: "and 24900 more faults", more: 24_900 };
    expect(capped(many(25_000))).toStrictEqual([...many(maxFaults), last]);
    expect(capped(many(101)).at(-1)?.message).toBe("and 1 more fault");
  });

  test("capped() adds up what lists that were cut before had left out", () => {
    const again = capped([...capped(many(150)), ...many(3)]);
    expect(again.at(-1)?.message).toBe("and 53 more faults");
    expect(again).toHaveLength(maxFaults + 1);
  });

  test("capped() fits its bytes whatever the faults quote, and is the same when it is done again", () => {
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 300, size: "max" }), (faults) => {
        const short = capped(faults);
        expect(bytesOf(short)).toBeLessThanOrEqual(maxFaultBytes);
        expect(short.length).toBeLessThanOrEqual(maxFaults + 1);
        expect(capped(short)).toStrictEqual(short);
        expect(faults.length === 0 || short.length > 0).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test("capped() keeps the kind of a fault, and the fields that it has", () => {
    const fault = deniedAt(["x".repeat(5000)], "y".repeat(5000), "must not be");
    const [short] = capped([fault]);
    expect(short).toStrictEqual({ ...fault, pointer: `/${"x".repeat(487)}… (5001 characters)` });
  });

  test("cut() never leaves half of a surrogate pair", () => {
    expect(cut(`${"a".repeat(75)}${"\u{1f600}".repeat(50)}`, 100)).toBe(`${"a".repeat(75)}… (175 characters)`);
  });
});

describe("a ServiceError", () => {
  test("of 25,000 unknown fields carries what fits an item and an event", () => {
    const document = Object.fromEntries(Array.from({ length: 25_000 }, (_, at) => [`key${at}`, 1]));
    const parsed = z.safeParse(z.strictObject({}), document);
    const faults = parsed.success ? [] : faultsOf(parsed.error, document);
    const error = new ServiceError("ERR_JOB_REQUEST_INVALID", `Cannot: ${faults[0]?.pointer}${"x".repeat(100_000)}`, {
      faults,
    });
    expect(error.faults).toHaveLength(maxFaults + 1);
    expect(JSON.stringify(error.faults).length).toBeLessThanOrEqual(maxFaultBytes);
    expect(error.message.length).toBeLessThanOrEqual(4096);
  });
});
