import { appendFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openJournal } from "#local/kept/journal.ts";
import { copyOfKilled, newDirectory } from "./data-directories.ts";

const file = "journal.jsonl";

/** A store of text by key. */
const openStore = (directory: string, name = "letters", compactBytes?: number) => {
  const journal = openJournal(directory, compactBytes);
  onTestFinished(journal.end);
  const values = new Map<string, string>();
  const table = journal.table<string>(name, { read: (key) => values.get(key), keys: () => values.keys() });
  for (const [key, value] of table.kept) values.set(key, value);
  journal.start();
  return {
    journal,
    values,
    set: (key: string, value: string) => {
      values.set(key, value);
      table.changed(key);
    },
    delete: (key: string) => {
      values.delete(key);
      table.changed(key);
    },
  };
};

test("openJournal() gives back what was set, changed and deleted, in its order", async () => {
  const directory = await newDirectory();
  const store = openStore(directory);
  for (const key of ["c", "a", "b"]) store.set(key, "1");
  await Promise.resolve();
  store.set("c", "2");
  store.delete("a");
  await Promise.resolve();
  store.set("a", "ü\n");
  await Promise.resolve();
  const again = openStore(await copyOfKilled(directory));
  expect([...again.values]).toEqual([
    ["c", "2"],
    ["b", "1"],
    ["a", "ü\n"],
  ]);
});

test("openJournal() writes the changes of one turn as one line, before what waits for the next promise", async () => {
  const directory = await newDirectory();
  const store = openStore(directory);
  store.set("a", "1");
  store.set("b", "1");
  store.set("a", "2");
  await Promise.resolve();
  expect(await readFile(join(directory, file), "utf8")).toBe('[["letters","a","2"],["letters","b","1"]]\n');
});

test("openJournal() drops a torn last line whole, and goes on behind it", async () => {
  const directory = await newDirectory();
  const store = openStore(directory);
  store.set("a", "1");
  await Promise.resolve();
  const killed = await copyOfKilled(directory);
  await appendFile(join(killed, file), '[["letters","b","1"],["letters","a');
  const second = openStore(killed);
  expect([...second.values]).toEqual([["a", "1"]]);
  second.set("c", "1");
  await Promise.resolve();
  expect([...openStore(await copyOfKilled(killed)).values.keys()]).toEqual(["a", "c"]);
});

test("openJournal() refuses a file that is broken before its end", async () => {
  const directory = await newDirectory();
  await writeFile(join(directory, file), '[["letters","a","1"]]\n[["lett\n[["letters","b","1"]]\n');
  expect(() => openJournal(directory)).toThrow(
    `Cannot read ${join(directory, file)}: line 2 is not a line of a journal: choose another data directory`,
  );
});

test("openJournal() writes the file anew at the start and when it is large", async () => {
  const directory = await newDirectory();
  const store = openStore(directory, "letters", 10_000);
  for (let n = 0; n < 1000; n += 1) {
    store.set("a", `value ${n}`);
    await Promise.resolve();
  }
  const { size } = await stat(join(directory, file));
  expect(size).toBeLessThan(10_100);
  const killed = await copyOfKilled(directory);
  expect([...openStore(killed).values]).toEqual([["a", "value 999"]]);
  expect(await readFile(join(killed, file), "utf8")).toBe('[["letters","a","value 999"]]\n');
});

test("openJournal() leaves alone what no service asks for", async () => {
  const directory = await newDirectory();
  const store = openStore(directory);
  store.set("a", "1");
  await Promise.resolve();
  const killed = await copyOfKilled(directory);
  openStore(killed, "numbers").journal.end();
  expect([...openStore(killed).values]).toEqual([["a", "1"]]);
});

test("openJournal() keeps what changed in the turn in which it ends", async () => {
  const directory = await newDirectory();
  const store = openStore(directory);
  store.set("a", "1");
  store.journal.end();
  expect([...openStore(directory).values]).toEqual([["a", "1"]]);
});
