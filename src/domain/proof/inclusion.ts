import { common, symbolAt, these } from "./character-set.ts";
import { findText } from "./find-text.ts";
import { spellOut, unmarked, type Variables } from "./marked.ts";
import { namesIn, type Part, replaced, type Step } from "./pattern.ts";

export type Patterns = readonly (readonly Part[])[];

/** Patterns whose placeholders are letters: the same value wherever the same name stands, whatever it is. */
const lettered = (names: readonly string[], patterns: Patterns): Step[][] =>
  patterns.map((parts) => replaced(parts, (name) => [{ kind: "one", set: these(symbolAt(names.indexOf(name))) }]));

const isSame = (one: Part | undefined, other: Part | undefined): boolean => {
  if (one === undefined || other === undefined || one.kind !== other.kind) return false;
  if (one.kind === "placeholder" || other.kind === "placeholder")
    return "name" in one && "name" in other && one.name === other.name;
  return (
    one.set.kind === other.set.kind &&
    one.set.characters === other.set.characters &&
    one.set.symbols === other.set.symbols
  );
};

/** Whether the patterns begin with different characters: then no text is both's. */
const beginApart = (one: readonly Part[], other: readonly Part[]): boolean => {
  for (const [at, part] of one.entries()) {
    const theirs = other[at];
    if (part.kind !== "one" || theirs?.kind !== "one") return false;
    if (common(part.set, theirs.set) === undefined) return true;
    if (!isSame(part, theirs)) return false;
  }
  return false;
};

/**
 * Whether every text of the inner pattern is one of the outer patterns', for whatever values of the placeholders. False
 * also where nobody can say.
 */
export const isIncluded = (inner: readonly Part[], outer: Patterns): boolean => {
  if (outer.some((pattern) => pattern.length === inner.length && pattern.every((part, at) => isSame(part, inner[at]))))
    return true;
  const near = outer.filter((pattern) => !beginApart(inner, pattern));
  if (near.length === 0) return false;
  const names = [...new Set([inner, ...near].flatMap(namesIn))];
  const [first = []] = lettered(names, [inner]);
  return findText({ all: [[first]], none: lettered(names, near) }).verdict === "none";
};

/** Patterns with every value spelt out that a placeholder can have. */
export const allValues = (patterns: Patterns, variables: Variables): Step[][] =>
  patterns.map((parts) => unmarked(spellOut(parts, variables)));

/** Whether some values of the placeholders may make a text that each group has. True also where nobody can say. */
export const mayMeet = (groups: readonly Patterns[], variables: Variables): boolean => {
  const all = groups.map((group) => allValues(group, variables));
  return findText({ all, none: [] }).verdict !== "none";
};
