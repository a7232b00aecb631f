import type { Log, LogRecord } from "#handlers/door.ts";

/** Writes one JSON line a record to standard output, which Lambda hands to CloudWatch Logs. */
export const jsonLog = (functionName: string, now: () => string, write: (line: string) => void): Log => {
  const at = (level: string) => (message: string, record: LogRecord) =>
    write(`${JSON.stringify({ level, time: now(), function: functionName, message, ...record })}\n`);
  return { info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
};
