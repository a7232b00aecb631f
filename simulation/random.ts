/** Chance from one seed: the same seed gives the same draws in the same order. */
export interface Random {
  /** From 0 to 1, as Math.random. */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  pick<T>(values: readonly T[]): T;
}

/** sfc32 of PractRand by Chris Doty-Humphrey: small, fast, and its first draws are as good as its last after mixing. */
export const createRandom = (seed: number): Random => {
  let [a, b, c, counter] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b9, 1];
  const next = (): number => {
    const drawn = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + drawn;
    c |= 0;
    return (drawn >>> 0) / 2 ** 32;
  };
  for (let mixed = 0; mixed < 15; mixed += 1) next();
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    between,
    chance: (probability) => probability > 0 && next() < probability,
    pick: <T>(values: readonly T[]): T => {
      const value = values[between(0, values.length - 1)];
      if (value === undefined) throw new Error("Cannot pick from an empty list");
      return value;
    },
  };
};
