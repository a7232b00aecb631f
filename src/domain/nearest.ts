/** Changes of one character that make one word of the other: put in, left out or replaced (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, character] of [...one].entries()) {
    const next = [at + 1];
    for (const [to, wanted] of [...other].entries()) {
      const replaced = (row[to] ?? 0) + (character === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[to + 1] ?? 0) + 1, (next[to] ?? 0) + 1));
    }
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
