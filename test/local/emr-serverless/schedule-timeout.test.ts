import { afterEach, expect, test, vi } from "vitest";
import { scheduleTimeout } from "#local/emr-serverless/schedule-timeout.ts";

afterEach(() => {
  vi.useRealTimers();
});

const hundredDays = 100 * 24 * 3_600_000;

test("scheduleTimeout() waits longer than Node's longest timer", () => {
  vi.useFakeTimers();
  let runs = 0;
  scheduleTimeout(hundredDays, () => {
    runs += 1;
  });
  vi.advanceTimersByTime(hundredDays - 1);
  expect(runs).toBe(0);
  vi.advanceTimersByTime(1);
  expect(runs).toBe(1);
});

test("scheduleTimeout() can be cancelled in any part of its wait", () => {
  vi.useFakeTimers();
  let runs = 0;
  const cancel = scheduleTimeout(hundredDays, () => {
    runs += 1;
  });
  vi.advanceTimersByTime(hundredDays / 2);
  cancel();
  vi.advanceTimersByTime(hundredDays);
  expect(runs).toBe(0);
});
