import fc from "fast-check";
import { expect, test } from "vitest";
import { epochMs, msBetween } from "#domain/time.ts";

const time = fc.date({ min: new Date("1970-01-01"), max: new Date("9999-12-31"), noInvalidDate: true });

test("epochMs() is what Date makes of a time, for all times of the services", () => {
  fc.assert(
    fc.property(time, (date) => {
      expect(epochMs(date.toISOString())).toBe(date.getTime());
    }),
  );
});

test.each(["", "2026-11-22", "2026-11-22T12:00:00Z", "2026-11-22T12:00:00.000+01:00", "yesterday"])(
  "epochMs() refuses %j: a time that is read wrong would look like a long wait",
  (text) => expect(() => epochMs(text)).toThrow(`Cannot read the time "${text}"`),
);

test("msBetween() is the time between two times, and nothing where two clocks differ", () => {
  expect(msBetween("2026-11-22T12:00:00.000Z", "2026-11-22T12:00:01.250Z")).toBe(1250);
  expect(msBetween("2026-11-22T12:00:01.250Z", "2026-11-22T12:00:00.000Z")).toBe(0);
});
