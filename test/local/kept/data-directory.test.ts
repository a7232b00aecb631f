import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openDataDirectory } from "#local/kept/data-directory.ts";
import { newDirectory } from "./data-directories.ts";

test("openDataDirectory() takes a directory once, until it is given back", async () => {
  const directory = await newDirectory();
  const first = openDataDirectory(directory);
  expect(() => openDataDirectory(`${directory}/.`)).toThrow(
    `Cannot use data directory ${directory}: process ${process.pid} uses it: end that process, or choose another with --data`,
  );
  first.end();
  openDataDirectory(directory).end();
});

test("openDataDirectory() refuses a directory of another process that lives, and takes one of a dead one", async () => {
  const directory = await newDirectory();
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  onTestFinished(() => void other.kill("SIGKILL"));
  await once(other, "spawn");
  await writeFile(join(directory, "lock"), String(other.pid));
  expect(() => openDataDirectory(directory)).toThrow(`process ${other.pid} uses it`);
  other.kill("SIGKILL");
  await once(other, "exit");
  openDataDirectory(directory).end();
});

test("openDataDirectory() takes a lock that was not written to its end, or by a process with this one's id", async () => {
  const directory = await newDirectory();
  for (const text of ["", String(process.pid)]) {
    await writeFile(join(directory, "lock"), text);
    openDataDirectory(directory).end();
  }
});

test("openDataDirectory() gives the directory back when its journal cannot be read", async () => {
  const directory = await newDirectory();
  await writeFile(join(directory, "journal.jsonl"), "broken\n");
  expect(() => openDataDirectory(directory)).toThrow("line 1 is not a line of a journal");
  await writeFile(join(directory, "journal.jsonl"), "");
  openDataDirectory(directory).end();
});
