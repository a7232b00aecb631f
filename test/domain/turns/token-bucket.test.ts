import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterTaking, emptied, nextTokenAt, tokensAt } from "#domain/turns/token-bucket.ts";

const rate = { perSecond: 1, burst: 25 };

describe("a token bucket", () => {
  test("lets its burst through at once, then one a second", () => {
    expect(tokensAt(rate, 0, 1_000_000, 100)).toBe(25);
    const full = afterTaking(rate, 0, 1_000_000, 25);
    expect(tokensAt(rate, full, 1_000_000, 1)).toBe(0);
    expect(nextTokenAt(rate, full, 1_000_000)).toBe(1_001_000);
    expect(tokensAt(rate, full, 1_001_000, 5)).toBe(1);
  });

  test("is empty after AWS has throttled: the next token is an interval away", () => {
    const full = emptied(rate, 0, 1_000_000);
    expect(tokensAt(rate, full, 1_000_999, 1)).toBe(0);
    expect(tokensAt(rate, full, 1_001_000, 1)).toBe(1);
  });

  test("never lets more through in any span of time than its burst and its rate", () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: 0, max: 5_000 }), wanted: fc.integer({ min: 1, max: 40 }) }),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(steps, (given) => {
        let now = 1_000_000;
        let full = 0;
        const taken: { at: number; count: number }[] = [];
        for (const { wait, wanted } of given) {
          now += wait;
          const count = tokensAt(rate, full, now, wanted);
          full = afterTaking(rate, full, now, count);
          taken.push({ at: now, count });
        }
        for (const [index, { at }] of taken.entries()) {
          const later = taken.slice(index);
          let sum = 0;
          for (const one of later) {
            sum += one.count;
            expect(sum).toBeLessThanOrEqual(rate.burst + (one.at - at) / 1000);
          }
        }
      }),
    );
  });

  test("has a token exactly from the time on that it names", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000 }), (ahead) => {
        const now = 1_000_000;
        const at = nextTokenAt(rate, now + ahead, now);
        expect(tokensAt(rate, now + ahead, at, 1)).toBe(1);
        if (at > now) expect(tokensAt(rate, now + ahead, at - 1, 1)).toBe(0);
      }),
    );
  });
});
