import { alphabetOf, has } from "./character-set.ts";
import type { Step } from "./pattern.ts";

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

/** Places with those that are reached without a character: behind "any number of". */
const settled = (steps: readonly Step[], places: ReadonlySet<number>): number[] => {
  const all = new Set(places);
  for (const place of all) if (steps[place]?.kind === "any-number") all.add(place + 1);
  return [...all].sort((one, other) => one - other);
};

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
  const start = numberOf(settled(steps, new Set([0])));
  const move = (state: number, character: string): number => {
    const next = new Set<number>();
    for (const place of states[state] ?? []) {
      const step = steps[place];
      if (step !== undefined && has(step.set, character)) next.add(step.kind === "one" ? place + 1 : place);
    }
    return numberOf(settled(steps, next));
  };
  return {
    start,
    after: (state, character) => {
      const known = moves[state]?.get(character);
      if (known !== undefined) return known;
      const next = move(state, character);
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

/** A shortest text that is wanted, decided exactly: by the product of the patterns' automata, made as far as it is reached. */
export const findText = ({ all, none }: Wanted): Found => {
  const groups = all.map((group) => group.length);
  const patterns = [...all.flat(), ...none];
  const machines = patterns.map(machineOf);
  const alphabet = alphabetOf(patterns.flatMap((steps) => steps.map(({ set }) => set)));
  const everyGroup = (states: readonly number[], holds: (machine: Machine, state: number) => boolean): boolean => {
    let first = 0;
    return groups.every((size) => {
      const from = first;
      first += size;
      return machines.slice(from, from + size).some((machine, at) => holds(machine, states[from + at] ?? 0));
    });
  };
  const wanted = patterns.length - none.length;
  const isWanted = (states: readonly number[]): boolean =>
    everyGroup(states, (machine, state) => machine.matches(state)) &&
    !machines.slice(wanted).some((machine, at) => machine.matches(states[wanted + at] ?? 0));
  const isAlive = (states: readonly number[]): boolean =>
    everyGroup(states, (machine, state) => !machine.isDead(state));

  const first: Node = { states: machines.map(({ start }) => start), from: undefined, character: "" };
  if (!isAlive(first.states)) return { verdict: "none" };
  const seen = new Set([first.states.join()]);
  let row = [first];
  while (row.length > 0) {
    const next: Node[] = [];
    for (const node of row) {
      if (isWanted(node.states)) return { verdict: "found", text: textOf(node) };
      for (const character of alphabet) {
        const states = machines.map((machine, at) => machine.after(node.states[at] ?? 0, character));
        const key = states.join();
        if (seen.has(key) || !isAlive(states)) continue;
        if (seen.size >= mostStates) return { verdict: "too-large" };
        seen.add(key);
        next.push({ states, from: node, character });
      }
    }
    row = next;
  }
  return { verdict: "none" };
};

/** Whether every text of one pattern is one of another's; false also where that is too large to say. */
export const isWithin = (inner: readonly Step[], outer: readonly (readonly Step[])[]): boolean =>
  findText({ all: [[inner]], none: outer }).verdict === "none";
