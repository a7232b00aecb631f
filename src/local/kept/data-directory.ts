import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type OpenJournal, openJournal } from "./journal.ts";

export interface DataDirectory {
  readonly journal: OpenJournal;
  /** Gives it back. */
  end(): void;
}

/** Of this process: its own pid in a lock file tells nothing. */
const held = new Set<string>();

/** Takes a data directory for this process alone. */
export function openDataDirectory(directory: string): DataDirectory {
  const path = resolve(directory);
  mkdirSync(path, { recursive: true });
  const lock = join(path, "lock");
  takeLock(path, lock);
  held.add(path);
  const release = () => {
    rmSync(lock, { force: true });
    held.delete(path);
  };
  try {
    const journal = openJournal(path);
    return {
      journal,
      end: () => {
        journal.end();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The lock of a process that was killed is still there: its pid tells. */
function takeLock(path: string, lock: string): void {
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const pid = Number(readFileSync(lock, "utf8"));
    if (held.has(path) || (pid !== process.pid && lives(pid))) {
      throw new Error(
        `Cannot use data directory ${path}: process ${pid} uses it: end that process, or choose another with --data ` +
          `(if it is no process of Sluice, remove ${lock})`,
      );
    }
    rmSync(lock, { force: true });
  }
}

function lives(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user may not be asked, so it lives.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
