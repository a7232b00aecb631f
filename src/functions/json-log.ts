import type { Log, LogRecord } from "#handlers/door.ts";

const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const;

export interface LogOptions {
  readonly functionName: string;
  now(): string;
  write(line: string): void;
  /** What every line carries besides its own record. */
  ids?(): LogRecord;
  /** The least level that is written: AWS_LAMBDA_LOG_LEVEL, which Lambda sets from the function's logging configuration. */
  readonly level: string | undefined;
}

/** Writes one JSON line a record to standard output, which Lambda hands to CloudWatch Logs. */
export const jsonLog = ({ functionName, now, write, ids = () => ({}), level = "INFO" }: LogOptions): Log => {
  const known: readonly string[] = levels;
  const least = known.indexOf(level.toUpperCase());
  const at = (name: (typeof levels)[number]) => (message: string, record: LogRecord) => {
    if (levels.indexOf(name) < least) return;
    write(`${JSON.stringify({ level: name, time: now(), function: functionName, ...ids(), message, ...record })}\n`);
  };
  return { info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
};
