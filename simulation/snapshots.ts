/** What a table looked like at every moment: an index that lags answers from an earlier one. */
export interface Snapshots<T> {
  keep(at: number, value: T): void;
  /** The latest snapshot that is not younger than that. */
  asOf(at: number): T;
}

export const createSnapshots = <T>(first: T): Snapshots<T> => {
  const kept: { readonly at: number; readonly value: T }[] = [{ at: 0, value: first }];
  return {
    keep: (at, value) => {
      kept.push({ at, value });
    },
    asOf: (at) => kept.findLast((snapshot) => snapshot.at <= at)?.value ?? first,
  };
};
