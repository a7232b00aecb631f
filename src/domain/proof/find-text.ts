import { alphabetOf } from "./character-set.ts";
import { after, type Step, settled } from "./pattern.ts";

/**
 * What a text must match: one pattern at least of each group of `all`, and no pattern of `none`.
 */
export interface Wanted {
  readonly all: readonly (readonly (readonly Step[])[])[];
  readonly none: readonly (readonly Step[])[];
}

export type Found =
  | { readonly verdict: "found"; readonly text: string }
  | { readonly verdict: "none" }
  | { readonly verdict: "too-large" };

/** Combined states that are looked at before the answer is "too large", so that no document takes minutes. */
const mostStates = 50_000;

/** One pattern as the sets of places that it can be at; a set is known by its number. */
interface Machine {
  readonly start: number;
  readonly after: (state: number, character: string) => number;
  readonly matches: (state: number) => boolean;
  /** Whether no text can match any more. */
  readonly isDead: (state: number) => boolean;
}

const machineOf = (steps: readonly Step[]): Machine => {
  const numbers = new Map<string, number>();
  const states: number[][] = [];
  const moves: Map<string, number>[] = [];
  const numberOf = (places: number[]): number => {
    const key = places.join();
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, states.length);
    moves.push(new Map());
    return states.push(places) - 1;
  };
  const sorted = (places: ReadonlySet<number>): number[] => [...places].sort((one, other) => one - other);
  const start = numberOf(sorted(settled(steps, new Set([0]))));
  return {
    start,
    after: (state, character) => {
      const known = moves[state]?.get(character);
      if (known !== undefined) return known;
      const next = numberOf(sorted(after(steps, states[state] ?? [], character)));
      moves[state]?.set(character, next);
      return next;
    },
    matches: (state) => (states[state] ?? []).includes(steps.length),
    isDead: (state) => (states[state] ?? []).length === 0,
  };
};

interface Node {
  readonly states: readonly number[];
  readonly from: Node | undefined;
  readonly character: string;
}

const textOf = (node: Node): string => {
  const characters: string[] = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.from) characters.push(at.character);
  return characters.reverse().join("");
};

/** All patterns as machines, and what a combination of their states means. */
const combined = ({ all, none }: Wanted) => {
  const patterns = [...all.flat(), ...none];
  const machines = patterns.map(machineOf);
  const groups: number[][] = [];
  for (const group of all) {
    const first = groups.flat().length;
    groups.push(group.map((_steps, at) => first + at));
  }
  const unwanted = machines.slice(patterns.length - none.length);
  const stateOf = (states: readonly number[], at: number): number => states[at] ?? 0;
  return {
    machines,
    alphabet: alphabetOf(patterns.flatMap((steps) => steps.map(({ set }) => set))),
    isWanted: (states: readonly number[]): boolean =>
      groups.every((group) => group.some((at) => machines[at]?.matches(stateOf(states, at)))) &&
      !unwanted.some((machine, at) => machine.matches(stateOf(states, patterns.length - none.length + at))),
    /** Whether a longer text may still be wanted. */
    isAlive: (states: readonly number[]): boolean =>
      groups.every((group) => group.some((at) => machines[at]?.isDead(stateOf(states, at)) === false)),
  };
};

/** A shortest text that is wanted, decided exactly: by the product of the patterns' automata, made as far as it is reached. */
export const findText = (wanted: Wanted): Found => {
  const { machines, alphabet, isWanted, isAlive } = combined(wanted);
  const first: Node = { states: machines.map(({ start }) => start), from: undefined, character: "" };
  const seen = new Set([first.states.join()]);
  const onward = (node: Node): Node[] =>
    alphabet.flatMap((character) => {
      const states = machines.map((machine, at) => machine.after(node.states[at] ?? 0, character));
      const key = states.join();
      if (seen.has(key) || !isAlive(states)) return [];
      seen.add(key);
      return [{ states, from: node, character }];
    });
  let row = isAlive(first.states) ? [first] : [];
  while (row.length > 0) {
    const found = row.find(({ states }) => isWanted(states));
    if (found !== undefined) return { verdict: "found", text: textOf(found) };
    if (seen.size > mostStates) return { verdict: "too-large" };
    row = row.flatMap(onward);
  }
  return { verdict: "none" };
};
