/** What a value may be at least and at most: a number, or text with a unit such as `16g` or `30min`. */
export interface Bound {
  readonly min?: string | number | undefined;
  readonly max?: string | number | undefined;
}

type Kind = "number" | "size" | "time";

interface Amount {
  readonly kind: Kind;
  /** Bytes, microseconds, or the number itself. */
  readonly amount: number;
}

/** Units of sizes as Spark (JavaUtils.byteStringAs) and Hive read them: powers of 1024. */
const sizes: Readonly<Record<string, number>> = {
  b: 1,
  k: 2 ** 10,
  kb: 2 ** 10,
  m: 2 ** 20,
  mb: 2 ** 20,
  g: 2 ** 30,
  gb: 2 ** 30,
  t: 2 ** 40,
  tb: 2 ** 40,
  p: 2 ** 50,
  pb: 2 ** 50,
};

/** Units of times as Spark (JavaUtils.timeStringAs) and Hive (HiveConf.unitFor) read them, in microseconds. */
const times: Readonly<Record<string, number>> = {
  us: 1,
  usec: 1,
  ms: 1e3,
  msec: 1e3,
  s: 1e6,
  sec: 1e6,
  m: 6e7,
  min: 6e7,
  minute: 6e7,
  h: 3.6e9,
  hour: 3.6e9,
  d: 8.64e10,
  day: 8.64e10,
};

/** An amount as one text: digits of ASCII and a unit, as both engines read them. A fraction is for plain numbers. */
const written = /^(-?\d{1,15}(?:\.\d{1,9})?)([a-z]*)$/;

const factor = (units: Readonly<Record<string, number>>, unit: string): number | undefined => {
  const known = Object.hasOwn(units, unit) ? unit : unit.replace(/s$/, "");
  return Object.hasOwn(units, known) ? units[known] : undefined;
};

/** A text as an amount of this kind; nothing where it is none. `m` is mebibytes among sizes and minutes among times. */
const amountOf = (text: string, kind: Kind): number | undefined => {
  const [, digits = "", unit = ""] = written.exec(text.trim().toLowerCase()) ?? [];
  if (digits === "") return undefined;
  if (kind === "number") return unit === "" ? Number(digits) : undefined;
  if (unit === "" || digits.includes(".")) return undefined;
  const by = factor(kind === "size" ? sizes : times, unit);
  return by === undefined ? undefined : Number(digits) * by;
};

/** What a bound's own text means; nothing where that is not certain, as of `30m`. */
export const boundAmount = (bound: string | number): Amount | undefined => {
  const text = String(bound);
  const found = (["number", "size", "time"] as const).flatMap((kind): Amount[] => {
    const amount = amountOf(text, kind);
    return amount === undefined ? [] : [{ kind, amount }];
  });
  return found.length === 1 ? found[0] : undefined;
};

const examples: Readonly<Record<Kind, string>> = {
  number: "a number",
  size: 'a size with its unit such as "4g"',
  time: 'a time with its unit such as "10min"',
};

/** What a value must be to keep a bound; nothing where it does. One without a unit means other things to other keys. */
export const wantedByBound = ({ min, max }: Bound, value: string): string | undefined => {
  const least = min === undefined ? undefined : boundAmount(min);
  const most = max === undefined ? undefined : boundAmount(max);
  const kind = (most ?? least)?.kind;
  if (kind === undefined) return undefined;
  const amount = amountOf(value, kind);
  const limits = [
    ...(min === undefined ? [] : [`of at least ${min}`]),
    ...(max === undefined ? [] : [`of at most ${max}`]),
  ];
  const wanted = `${examples[kind]}, ${limits.join(" and ")}`;
  if (amount === undefined) return wanted;
  const kept = amount >= (least?.amount ?? amount) && amount <= (most?.amount ?? amount);
  return kept ? undefined : wanted;
};
