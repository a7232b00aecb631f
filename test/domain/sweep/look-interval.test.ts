import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lookIntervalMs } from "#domain/sweep/look-interval.ts";

const minutes = (count: number): number => count * 60_000;
const services = { lookMs: 30_000, looksPerSecond: 10 };

describe("lookIntervalMs()", () => {
  test.each([0, 1, 600])("has every sweep look at each of %i job runs", (active) => {
    expect(lookIntervalMs(active, services)).toBe(30_000);
  });

  test("lets more of them take turns, in proportion", () => {
    expect(lookIntervalMs(1200, services)).toBe(minutes(2));
    expect(lookIntervalMs(12_000, services)).toBe(minutes(20));
  });

  test("looks sooner where the account's rate of GetJobRun is higher, and later where it is lower", () => {
    expect(lookIntervalMs(1200, { ...services, looksPerSecond: 20 })).toBe(30_000);
    expect(lookIntervalMs(12_000, { ...services, looksPerSecond: 100 })).toBe(minutes(2));
    expect(lookIntervalMs(600, { ...services, looksPerSecond: 5 })).toBe(minutes(2));
  });

  test("never asks for more than GetJobRun takes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 601, max: 1_000_000 }), fc.integer({ min: 1, max: 500 }), (active, perSecond) => {
        const rate = { lookMs: 60_000, looksPerSecond: perSecond };
        expect((active / lookIntervalMs(active, rate)) * minutes(1)).toBeLessThanOrEqual(60.001 * perSecond);
      }),
    );
  });
});
