import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  afterTaking,
  awsRates,
  type BucketRate,
  emptied,
  nextTokenAt,
  pacedRate,
  tokensAt,
} from "#domain/turns/token-bucket.ts";

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

/** How many of these calls a service refuses that keeps to its quota: a bucket that fills steadily, at their arrival. */
const throttled = ({ perSecond, burst }: BucketRate, arrivals: readonly number[]): number => {
  let [tokens, last, refused] = [burst, 0, 0];
  for (const at of [...arrivals].sort((one, other) => one - other)) {
    tokens = Math.min(burst, tokens + ((at - last) / 1000) * perSecond);
    last = at;
    // Refills are sums of fractions.
    if (tokens > 1 - 1e-6) tokens -= 1;
    else refused += 1;
  }
  return refused;
};

/** When calls arrive whose tokens are taken as soon as they are there, each after its own way to the service. */
const arrivalsAt = (rate: BucketRate, ways: readonly number[]): number[] => {
  let [now, full] = [1_000_000, 0];
  return ways.map((way) => {
    now = Math.ceil(nextTokenAt(rate, full, now));
    full = afterTaking(rate, full, now, 1);
    return now + way;
  });
};

describe("the rate under a quota", () => {
  const quotas: BucketRate[] = [
    ...Object.values(awsRates),
    { perSecond: 2.5, burst: 50 },
    { perSecond: 0.5, burst: 10 },
  ];

  test("spares one second's calls, at most a fifth of the burst, and leaves one", () => {
    expect(pacedRate({ perSecond: 1, burst: 25 })).toEqual({ perSecond: 1, burst: 24 });
    expect(pacedRate({ perSecond: 10, burst: 50 })).toEqual({ perSecond: 10, burst: 40 });
    expect(pacedRate({ perSecond: 10_000, burst: 10_000 })).toEqual({ perSecond: 10_000, burst: 8_000 });
    expect(pacedRate({ perSecond: 0.5, burst: 10 })).toEqual({ perSecond: 0.5, burst: 9 });
    expect(pacedRate({ perSecond: 1, burst: 1 })).toEqual({ perSecond: 1, burst: 1 });
  });

  test("is not throttled, though one call takes up to a second longer on its way than another", () => {
    const ways = fc.array(fc.integer({ min: 0, max: 990 }), { minLength: 30, maxLength: 120 });
    fc.assert(
      fc.property(fc.constantFrom(...quotas), ways, (quota, given) => {
        expect(throttled(quota, arrivalsAt(pacedRate(quota), given))).toBe(0);
      }),
    );
  });

  test("would be throttled without anything to spare: a quick call overtakes the refill that a slow one began", () => {
    const rate = { perSecond: 1, burst: 25 };
    const ways = Array.from({ length: 40 }, (_, index) => (index < 30 ? 300 : 50));
    expect(throttled(rate, arrivalsAt(rate, ways))).toBe(1);
    expect(throttled(rate, arrivalsAt(pacedRate(rate), ways))).toBe(0);
  });
});
