import { availableParallelism, cpus } from "node:os";
import type { Cold } from "./cold.ts";
import { doors } from "./invocations.ts";
import type { Subject } from "./subjects.ts";
import { table } from "./table.ts";
import type { Warm } from "./warm.ts";

/** How much is measured, and for how many seconds at most. */
export interface Scale {
  readonly runs: number;
  readonly coldSeconds: number;
  readonly rounds: number;
  readonly submissions: number;
  readonly seconds: number;
}

const ms = (value: number): string => value.toFixed(Math.abs(value) < 10 ? 2 : 1);
const ratio = (value: number): string => `${value.toFixed(2)}x`;
const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KB`;

const coldOf = (colds: readonly Cold[], kind: Subject["kind"]): Cold => {
  const found = colds.find(({ subject }) => subject.kind === kind);
  if (found === undefined) throw new Error(`Nothing of kind "${kind}" was measured, this is a bug`);
  return found;
};

const times = (cold: Cold, base: Cold): string => ratio(cold.totalMs / base.totalMs);

const coldTable = (colds: readonly Cold[]): string => {
  const [split, bare] = [coldOf(colds, "split"), coldOf(colds, "bare")];
  const head = ["x bare-split", "x bare", "CPU ms", "import", "lowest", "highest", "runs", "read", "files", "built"];
  return table(
    ["cold start", ...head, "clients that are read"],
    colds.map((cold) => [
      cold.subject.name,
      times(cold, split),
      times(cold, bare),
      ms(cold.totalMs),
      ms(cold.importMs),
      ms(cold.lowMs),
      ms(cold.highMs),
      String(cold.runs),
      kilobytes(cold.bytes),
      String(cold.files),
      kilobytes(cold.builtBytes),
      cold.clients.join(", "),
    ]),
  );
};

const nameOf = ({ subject, batch }: Warm): string =>
  batch === 1 ? subject.name : `${subject.name}, batches of ${batch}`;

/** Where nothing starts a job run there is no such call to compare with. */
const startRatio = ({ calls, functionMs, startMs }: Warm): string =>
  calls.includes("StartJobRun") ? ratio(functionMs / startMs) : "-";

const warmTable = (warms: readonly Warm[]): string =>
  table(
    [
      "warm, per submission",
      "x StartJobRun",
      "x bare calls",
      "CPU ms",
      "bare calls",
      "above",
      "rounds",
      "bare calls made",
    ],
    warms.map((warm) => [
      nameOf(warm),
      startRatio(warm),
      ratio(warm.functionMs / warm.callsMs),
      ms(warm.functionMs),
      ms(warm.callsMs),
      ms(warm.aboveMs),
      String(warm.rounds),
      warm.calls.join(" + "),
    ]),
  );

/** A door needs its ledger and EMR Serverless; events are published by a refusal or a completion only. */
const doorClients = "DynamoDB, EMR Serverless";

const bar = (met: boolean, text: string): string => `${met ? "met    " : "NOT MET"}  ${text}`;

const doorBars = (colds: readonly Cold[], door: string): string[] => {
  const [split, bare] = [coldOf(colds, "split"), coldOf(colds, "bare")];
  const own = colds.find(({ subject }) => subject.kind === "sluice" && subject.door === door);
  const usual = colds.find(({ subject }) => subject.kind === "usual" && subject.door === door);
  if (own === undefined || usual === undefined) throw new Error(`Door "${door}" was not measured, this is a bug`);
  const most = (base: Cold): boolean => own.totalMs <= 1.4 * base.totalMs;
  return [
    bar(most(split), `${door}: at most 1.40x the bare handler with the same code splitting: ${times(own, split)}`),
    bar(most(bare), `${door}: at most 1.40x the bare handler built by all of build.ts: ${times(own, bare)}`),
    bar(own.totalMs < usual.totalMs, `${door}: below the usual stack, ${times(usual, split)}: ${times(own, split)}`),
    bar(own.clients.join(", ") === doorClients, `${door}: reads the clients of ${doorClients} only`),
  ];
};

const bars = (colds: readonly Cold[], warms: readonly Warm[]): string[] => [
  ...doors.flatMap((door) => doorBars(colds, door)),
  ...warms
    .filter(({ subject }) => subject.kind === "sluice")
    .map((warm) => bar(warm.aboveMs <= 1, `${nameOf(warm)}: at most 1.00 ms above its calls: ${ms(warm.aboveMs)} ms`)),
];

const method = ({ runs, rounds, submissions }: Scale): string => `Method
  Subjects: "bare" makes an EMR Serverless client and calls StartJobRun; "bare-split" is the same, built by esbuild with
    build.ts's options but without its plugins; "calls" makes the AWS calls of a first submission and does nothing else;
    "usual-…" is Powertools logger, metrics, batch, idempotency and parser around StartJobRun. All but "bare-split" are
    built by build.ts.
  Cold: a fresh Node process each, up to ${runs} a subject, in turns; median. CPU time of all threads (process.cpuUsage)
    from before the import of the built file until its first invocation has answered. "read": bytes of the built files
    that were imported by then; "built": bytes of all of them.
  Warm: up to ${rounds} rounds of ${submissions} submissions one after the other, in turns with the same AWS calls made by bare clients
    and with StartJobRun alone, after rounds to warm up; median. "above": the function less its bare calls, round by round.
  AWS: canned answers of another process on 127.0.0.1, whose CPU time is not counted. It speaks plain HTTP, so TLS costs
    nobody anything, and "bare-split" pays for an ES import of node:http that it would not make over HTTPS: "bare" is
    the harder measure.`;

/** All that was measured, as text. */
export const report = (colds: readonly Cold[], warms: readonly Warm[], scale: Scale): string =>
  [
    `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown CPU"}`,
    coldTable(colds),
    warmTable(warms),
    ["Bars", ...bars(colds, warms).map((line) => `  ${line}`)].join("\n"),
    method(scale),
  ].join("\n\n");
