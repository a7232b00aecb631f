import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { buildFunctions, bundle } from "../build.ts";
import { type Door, doors } from "./invocations.ts";

/**
 * Something that is measured: the bare handler, built by esbuild with the same code splitting ("split") or by build.ts
 * as a whole ("bare"); the AWS calls of a submission alone; the usual stack behind a door; or a door of ours.
 */
export interface Subject {
  readonly name: string;
  readonly kind: "split" | "bare" | "calls" | "usual" | "sluice";
  readonly door: Door;
  /** URL of the built file. */
  readonly file: string;
}

const baselines = {
  "bare-split": { kind: "split", door: "http", source: "bare" },
  bare: { kind: "bare", door: "http", source: "bare" },
  calls: { kind: "calls", door: "http", source: "calls" },
  "usual-http": { kind: "usual", door: "http", source: "usual-http" },
  "usual-queue": { kind: "usual", door: "queue", source: "usual-queue" },
  "usual-events": { kind: "usual", door: "events", source: "usual-events" },
} as const;

/** The bench's own processes are built too: removing types at run time would cost CPU time next to what is measured. */
const processes = ["cold-process", "warm-process", "endpoint-process"] as const;

export interface Built {
  readonly subjects: readonly Subject[];
  readonly processes: Readonly<Record<(typeof processes)[number], string>>;
}

/** Builds everything below a directory. Each baseline is built by itself, so that nothing is split on account of another. */
export const buildAll = async (directory: string): Promise<Built> => {
  await buildFunctions(join(directory, "functions"));
  const names = Object.keys(baselines) as (keyof typeof baselines)[];
  for (const name of names) {
    const { kind, source } = baselines[name];
    const entryPoint = { [name]: `bench/baselines/${source}.ts` };
    await bundle(entryPoint, join(directory, name), ...(kind === "split" ? [[]] : []));
  }
  await bundle(Object.fromEntries(processes.map((name) => [name, `bench/${name}.ts`])), join(directory, "processes"));

  const urlOf = (...path: string[]): string => pathToFileURL(resolve(directory, ...path)).href;
  const processFile = (name: (typeof processes)[number]): string => resolve(directory, "processes", `${name}.mjs`);
  return {
    subjects: [
      ...names.map((name) => {
        const { kind, door } = baselines[name];
        return { name, kind, door, file: urlOf(name, `${name}.mjs`) };
      }),
      ...doors.map((name) => ({
        name,
        kind: "sluice" as const,
        door: name,
        file: urlOf("functions", `${name}.mjs`),
      })),
    ],
    processes: {
      "cold-process": processFile("cold-process"),
      "warm-process": processFile("warm-process"),
      "endpoint-process": processFile("endpoint-process"),
    },
  };
};
