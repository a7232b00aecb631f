import { placeholderAt } from "#domain/placeholder.ts";
import { allBut, anyCharacter, anyText, type CharacterSet, has, these } from "./character-set.ts";

/** One character of a set, or any number of them. */
export interface Step {
  readonly kind: "one" | "any-number";
  readonly set: CharacterSet;
}

/** A part of an IAM pattern: characters, or a value that is put in later. */
export type Part = Step | { readonly kind: "placeholder"; readonly name: string };

/**
 * A text as IAM matches it: `*`, `?`, `${*}` and its like, `${aws:…}`, and our own `{{…}}`.
 *
 * Where nobody knows what AWS does, a pattern is read in two ways: `widest` has every text that AWS might match, for what
 * is allowed; `narrowest` only texts that AWS matches for certain, for what is denied. A pattern of which nothing is
 * certain is no pattern.
 */
export type Reading = "widest" | "narrowest";

export const literal = (text: string): Step[] => Array.from(text, (one) => ({ kind: "one", set: these(one) }));

const anything: Step = { kind: "any-number", set: anyText };
const inSection: CharacterSet = allBut(":");

/** Characters that an inline policy may have, and that stand for themselves here. */
const isPlain = (text: string): boolean => !/[^\t\n\r\u0020-\u00ff]/.test(text);

/** IAM's own `${…}` at this place: an escaped character, a variable, or a "$" that begins nothing. */
const variableAt = (text: string, at: number): { readonly length: number; readonly escaped?: string } | undefined => {
  if (text[at] !== "$" || text[at + 1] !== "{") return undefined;
  const end = text.indexOf("}", at);
  if (end < 0) return { length: text.length - at };
  const name = text.slice(at + 2, end);
  const length = end + 1 - at;
  return name === "*" || name === "?" || name === "$" ? { length, escaped: name } : { length };
};

interface Reader {
  readonly wildcard: (sign: "*" | "?", colons: number) => Step;
  /** Whether a policy variable may be read as any text. */
  readonly variables: boolean;
}

const readers: Readonly<Record<Reading, Reader>> = {
  widest: {
    wildcard: (sign) => (sign === "*" ? anything : { kind: "one", set: anyCharacter }),
    variables: true,
  },
  // AWS matches the first five sections of an ARN each for itself; whether a wildcard in them crosses a colon is not said.
  narrowest: {
    wildcard: (sign, colons) => {
      const set = colons < 5 ? inSection : sign === "*" ? anyText : anyCharacter;
      return { kind: sign === "*" ? "any-number" : "one", set };
    },
    variables: false,
  },
};

/** Reads a pattern of ARNs; nothing where the narrowest reading has no text for certain. */
export const readPattern = (text: string, reading: Reading): Part[] | undefined => {
  if (text === "*") return [anything];
  if (!isPlain(text)) return reading === "widest" ? [anything] : undefined;
  const reader = readers[reading];
  const parts: Part[] = [];
  let colons = 0;
  for (let at = 0; at < text.length; ) {
    const placeholder = placeholderAt(text, at);
    const variable = variableAt(text, at);
    const character = text.charAt(at);
    if (placeholder !== undefined) {
      parts.push({ kind: "placeholder", name: placeholder.name });
    } else if (variable !== undefined) {
      if (variable.escaped !== undefined) parts.push(...literal(variable.escaped));
      else if (reader.variables) parts.push(anything);
      else return undefined;
    } else if (character === "*" || character === "?") {
      parts.push(reader.wildcard(character, colons));
    } else {
      parts.push(...literal(character));
      if (character === ":") colons += 1;
    }
    at += placeholder?.length ?? variable?.length ?? 1;
  }
  return parts;
};

/** Reads a text in which `*` and `?` are characters like others, as StringEquals does. */
export const readText = (text: string): Part[] => {
  const escaped = text.replace(/\$\{[*?$]\}|[*?]/g, (found) => (found.length === 1 ? `\${${found}}` : found));
  return readPattern(escaped, "widest") ?? [];
};

export const isStep = (part: Part): part is Step => part.kind !== "placeholder";

/** The parts with each placeholder replaced. */
export const replaced = (parts: readonly Part[], by: (name: string) => readonly Step[]): Step[] =>
  parts.flatMap((part) => (isStep(part) ? [part] : by(part.name)));

/** Whether the whole text is one of the pattern's. */
export const matches = (steps: readonly Step[], text: string): boolean => {
  let places = new Set([0]);
  for (let at = 0; ; at += 1) {
    for (const place of places) if (steps[place]?.kind === "any-number") places.add(place + 1);
    if (at === text.length) return places.has(steps.length);
    const next = new Set<number>();
    for (const place of places) {
      const step = steps[place];
      if (step !== undefined && has(step.set, text.charAt(at))) next.add(step.kind === "one" ? place + 1 : place);
    }
    if (next.size === 0) return false;
    places = next;
  }
};

/** The names of the placeholders in it. */
export const namesIn = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
