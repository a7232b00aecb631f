import fc from "fast-check";
import { expect, test } from "vitest";
import { millionthsOf, sumOfProducts, textOf } from "#domain/cost/decimal.ts";

test.each([
  ["0", "0.000000"],
  [59.422, "59.422000"],
  ["0.0057785", "0.005779"],
  [1e-7, "0.000000"],
  [5e-7, "0.000001"],
  [1.5e21, "1500000000000000000000.000000"],
  ["12", "12.000000"],
])("millionthsOf() reads %s to the nearest millionth, halves up", (value, text) => {
  const millionths = millionthsOf(value);
  expect(millionths === undefined ? undefined : textOf(millionths)).toBe(text);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, "", "1,5", "ten"])(
  "millionthsOf() takes %s for no number",
  (value) => {
    expect(millionthsOf(value)).toBeUndefined();
  },
);

test("sumOfProducts() rounds once, at the end", () => {
  // Each product is 0.4 millionths: rounded one by one they would come to nothing.
  const product = ["0.0000004", 1] as const;
  expect(sumOfProducts([product, product, product])).toBe(1n);
  expect(sumOfProducts([])).toBe(0n);
  expect(sumOfProducts([product, [Number.NaN, 1]])).toBeUndefined();
});

test("sumOfProducts() is the same as in whole numbers, for any hours and prices", () => {
  const thousandths = fc.integer({ min: 0, max: 10 ** 9 });
  const price = fc.integer({ min: 0, max: 10 ** 7 });
  fc.assert(
    fc.property(fc.array(fc.tuple(thousandths, price), { maxLength: 5 }), (pairs) => {
      // Hours in thousandths and prices in ten-millionths: their products are in 10^-10.
      const products = pairs.map(([hours, cents]) => [hours / 1000, (cents / 10 ** 7).toFixed(7)] as const);
      const exact = pairs.reduce((sum, [hours, cents]) => sum + BigInt(hours) * BigInt(cents), 0n);
      expect(sumOfProducts(products)).toBe((exact + 5_000n) / 10_000n);
    }),
  );
});

test("textOf() can be read again", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (millionths) => {
      expect(millionthsOf(textOf(millionths))).toBe(millionths);
    }),
  );
});
