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
  /** Whether counts are written; without CloudWatch nobody reads them. */
  readonly metrics?: boolean;
}

/** Writes one JSON line a record to standard output, which Lambda hands to CloudWatch Logs. */
export const jsonLog = ({
  functionName,
  now,
  write,
  ids = () => ({}),
  level = "INFO",
  metrics: counts = true,
}: LogOptions): Log => {
  const known: readonly string[] = levels;
  const least = known.indexOf(level.toUpperCase());
  const at = (name: (typeof levels)[number]) => (message: string, record: LogRecord) => {
    if (levels.indexOf(name) < least) return;
    write(`${JSON.stringify({ level: name, time: now(), function: functionName, ...ids(), message, ...record })}\n`);
  };
  /** CloudWatch embedded metric format: CloudWatch Logs makes metrics of such a line, whatever the log's level is. */
  const metrics: Log["metrics"] = (found, dimensions = {}) => {
    const counted = Object.entries(found).filter(([, count]) => count !== 0);
    if (!counts || counted.length === 0) return;
    const directive = {
      Namespace: "Sluice",
      Dimensions: [["function", ...Object.keys(dimensions)]],
      Metrics: counted.map(([Name]) => ({ Name, Unit: "Count" })),
    };
    const _aws = { Timestamp: Date.parse(now()), CloudWatchMetrics: [directive] };
    const line = { _aws, time: now(), function: functionName, ...ids(), ...dimensions, ...Object.fromEntries(counted) };
    write(`${JSON.stringify(line)}\n`);
  };
  return { metrics, info: at("INFO"), warn: at("WARN"), error: at("ERROR") };
};
