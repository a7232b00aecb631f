import { parseArgs } from "node:util";

export interface LocalFlags {
  readonly port: number;
  readonly awsPort: number;
  readonly dataDirectory?: string;
  readonly spark: boolean;
  readonly loseEvents: number;
  /** Of StartJobRun; AWS's own when absent. */
  readonly startRate?: { readonly perSecond: number; readonly burst: number };
}

export type ReadFlags =
  | { readonly verdict: "read"; readonly flags: LocalFlags }
  | { readonly verdict: "help" }
  | { readonly verdict: "refused"; readonly faults: readonly string[] };

export const usage = `Usage: npm start -- [flags]
  --port N          port of the API on 127.0.0.1 (default 4400)
  --aws-port N      port of the embedded AWS on 127.0.0.1 (default 4566)
  --data DIR        keep everything in this folder: ledger, queues, job runs, events on their way, objects of S3
                    (DIR/s3/<bucket>/<key>). Started with it again, also after a kill -9, Sluice goes on where it
                    was; one process at a time. Without it everything goes with the process
  --spark           run jobs with a real spark-submit (SPARK_HOME, or pyspark of python3), not simulated
  --lose-events P   lose this share of EMR Serverless's events, 0 to 1
  --start-rate N/B  StartJobRun takes N calls a second and B at once (default 1/25, as AWS does)
  --help            this text`;

const portOf = (name: string, text: string, faults: string[]): number => {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  faults.push(`--${name} must be a port from 0 to 65535: current value is "${text}"`);
  return 0;
};

const shareOf = (name: string, text: string, faults: string[]): number => {
  const share = Number(text);
  if (text !== "" && share >= 0 && share <= 1) return share;
  faults.push(`--${name} must be a number from 0 to 1: current value is "${text}"`);
  return 0;
};

const rateOf = (name: string, text: string, faults: string[]): NonNullable<LocalFlags["startRate"]> => {
  const [, perSecond, burst] = /^(\d+(?:\.\d+)?)\/([1-9]\d*)$/.exec(text) ?? [];
  if (Number(perSecond) > 0) return { perSecond: Number(perSecond), burst: Number(burst) };
  faults.push(`--${name} must be calls a second and a burst, like "1/25": current value is "${text}"`);
  return { perSecond: 1, burst: 1 };
};

/** The flags of `npm start`, or all that is wrong with them. */
export const readFlags = (args: readonly string[]): ReadFlags => {
  const text = (value: string) => ({ type: "string", default: value }) as const;
  const options = {
    port: text("4400"),
    "aws-port": text("4566"),
    data: { type: "string" },
    spark: { type: "boolean", default: false },
    "lose-events": text("0"),
    "start-rate": { type: "string" },
    help: { type: "boolean", default: false },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return { verdict: "help" };
    const faults: string[] = [];
    const flags = {
      port: portOf("port", values.port, faults),
      awsPort: portOf("aws-port", values["aws-port"], faults),
      ...(values.data !== undefined && { dataDirectory: values.data }),
      spark: values.spark,
      loseEvents: shareOf("lose-events", values["lose-events"], faults),
      ...(values["start-rate"] !== undefined && { startRate: rateOf("start-rate", values["start-rate"], faults) }),
    };
    return faults.length > 0 ? { verdict: "refused", faults } : { verdict: "read", flags };
  } catch (error) {
    return { verdict: "refused", faults: [error instanceof Error ? error.message : String(error)] };
  }
};
