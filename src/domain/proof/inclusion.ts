import { symbolAt, these } from "./character-set.ts";
import { findText } from "./find-text.ts";
import { spellOut, unmarked, type Variables } from "./marked.ts";
import { namesIn, type Part, replaced, type Step } from "./pattern.ts";

export type Patterns = readonly (readonly Part[])[];

/** Patterns whose placeholders are letters: the same value wherever the same name stands, whatever it is. */
const lettered = (names: readonly string[], patterns: Patterns): Step[][] =>
  patterns.map((parts) => replaced(parts, (name) => [{ kind: "one", set: these(symbolAt(names.indexOf(name))) }]));

/**
 * Whether every text of the inner pattern is one of the outer patterns', for whatever values of the placeholders. False
 * also where nobody can say.
 */
export const isIncluded = (inner: readonly Part[], outer: Patterns): boolean => {
  const names = [...new Set([inner, ...outer].flatMap(namesIn))];
  const [first = []] = lettered(names, [inner]);
  return findText({ all: [[first]], none: lettered(names, outer) }).verdict === "none";
};

/** Patterns with every value spelt out that a placeholder can have. */
export const allValues = (patterns: Patterns, variables: Variables): Step[][] =>
  patterns.map((parts) => unmarked(spellOut(parts, variables)));

/** Whether some values of the placeholders may make a text that each group has. True also where nobody can say. */
export const mayMeet = (groups: readonly Patterns[], variables: Variables): boolean => {
  const all = groups.map((group) => allValues(group, variables));
  return findText({ all, none: [] }).verdict !== "none";
};
