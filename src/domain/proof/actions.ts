import { findText } from "./find-text.ts";
import { matches, readPattern, type Step } from "./pattern.ts";

/** A set of actions: those that one of `any` names, but for those that one of `none` names. Case does not matter. */
export interface Actions {
  readonly any: readonly string[];
  readonly none: readonly string[];
}

export const actions = (any: readonly string[], none: readonly string[] = []): Actions => ({ any, none });

const everything = ["*"];

/** What `Action` or `NotAction` names. */
export const actionsOf = (action: readonly string[] | undefined, notAction: readonly string[] | undefined): Actions =>
  action === undefined ? actions(everything, notAction) : actions(action);

const read = new Map<string, readonly Step[]>();

/** An action pattern has no placeholders and no variables: what looks like one matches no action. */
const stepsOf = (pattern: string): readonly Step[] => {
  const known = read.get(pattern);
  if (known !== undefined) return known;
  const steps = (readPattern(pattern.toLowerCase(), "widest") ?? []).flatMap((part) =>
    part.kind === "placeholder" ? [] : [part],
  );
  read.set(pattern, steps);
  return steps;
};

const all = (patterns: readonly string[]) => patterns.map(stepsOf);

export const hasAction = ({ any, none }: Actions, action: string): boolean => {
  const named = (pattern: string): boolean => matches(stepsOf(pattern), action.toLowerCase());
  return any.some(named) && !none.some(named);
};

const isName = (pattern: string): boolean => !/[*?$]/.test(pattern);

/** An action of both sets that none of `without` names, and one of each list of `within`; nothing where there is none. */
export const actionOf = (
  one: Actions,
  other: Actions,
  without: readonly string[] = [],
  within: readonly (readonly string[])[] = [],
): string | undefined => {
  const names = [one, other].find(({ any }) => any.every(isName));
  if (names !== undefined) {
    const isFree = (action: string): boolean => !hasAction(actions(without), action);
    return names.any.find(
      (action) =>
        hasAction(one, action) &&
        hasAction(other, action) &&
        isFree(action) &&
        within.every((list) => hasAction(actions(list), action)),
    );
  }
  const found = findText({
    all: [all(one.any), all(other.any), ...within.map(all)],
    none: [...all(one.none), ...all(other.none), ...all(without)],
  });
  if (found.verdict === "none") return undefined;
  return found.verdict === "found" ? found.text : one.any[0];
};

/** Whether every action of the inner set is one of the outer. */
export const coversActions = (outer: Actions, inner: Actions): boolean => {
  if (inner.any.every(isName)) {
    return inner.any.every((action) => !hasAction(inner, action) || hasAction(outer, action));
  }
  const missing = (wanted: readonly string[], none: readonly string[]): boolean =>
    findText({ all: [all(inner.any), all(wanted)], none: [...all(inner.none), ...all(none)] }).verdict === "none";
  return missing(everything, outer.any) && (outer.none.length === 0 || missing(outer.none, []));
};
