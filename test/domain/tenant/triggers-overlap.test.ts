import fc from "fast-check";
import { expect, test } from "vitest";
import { triggersOverlap } from "#domain/tenant/check-setup.ts";
import { matchesTrigger } from "#domain/tenant/prove-tenant.ts";
import type { Trigger } from "#domain/tenant/tenant.ts";

const text = (most: number) => fc.string({ unit: fc.constantFrom("a", "b"), maxLength: most });

const trigger: fc.Arbitrary<Trigger> = fc
  .record({ bucket: fc.constantFrom("one", "two"), prefix: text(3), suffix: text(3) })
  .map((own) => ({ name: "t", jobTemplate: "j", parameters: {}, ...own }));

/** Every key of `a` and `b` up to a length: two triggers of these tests that overlap meet in one of them. */
const keys = (most: number): string[] => {
  const all = [""];
  for (let at = 0; at < all.length && (all[at]?.length ?? 0) < most; at += 1) all.push(`${all[at]}a`, `${all[at]}b`);
  return all;
};
const allKeys = keys(6);

test("triggersOverlap() is true exactly where some object fires both triggers", () => {
  fc.assert(
    fc.property(trigger, trigger, (one, other) => {
      const meet = allKeys.some(
        (key) => matchesTrigger(one, { bucket: one.bucket, key }) && matchesTrigger(other, { bucket: one.bucket, key }),
      );
      expect(triggersOverlap(one, other)).toBe(meet);
    }),
    { numRuns: 2000 },
  );
});

test("triggersOverlap() does not depend on the order", () => {
  fc.assert(fc.property(trigger, trigger, (one, other) => triggersOverlap(one, other) === triggersOverlap(other, one)));
});
