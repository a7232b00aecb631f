import { describe, expect, test } from "vitest";
import { type Bound, boundAmount, wantedByBound } from "#domain/rails/bounds.ts";

describe("a bound", () => {
  test.each([
    [50, { kind: "number", amount: 50 }],
    ["50", { kind: "number", amount: 50 }],
    [0.5, { kind: "number", amount: 0.5 }],
    ["16g", { kind: "size", amount: 16 * 2 ** 30 }],
    ["512MB", { kind: "size", amount: 512 * 2 ** 20 }],
    ["90s", { kind: "time", amount: 90e6 }],
    ["2 h", undefined],
    ["30min", { kind: "time", amount: 1.8e9 }],
    ["2days", { kind: "time", amount: 2 * 8.64e10 }],
    ["30m", undefined],
    ["16x", undefined],
    ["1.5g", undefined],
    ["constructor", undefined],
    ["", undefined],
  ])("boundAmount(%j) is %j", (bound, amount) => {
    expect(boundAmount(bound)).toStrictEqual(amount);
  });

  const memory: Bound = { min: "1g", max: "16g" };

  test.each<[Bound, string, string | undefined]>([
    [{ max: 50 }, "50", undefined],
    [{ max: 50 }, " 50 ", undefined],
    [{ max: 50 }, "0", undefined],
    [{ max: 50 }, "51", "a number, of at most 50"],
    [{ max: 50 }, "infinity", "a number, of at most 50"],
    [{ max: 50 }, "2147483647", "a number, of at most 50"],
    [{ max: 50 }, "0x10", "a number, of at most 50"],
    [{ max: 50 }, "1e1", "a number, of at most 50"],
    [{ max: 50 }, "٣", "a number, of at most 50"],
    [{ max: 50 }, "", "a number, of at most 50"],
    [{ min: 0.1, max: 0.5 }, "0.3", undefined],
    [{ min: 2 }, "-3", "a number, of at least 2"],
    [memory, "16g", undefined],
    [memory, "16384m", undefined],
    [memory, "16385m", 'a size with its unit such as "4g", of at least 1g and of at most 16g'],
    [memory, "1t", 'a size with its unit such as "4g", of at least 1g and of at most 16g'],
    [memory, "512m", 'a size with its unit such as "4g", of at least 1g and of at most 16g'],
    [memory, "4096", 'a size with its unit such as "4g", of at least 1g and of at most 16g'],
    [memory, "2h", 'a size with its unit such as "4g", of at least 1g and of at most 16g'],
    [{ max: "10min" }, "600s", undefined],
    [{ max: "10min" }, "10m", undefined],
    [{ max: "10min" }, "11m", 'a time with its unit such as "10min", of at most 10min'],
    [{ max: "10min" }, "600001ms", 'a time with its unit such as "10min", of at most 10min'],
  ])("%j holds %j to: %j", (bound, value, wanted) => {
    expect(wantedByBound(bound, value)).toBe(wanted);
  });
});
