import { writeSync } from "node:fs";
import { type Call, chainsOf, sendChains } from "./bare-calls.ts";
import { answerFault, contextOf, type Door, eventOf } from "./invocations.ts";
import { median } from "./median.ts";

/**
 * CPU time a submission of a warm function, of the calls that it makes, and of StartJobRun alone, in turns in one
 * process, so that whatever the machine does meets all three.
 */
interface Task {
  readonly door: Door;
  readonly file: string;
  /** Submissions an invocation. */
  readonly batch: number;
  readonly rounds: number;
  /** Submissions a round. */
  readonly submissions: number;
  readonly seconds: number;
}

const { door, file, batch, rounds, submissions, seconds }: Task = JSON.parse(process.argv[2] ?? "");
const { handler } = await import(file);
const context = contextOf(door);
const invocations = Math.ceil(submissions / batch);
let ids = 0;

const nextEvent = (): object =>
  eventOf(
    door,
    Array.from({ length: batch }, () => `bench-${door}-${ids++}`),
  );

const invoke = async (event: object): Promise<void> => {
  const fault = answerFault(door, await handler(event, context));
  if (fault !== undefined) throw new Error(`Cannot measure ${file}: it answered ${fault}`);
};

const recordedCalls = async (): Promise<Call[]> => {
  const answer = await fetch(`${process.env["AWS_ENDPOINT_URL"]}/recorded`);
  return JSON.parse(await answer.text());
};

/** Milliseconds of CPU time a submission. Events are made beforehand: on Lambda, too, they come for nothing. */
const timed = async (work: (event: object) => Promise<void>): Promise<number> => {
  const events = Array.from({ length: invocations }, nextEvent);
  const before = process.cpuUsage();
  for (const event of events) await work(event);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (invocations * batch);
};

await invoke(nextEvent());
await recordedCalls();
await invoke(nextEvent());
const calls = await recordedCalls();
const chains = chainsOf(calls, batch);
const starts = chains.map((chain) => chain.filter(({ operation }) => operation === "StartJobRun"));

const works = {
  functionMs: invoke,
  callsMs: async () => await sendChains(chains),
  startMs: async () => await sendChains(starts),
};
const until = performance.now() + seconds * 1000;
const warmUpRounds = 4;
for (let round = 0; round < warmUpRounds; round += 1) {
  for (const work of Object.values(works)) await timed(work);
}
const measured = [];
for (let round = 0; round < rounds && (round < 3 || performance.now() < until); round += 1) {
  measured.push({
    functionMs: await timed(works.functionMs),
    callsMs: await timed(works.callsMs),
    startMs: await timed(works.startMs),
  });
}
const result = {
  functionMs: median(measured.map(({ functionMs }) => functionMs)),
  callsMs: median(measured.map(({ callsMs }) => callsMs)),
  startMs: median(measured.map(({ startMs }) => startMs)),
  aboveMs: median(measured.map(({ functionMs, callsMs }) => functionMs - callsMs)),
  rounds: measured.length,
  calls: (chains[0] ?? []).map(({ operation }) => operation),
};
writeSync(3, JSON.stringify(result));
process.exit(0);
