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

interface Token {
  readonly kind: "placeholder" | "variable" | "wildcard" | "text";
  /** A placeholder's name, or the characters. */
  readonly text: string;
  readonly length: number;
}

/** IAM's own `${…}` at this place: an escaped character or a variable. */
const variableAt = (text: string, at: number): Token | undefined => {
  if (text[at] !== "$" || text[at + 1] !== "{") return undefined;
  const end = text.indexOf("}", at);
  if (end < 0) return { kind: "variable", text: "", length: text.length - at };
  const name = text.slice(at + 2, end);
  return { kind: name === "*" || name === "?" || name === "$" ? "text" : "variable", text: name, length: end + 1 - at };
};

const tokenAt = (text: string, at: number): Token => {
  const placeholder = placeholderAt(text, at);
  if (placeholder !== undefined) return { kind: "placeholder", text: placeholder.name, length: placeholder.length };
  const character = text.charAt(at);
  const kind = character === "*" || character === "?" ? "wildcard" : "text";
  return variableAt(text, at) ?? { kind, text: character, length: 1 };
};

/**
 * A wildcard behind so many colons. AWS matches the first five sections of an ARN each for itself; whether a wildcard in
 * them crosses a colon is not said for every case.
 */
const wildcard = (sign: string, colons: number, reading: Reading): Step => {
  const isWide = reading === "widest" || colons >= 5;
  if (sign === "*") return isWide ? anything : { kind: "any-number", set: inSection };
  return { kind: "one", set: isWide ? anyCharacter : inSection };
};

const partsOf = (token: Token, colons: number, reading: Reading): Part[] | undefined => {
  switch (token.kind) {
    case "placeholder":
      return [{ kind: "placeholder", name: token.text }];
    case "wildcard":
      return [wildcard(token.text, colons, reading)];
    case "variable":
      return reading === "widest" ? [anything] : undefined;
    case "text":
      return literal(token.text);
  }
};

/** Reads a pattern of ARNs; nothing where the narrowest reading has no text for certain. */
export const readPattern = (text: string, reading: Reading): Part[] | undefined => {
  if (text === "*") return [anything];
  if (!isPlain(text)) return reading === "widest" ? [anything] : undefined;
  const parts: Part[] = [];
  let colons = 0;
  for (let at = 0; at < text.length; ) {
    const token = tokenAt(text, at);
    const read = partsOf(token, colons, reading);
    if (read === undefined) return undefined;
    parts.push(...read);
    if (token.kind === "text" && token.text === ":") colons += 1;
    at += token.length;
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

/** The places of a pattern with those that are reached without a character: behind "any number of". */
export const settled = (steps: readonly Step[], places: ReadonlySet<number>): Set<number> => {
  const all = new Set(places);
  for (const place of all) if (steps[place]?.kind === "any-number") all.add(place + 1);
  return all;
};

/** The places after one character more. */
export const after = (steps: readonly Step[], places: Iterable<number>, character: string): Set<number> => {
  const next = new Set<number>();
  for (const place of places) {
    const step = steps[place];
    if (step !== undefined && has(step.set, character)) next.add(step.kind === "one" ? place + 1 : place);
  }
  return settled(steps, next);
};

/** Whether the whole text is one of the pattern's. */
export const matches = (steps: readonly Step[], text: string): boolean => {
  let places = settled(steps, new Set([0]));
  for (let at = 0; at < text.length && places.size > 0; at += 1) places = after(steps, places, text.charAt(at));
  return places.has(steps.length);
};

/** The names of the placeholders in it. */
export const namesIn = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (part.kind === "placeholder" ? [part.name] : []));
