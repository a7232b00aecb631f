import { availableParallelism, cpus } from "node:os";
import { table } from "./table.ts";
import type { DoorFigures, DoorScale } from "./turns-doors.ts";
import type { Requests } from "./turns-requests.ts";
import type { Story, Told } from "./turns-virtual.ts";

export interface TurnsFigures {
  readonly story: Story;
  readonly told: Told;
  readonly doors: DoorScale;
  readonly figures: readonly DoorFigures[];
  readonly requests: readonly Requests[];
}

const met = (holds: boolean): string => (holds ? "met" : "NOT MET");
const seconds = (value: number): string => `${value.toFixed(2)} s`;
const ms = (value: number): string => value.toFixed(2);
const ratio = (value: number): string => `${value.toFixed(2)}x`;

const storyTable = ({ messages }: Story, told: Told): string => {
  const over = 100 * (told.seconds / told.bucketSeconds - 1);
  const { startThrottles, getThrottles, receives, mostReceives, dead } = told;
  const warnings = Object.entries(told.warnings).map(([message, count]) => `${count} x ${message}`);
  const all = messages + 1;
  return table(
    [`virtual time, ${all} messages`, "measured", "bar", ""],
    [
      [
        "the quiet tenant's job starts after its arrival",
        seconds(told.quietSeconds),
        "3 s",
        met(told.quietSeconds <= 3),
      ],
      ["job runs started", String(told.started), String(all), met(told.started === all)],
      ["all of them started after", seconds(told.seconds), `${told.bucketSeconds} s + 1%`, met(over <= 1)],
      ["  above 25 at once and 1 a second", `${over.toFixed(3)}%`, "1%", met(over <= 1)],
      ["StartJobRun calls that AWS throttled", String(startThrottles), "0", met(startThrottles === 0)],
      ["GetJobRun calls that AWS throttled", String(getThrottles), "-", ""],
      ["receives a message", (receives / all).toFixed(4), "1", met(mostReceives === 1)],
      ["dead letters", String(dead), "0", met(dead === 0)],
      ["the door had taken all messages after", seconds(told.doorSeconds), "-", ""],
      ["warnings and errors in the log", warnings.join(", ") || "none", "-", ""],
    ],
  );
};

const figureOf = (figures: readonly DoorFigures[], name: string): DoorFigures => {
  const found = figures.find((one) => one.name.startsWith(name));
  if (found === undefined) throw new Error(`"${name}" was not measured, this is a bug`);
  return found;
};

const doorTable = (figures: readonly DoorFigures[]): string => {
  const usual = figureOf(figures, "usual");
  return table(
    [
      "real time, per message",
      "messages/s",
      "function CPU ms",
      "x usual per CPU s",
      "with poller CPU ms",
      "x usual per CPU s",
      "embedded AWS CPU ms",
      "rounds",
    ],
    figures.map((one) => [
      one.name,
      one.perSecond.toFixed(0),
      ms(one.functionMs),
      one.name === "poller alone" ? "-" : ratio(one.perUsual),
      ms(one.hostMs),
      ratio(usual.hostMs / one.hostMs),
      ms(one.awsMs),
      String(one.rounds),
    ]),
  );
};

const doorBars = (figures: readonly DoorFigures[]): string[] =>
  [
    { name: "sluice, started", least: 1 },
    { name: "sluice, waits: bucket", least: 2 },
    { name: "sluice, waits: slots", least: 2 },
  ].map(({ name, least }) => {
    const { name: shown, perUsual } = figureOf(figures, name);
    return `${met(perUsual >= least).padEnd(7)}  ${shown}: at least ${ratio(least)} the usual messages a CPU second of the function: ${ratio(perUsual)}`;
  });

const requestBar = ({ batch, requests, started }: Requests): string => {
  if (started === 0) return "-";
  return batch === 1 ? `5: ${met(requests <= 5)}` : `3: ${met(requests / batch <= 3)}`;
};

const requestTable = (requests: readonly Requests[]): string =>
  table(
    ["DynamoDB requests of the queue door", "batch", "requests", "a submission", "bar", "what they are"],
    requests.map((one) => [
      one.name,
      String(one.batch),
      String(one.requests),
      (one.requests / one.batch).toFixed(1),
      one.name.includes("not in memory") ? "-" : requestBar(one),
      Object.entries(one.operations)
        .map(([operation, count]) => `${count} ${operation}`)
        .join(" + "),
    ]),
  );

const method = ({ story, doors, told }: TurnsFigures): string => `Method
  Virtual time: the queue function's handler in batches of ten, 5 at once a queue; the dispatcher, 2 at once, woken and
    each minute, 50 s a call; completions of jobs of 30 s; the reconciler each minute. All on memory adapters; a call of
    the table takes ${story.latencies.table.join(" to ")} ms, one of EMR Serverless ${story.latencies.emr.join(" to ")} ms, drawn from a seed. Each tenant has a queue of
    its own, and 100 slots. AWS's limits are token buckets of their own, at the time when the call arrives.
    It took ${told.cpuSeconds.toFixed(1)} s of CPU time.
  Real time: ${doors.messages} messages a round, in turns; median, after 2 rounds to warm up. Each function is built by build.ts and
    runs in a process of its own behind the local runtime's poller (2 batches of ten at once); the embedded AWS is another
    process, rates lifted, job runs simulated. CPU time of all threads (process.cpuUsage) from the first poll to the last
    deletion; "function" is the process less the poller alone, round by round, whose events cross as JSON too. Messages
    a second are those of the whole machine, and the embedded AWS takes most of it: compare CPU time. "x usual": of
    the rounds' ratios, the median. "usual": Powertools logger, metrics, batch, idempotency and parser, one DynamoDB
    table, StartJobRun. Nothing else runs: no dispatcher, no completions.
  Requests: counted in the client's middleware against dynalite, one invocation of the handler; a refused condition counts.
    A function keeps a tenant for 10 s: "not in memory yet" is its first message since. The queue proves the tenant and the
    sender nobody; a sender that the tenant lists is one Query less.`;

/** All that was measured of turns, as text. */
export const turnsReport = (all: TurnsFigures): string =>
  [
    `Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores, ${cpus()[0]?.model.trim() ?? "unknown CPU"}`,
    storyTable(all.story, all.told),
    doorTable(all.figures),
    ["Bars", ...doorBars(all.figures).map((line) => `  ${line}`)].join("\n"),
    requestTable(all.requests),
    method(all),
  ].join("\n\n");
