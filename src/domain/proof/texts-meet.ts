/** Placeholders that are known only when a job is planned, read as any text: a pattern then has more texts, never fewer. */
export const asWildcards = (text: string): string => text.replace(/\{\{[^{}]*\}\}/g, "*");

/** What every text of a pattern begins with. */
export const beginning = (pattern: string): string => /^[^*?]*/.exec(pattern)?.[0] ?? "";

/**
 * Whether two patterns of text, `*` and `?` share a text, decided exactly: by the places that both can be at after the
 * same text. It is what `meetingText` decides, for the many patterns of real tenants.
 */
export const textsMeet = (one: string, other: string): boolean => {
  const width = other.length + 1;
  let row = new Uint8Array(width);
  row[0] = 1;
  for (let at = 0; at <= one.length; at += 1) {
    const next = new Uint8Array(width);
    const own = one[at];
    // A row holds the places in `other`; a "*" of `other` may end anywhere, and a "*" of `one` may as well.
    for (let place = 0; place < width; place += 1) {
      if (row[place] !== 1) continue;
      const theirs = other[place];
      if (theirs === "*") row[place + 1] = 1;
      if (own === "*") {
        next[place] = 1;
        if (theirs !== undefined) row[place + 1] = 1;
      } else if (own !== undefined && theirs !== undefined) {
        if (theirs === "*") next[place] = 1;
        else if (own === "?" || theirs === "?" || own === theirs) next[place + 1] = 1;
      }
    }
    if (at === one.length) return row[other.length] === 1;
    row = next;
  }
  return false;
};
