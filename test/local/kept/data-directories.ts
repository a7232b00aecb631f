import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Journal, type OpenJournal, openJournal } from "#local/kept/journal.ts";

export const newDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), "sluice-kept-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
};

/** What a process that is killed now leaves behind: nothing is closed, flushed or told. */
export const copyOfKilled = async (directory: string): Promise<string> => {
  const copy = await newDirectory();
  await cp(directory, copy, { recursive: true });
  return copy;
};

/** A service over the journal of a directory. */
export const useKept = <T>(directory: string, make: (journal: Journal) => T): { kept: T; journal: OpenJournal } => {
  const journal = openJournal(directory);
  onTestFinished(journal.end);
  const kept = make(journal);
  journal.start();
  return { kept, journal };
};
