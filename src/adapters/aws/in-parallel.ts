/** Does the work for each value, for so many at once; the results come in the order of the values. */
export const inParallel = async <T, R>(
  values: readonly T[],
  most: number,
  work: (value: T) => Promise<R>,
): Promise<R[]> => {
  const results: R[] = [];
  const left = values.entries();
  const worker = async (): Promise<void> => {
    for (const [at, value] of left) results[at] = await work(value);
  };
  await Promise.all(Array.from({ length: Math.min(most, values.length) }, worker));
  return results;
};
