/**
 * Amounts of money and of hours are whole millionths, so that sums of them are exact. Outside of a calculation they are
 * decimal texts with six digits after the point.
 */
export type Millionths = bigint;

/** A number without rounding: `digits` / 10^`places`. */
interface Decimal {
  readonly digits: bigint;
  readonly places: number;
}

const pattern = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** Reads a decimal text, or a number by its shortest text; nothing where it is none, is below zero or has no end. */
const decimalOf = (value: string | number): Decimal | undefined => {
  const [, whole, fraction = "", exponent = "0"] = pattern.exec(String(value)) ?? [];
  if (whole === undefined) return undefined;
  const digits = BigInt(whole + fraction);
  const places = fraction.length - Number(exponent);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
};

const scale = 6;

/** To the nearest millionth, halves up. */
const rounded = ({ digits, places }: Decimal): Millionths => {
  if (places <= scale) return digits * 10n ** BigInt(scale - places);
  const divisor = 10n ** BigInt(places - scale);
  return (digits + divisor / 2n) / divisor;
};

/** What textOf writes: sums are made of thousands of these. */
const written = /^\d+\.\d{6}$/;

/** A number or a decimal text in millionths; nothing where it is none or is below zero. */
export const millionthsOf = (value: string | number): Millionths | undefined => {
  if (typeof value === "string" && written.test(value)) return BigInt(value.replace(".", ""));
  const decimal = decimalOf(value);
  return decimal === undefined ? undefined : rounded(decimal);
};

/** The decimal text of millionths: "4.711628". */
export const textOf = (millionths: Millionths): string => {
  const digits = String(millionths).padStart(scale + 1, "0");
  return `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
};

/** The sum of products, calculated without rounding and rounded once; nothing where a factor is no number. */
export const sumOfProducts = (
  products: readonly (readonly [string | number, string | number])[],
): Millionths | undefined => {
  const exact: Decimal[] = [];
  for (const [one, other] of products) {
    const [left, right] = [decimalOf(one), decimalOf(other)];
    if (left === undefined || right === undefined) return undefined;
    exact.push({ digits: left.digits * right.digits, places: left.places + right.places });
  }
  const places = Math.max(0, ...exact.map((decimal) => decimal.places));
  const digits = exact.reduce((sum, decimal) => sum + decimal.digits * 10n ** BigInt(places - decimal.places), 0n);
  return rounded({ digits, places });
};
