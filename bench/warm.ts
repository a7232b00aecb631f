import { runProcess } from "./run-process.ts";
import type { Subject } from "./subjects.ts";

/** Milliseconds of CPU time a submission. */
export interface Warm {
  readonly subject: Subject;
  readonly batch: number;
  readonly functionMs: number;
  /** The AWS calls of a submission, made by bare clients. */
  readonly callsMs: number;
  readonly calls: readonly string[];
  /** One bare StartJobRun. */
  readonly startMs: number;
  /** What the function takes above the bare calls: median of the differences of the rounds. */
  readonly aboveMs: number;
  /** Rounds that were measured before the time was up. */
  readonly rounds: number;
}

interface Options {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly rounds: number;
  readonly submissions: number;
  /** Seconds a subject may take. */
  readonly seconds: number;
}

/** Measures what starts or ends jobs one by one, and queues in batches of ten as well. */
export const measureWarm = async (
  subjects: readonly Subject[],
  { file, env, rounds, submissions, seconds }: Options,
): Promise<Warm[]> => {
  const warms: Warm[] = [];
  for (const subject of subjects.filter(({ kind }) => kind === "sluice" || kind === "usual")) {
    for (const batch of subject.door === "queue" ? [1, 10] : [1]) {
      const task = JSON.stringify({ door: subject.door, file: subject.file, batch, rounds, submissions, seconds });
      const measured = await runProcess<Omit<Warm, "subject" | "batch">>(file, [task], env);
      warms.push({ subject, batch, ...measured });
    }
  }
  return warms;
};
