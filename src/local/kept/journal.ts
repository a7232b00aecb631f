import { closeSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "./journal-lines.ts";

/** What a service keeps: values by key, as they are at the moment. */
interface TableSource<T> {
  /** `undefined` for what is no longer there. */
  read(key: string): T | undefined;
  /** In the order in which they are to come back. */
  keys(): Iterable<string>;
}

export interface KeptTable<T> {
  /** What was there when the process before this one ended, however it ended. */
  readonly kept: ReadonlyMap<string, T>;
  /** To be called whenever the value of a key was made, changed or removed. */
  changed(key: string): void;
}

/** Where the services of the embedded AWS keep what must outlive the process. */
export interface Journal {
  table<T>(name: string, source: TableSource<T>): KeptTable<T>;
}

export interface OpenJournal extends Journal {
  /** Keeps all that is there now and every change from now on. Until then nothing is written. */
  start(): void;
  end(): void;
}

/** For a service whose state goes with the process. */
export const noJournal: Journal = { table: () => ({ kept: new Map(), changed: () => undefined }) };

/** Written anew when it has this size, and is four times as long as when it was last written anew. */
const defaultCompactBytes = 16 * 1024 * 1024;

/**
 * One file of JSON lines for all services. A line has all changes of one turn of the event loop's work, e.g. the end of
 * a job run together with the event that tells of it: they are kept together or not at all. It is written in the
 * microtask after the change, so before any answer, which always comes some promises later.
 *
 * A write is handed to the operating system, not forced to the disk: that is enough for a process that is killed at any
 * moment (SIGKILL), not for a machine that loses power.
 */
export function openJournal(directory: string, compactBytes = defaultCompactBytes): OpenJournal {
  const path = join(directory, "journal.jsonl");
  const kept = readJournal(path);
  const sources = new Map<string, TableSource<unknown>>();
  const pending = new Map<string, Set<string>>();
  let file: number | undefined;
  let bytes = 0;
  let compactedBytes = 0;

  /** Values of a table that no service has asked for stay as they are. */
  function* everything(): Generator<[string, string, unknown]> {
    for (const [name, values] of kept) {
      for (const [key, value] of sources.has(name) ? [] : values) yield [name, key, value];
    }
    for (const [name, { keys, read }] of sources) {
      for (const key of keys()) yield [name, key, read(key)];
    }
  }

  function compact(): void {
    const next = openSync(`${path}.new`, "w");
    bytes = 0;
    for (const entry of everything()) bytes += append(next, [entry]);
    renameSync(`${path}.new`, path);
    if (file !== undefined) closeSync(file);
    file = next;
    compactedBytes = bytes;
    pending.clear();
  }

  function flush(): void {
    if (file === undefined || pending.size === 0) return;
    const changes = [...pending].flatMap(([name, keys]) =>
      [...keys].map((key) => [name, key, sources.get(name)?.read(key)] as const),
    );
    pending.clear();
    bytes += append(file, changes);
    if (bytes > compactBytes && bytes > 4 * compactedBytes) compact();
  }

  function changed(name: string, key: string): void {
    if (file === undefined) return;
    if (pending.size === 0) queueMicrotask(flush);
    const keys = pending.get(name);
    if (keys) keys.add(key);
    else pending.set(name, new Set([key]));
  }

  return {
    table: <T>(name: string, source: TableSource<T>) => {
      sources.set(name, source);
      const values = (kept.get(name) ?? new Map()) as ReadonlyMap<string, T>;
      return { kept: values, changed: (key) => changed(name, key) };
    },
    start: () => {
      compact();
      for (const name of sources.keys()) kept.delete(name);
    },
    end: () => {
      flush();
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/** A removed value is left out: JSON has no undefined. */
function append(file: number, changes: readonly (readonly [string, string, unknown])[]): number {
  const entries = changes.map(([name, key, value]) => (value === undefined ? [name, key] : [name, key, value]));
  const line = Buffer.from(`${JSON.stringify(entries)}\n`);
  for (let written = 0; written < line.length; ) written += writeSync(file, line, written);
  return line.length;
}
