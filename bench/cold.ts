import { readdir, stat } from "node:fs/promises";
import { dirname, join, parse } from "node:path";
import { fileURLToPath } from "node:url";
import { median } from "./median.ts";
import { runProcess } from "./run-process.ts";
import type { Subject } from "./subjects.ts";

/** A cold start of a subject, in milliseconds of CPU time and bytes. */
export interface Cold {
  readonly subject: Subject;
  readonly importMs: number;
  readonly totalMs: number;
  readonly lowMs: number;
  readonly highMs: number;
  readonly runs: number;
  readonly files: number;
  readonly bytes: number;
  /** Bytes of all that was built, read or not. */
  readonly builtBytes: number;
  /** AWS clients that were read. */
  readonly clients: readonly string[];
}

type Run = Pick<Cold, "importMs" | "totalMs" | "files" | "bytes" | "clients">;

/** Bytes of a built function: its own file, and the chunks in `shared` or in its own folder there. */
const builtBytesOf = async (built: string): Promise<number> => {
  const shared = join(dirname(built), "shared");
  const chunks = [shared, join(shared, parse(built).name)];
  const entries = await readdir(dirname(built), { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    return entry.isFile() && (path === built || chunks.includes(entry.parentPath)) ? [path] : [];
  });
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
};

interface Options {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly runs: number;
  /** After so many seconds no further turn begins. */
  readonly coldSeconds: number;
}

/** Cold starts of all subjects in turns, so that a busy moment of the machine meets all of them. */
export const measureCold = async (
  subjects: readonly Subject[],
  { file, env, runs, coldSeconds }: Options,
): Promise<Cold[]> => {
  const start = async ({ door, file: built }: Subject, mode: "time" | "files"): Promise<Run> =>
    await runProcess<Run>(file, [door, built, mode], env);
  const times = new Map<Subject, Run[]>(subjects.map((subject) => [subject, []]));
  const until = performance.now() + coldSeconds * 1000;
  for (let run = 0; run < runs && (run < 3 || performance.now() < until); run += 1) {
    for (const subject of subjects) times.get(subject)?.push(await start(subject, "time"));
  }
  const colds: Cold[] = [];
  for (const subject of subjects) {
    const { files, bytes, clients } = await start(subject, "files");
    const measured = times.get(subject) ?? [];
    const totals = measured.map(({ totalMs }) => totalMs);
    colds.push({
      subject,
      importMs: median(measured.map(({ importMs }) => importMs)),
      totalMs: median(totals),
      lowMs: Math.min(...totals),
      highMs: Math.max(...totals),
      runs: totals.length,
      files,
      bytes,
      builtBytes: await builtBytesOf(fileURLToPath(subject.file)),
      clients,
    });
  }
  return colds;
};
