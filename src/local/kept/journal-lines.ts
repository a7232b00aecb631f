import { readFileSync } from "node:fs";

type Tables = Map<string, Map<string, unknown>>;
type Change = readonly [table: string, key: string, value?: unknown];

/** The last value of every key, in the order in which the keys came. */
export function readJournal(path: string): Tables {
  const tables: Tables = new Map();
  // A line that ends in no newline is a write that the process did not live to finish: nobody was told of it.
  const lines = read(path).split("\n").slice(0, -1);
  for (const [index, line] of lines.entries()) {
    for (const change of parse(path, index + 1, line)) apply(tables, change);
  }
  return tables;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

function parse(path: string, number: number, line: string): readonly Change[] {
  try {
    const changes: unknown = JSON.parse(line);
    if (Array.isArray(changes)) return changes;
  } catch {
    // Told below: no line but the last can be torn.
  }
  throw new Error(`Cannot read ${path}: line ${number} is not a line of a journal: choose another data directory`);
}

function apply(tables: Tables, change: Change): void {
  const [name, key, value] = change;
  const table = tables.get(name) ?? new Map<string, unknown>();
  tables.set(name, table);
  if (change.length === 2) table.delete(key);
  else table.set(key, value);
}
