import type { Journal } from "#local/kept/journal.ts";
import { emptyState, type State, stateKeys } from "./state.ts";

type Parts = readonly (keyof State)[];

const parts = Object.keys(emptyState()) as Parts;
const keyOf = (part: string, key: string) => `${part} ${key}`;

/** Keeps the state value by value: a call costs what it changes, however many job runs there are. */
export function keepState(journal: Journal, peek: () => Readonly<State>) {
  const table = journal.table<unknown>("emr-serverless", {
    read: (name) => {
      const [part, key] = split(name);
      const value = peek()[part];
      return key === "" ? value : Reflect.get(Object(value), key);
    },
    *keys(): Generator<string> {
      for (const part of parts) for (const key of stateKeys(peek(), part)) yield keyOf(part, key);
    },
  });
  return {
    changed: (part: keyof State, key: string) => table.changed(keyOf(part, key)),
    /** What was there when the process before this one ended. */
    state: (): State | undefined => {
      if (table.kept.size === 0) return undefined;
      const state: Record<keyof State, unknown> = emptyState();
      for (const [name, value] of table.kept) {
        const [part, key] = split(name);
        if (key === "") state[part] = value;
        else Reflect.set(Object(state[part]), key, value);
      }
      return state as State;
    },
  };
}

function split(name: string): [part: keyof State, key: string] {
  const space = name.indexOf(" ");
  return [name.slice(0, space) as keyof State, name.slice(space + 1)];
}
