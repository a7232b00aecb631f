import { readFileSync, statSync, writeSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import { answerFault, contextOf, type Door, eventOf } from "./invocations.ts";

/**
 * One cold start: CPU time from before the import of a built function to after its first answer. With "files" it lists
 * the files that were read instead, because watching costs time.
 */
const [door, file = "", mode] = process.argv.slice(2) as [Door, string, "time" | "files"];
const event = eventOf(door, ["2e1424d4-f796-459a-8184-9c92662be6da"]);
const context = contextOf(door);

const files = new Map<string, string>();
if (mode === "files") {
  registerHooks({
    load: (url, loadContext, next) => {
      if (url.startsWith("file:")) files.set(fileURLToPath(url), url);
      return next(url, loadContext);
    },
  });
}

/** AWS clients name their service in their configuration, which survives the bundler. */
const clientsIn = (path: string): string[] =>
  [...readFileSync(path, "utf8").matchAll(/serviceId:[^"`,]{0,30}["`]([\w ]+)["`]/g)].map(([, id = ""]) => id);

const milliseconds = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

const before = process.cpuUsage();
const { handler } = await import(file);
const imported = process.cpuUsage(before);
const answer: unknown = await handler(event, context);
const answered = process.cpuUsage(before);

const fault = answerFault(door, answer);
if (fault !== undefined) throw new Error(`Cannot measure ${file}: it answered ${fault}`);
const paths = [...files.keys()];
const result = {
  importMs: milliseconds(imported),
  totalMs: milliseconds(answered),
  files: paths.length,
  bytes: paths.reduce((sum, path) => sum + statSync(path).size, 0),
  clients: [...new Set(paths.flatMap(clientsIn))].sort(),
};
writeSync(3, JSON.stringify(result));
// Kept-alive connections would hold the process for a while.
process.exit(0);
