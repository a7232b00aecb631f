import { spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** No single measurement takes longer, unless something hangs. */
const timeoutMs = 120_000;

const textOf = async (stream: Readable): Promise<string> => {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
};

/**
 * Runs a file in a fresh process with this environment only, and gives what it wrote, as JSON, to file descriptor 3.
 * Standard output is a pipe that somebody reads, as on Lambda.
 */
export const runProcess = async <T>(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<T> => {
  const stdio = ["ignore", "pipe", "pipe", "pipe"] as const;
  const child = spawn(process.execPath, [file, ...args], { stdio: [...stdio], env, timeout: timeoutMs });
  const exited = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("exit", resolve));
  const [, log, faults, result] = child.stdio;
  log?.on("data", () => undefined);
  const [errors, text, code] = await Promise.all([textOf(faults as Readable), textOf(result as Readable), exited]);
  if (code !== 0) throw new Error(`Cannot measure: a process ended with code ${code}:\n${errors}`);
  return JSON.parse(text);
};
