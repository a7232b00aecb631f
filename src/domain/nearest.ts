/** Changes that make one word of the other: a character put in, left out or replaced, or two neighbours swapped (Damerau). */
const distance = (one: string, other: string): number => {
  let before: readonly number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let at = 0; at < one.length; at += 1) {
    const next = [at + 1];
    for (let to = 0; to < other.length; to += 1) {
      const replaced = (row[to] ?? 0) + (one[at] === other[to] ? 0 : 1);
      const isSwapped = at > 0 && to > 0 && one[at] === other[to - 1] && one[at - 1] === other[to];
      const swapped = isSwapped ? (before[to - 1] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      next.push(Math.min(replaced, swapped, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
    before = row;
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The word that was most likely meant, whatever the case; nothing where a third of it or more would be another. */
export const nearest = (word: string, known: readonly string[]): string | undefined => {
  let best: { readonly name: string; readonly changes: number } | undefined;
  for (const name of known) {
    const changes = distance(word.toLowerCase(), name.toLowerCase());
    if (changes * 3 < word.length && changes < (best?.changes ?? Number.POSITIVE_INFINITY)) best = { name, changes };
  }
  return best?.name;
};
