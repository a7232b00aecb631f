/** Placeholders that are known only when a job is planned, read as any text: a pattern then has more texts, never fewer. */
export const asWildcards = (text: string): string => text.replace(/\{\{[^{}]*\}\}/g, "*");

/** What every text of a pattern begins with. */
export const beginning = (pattern: string): string => /^[^*?]*/.exec(pattern)?.[0] ?? "";

/** The places in `other` that are reached without reading on in `one`: past a "*" of its, or below a "*" of `one`. */
const spread = (row: Uint8Array, isStar: boolean, other: string): void => {
  for (let place = 0; place < other.length; place += 1) {
    if (row[place] === 1 && (isStar || other[place] === "*")) row[place + 1] = 1;
  }
};

/** The places in `other` after one more sign of `one`. */
const onward = (row: Uint8Array, sign: string, other: string): Uint8Array => {
  if (sign === "*") return row.slice();
  const next = new Uint8Array(row.length);
  for (let place = 0; place < other.length; place += 1) {
    if (row[place] !== 1) continue;
    const theirs = other[place];
    if (theirs === "*") next[place] = 1;
    else if (sign === "?" || theirs === "?" || sign === theirs) next[place + 1] = 1;
  }
  return next;
};

const isPlain = (sign: string | undefined): boolean => sign !== undefined && sign !== "*" && sign !== "?";

/** How many signs both patterns begin with before a "*" or "?": each text of both begins with them. */
const sharedBeginning = (one: string, other: string): number => {
  let at = 0;
  while (isPlain(one[at]) && one[at] === other[at]) at += 1;
  return at;
};

/**
 * Whether two patterns of text, `*` and `?` share a text, decided exactly: by the places that both can be at after the
 * same text. It is what `meetingText` decides, for the many patterns of real tenants.
 */
export const textsMeet = (one: string, other: string): boolean => {
  const at = sharedBeginning(one, other);
  // Most patterns of two tenants differ here, and what follows does not matter.
  if (isPlain(one[at]) && isPlain(other[at])) return false;
  const theirs = other.slice(at);
  let row: Uint8Array = new Uint8Array(theirs.length + 1);
  row[0] = 1;
  for (const sign of one.slice(at)) {
    spread(row, sign === "*", theirs);
    row = onward(row, sign, theirs);
    if (!row.includes(1)) return false;
  }
  spread(row, false, theirs);
  return row[theirs.length] === 1;
};
