import fc from "fast-check";
import { expect, test } from "vitest";
import { lookIntervalMs } from "#domain/sweep/look-interval.ts";

const minutes = (count: number): number => count * 60_000;

test.each([0, 1, 600])("lookIntervalMs() has every sweep look at each of %i job runs", (active) => {
  expect(lookIntervalMs(active, 30_000)).toBe(30_000);
});

test("lookIntervalMs() lets more of them take turns, in proportion", () => {
  expect(lookIntervalMs(1200, 30_000)).toBe(minutes(2));
  expect(lookIntervalMs(12_000, 30_000)).toBe(minutes(20));
});

test("lookIntervalMs() never asks for more than GetJobRun takes, 600 a minute", () => {
  fc.assert(
    fc.property(fc.integer({ min: 601, max: 1_000_000 }), (active) => {
      expect((active / lookIntervalMs(active, 30_000)) * minutes(1)).toBeLessThanOrEqual(600.001);
    }),
  );
});
