import { join } from "node:path";
import { buildFunctions, bundle } from "../build.ts";
import { lambdaEnvironment } from "./invocations.ts";
import { median } from "./median.ts";
import {
  type AwsAnswer,
  type AwsOrder,
  type Filling,
  type HostAnswer,
  type HostTask,
  type Process,
  startProcess,
} from "./turns-processes.ts";
import { mostRounds } from "./turns-setup.ts";

export type AwsProcess = Process<AwsOrder, AwsAnswer>;

export interface DoorScale {
  readonly messages: number;
  readonly rounds: number;
  /** After so many seconds no further round begins. */
  readonly seconds: number;
}

/** Medians of rounds, a message. */
export interface DoorFigures {
  readonly name: string;
  readonly perSecond: number;
  /** CPU time of the function and its poller. */
  readonly hostMs: number;
  /** CPU time of the function alone: the round's poller alone is taken off. */
  readonly functionMs: number;
  /** How many messages it works off in the function's CPU time of one usual message. */
  readonly perUsual: number;
  /** CPU time of the embedded AWS. */
  readonly awsMs: number;
  readonly rounds: number;
}

const subjects = [
  { name: "poller alone", tenantId: "poller", line: "free", starts: false },
  { name: "usual, started", tenantId: "usual", line: "free", starts: true, built: "usual-queue" },
  { name: "sluice, started at once", tenantId: "starts", line: "free", starts: true, built: "queue" },
  { name: "sluice, waits: bucket held", tenantId: "held", line: "held", starts: false, built: "queue" },
  { name: "sluice, waits: slots taken", tenantId: "waits", line: "slots", starts: false, built: "queue" },
] as const;

type Subject = (typeof subjects)[number];

interface Round {
  readonly wallMs: number;
  readonly hostMs: number;
  readonly awsMs: number;
}

const buildIn = async (directory: string): Promise<void> => {
  await buildFunctions(join(directory, "queue"));
  await bundle({ "usual-queue": "bench/baselines/usual-queue.ts" }, join(directory, "usual-queue"));
};

const measureRound = async (
  aws: AwsProcess,
  host: Process<Filling, HostAnswer>,
  { name, tenantId, line, starts }: Subject,
  fill: Filling,
): Promise<Round> => {
  const { messages } = fill;
  const before = await aws.ask({ tenantId, line, fill });
  const { wallMs, cpuMs } = await host.ask(fill);
  const after = await aws.ask({});
  const started = after.started - before.started;
  if (started !== (starts ? messages : 0)) throw new Error(`Cannot measure ${name}: it started ${started} job runs`);
  return { wallMs: wallMs / messages, hostMs: cpuMs / messages, awsMs: (after.cpuMs - before.cpuMs) / messages };
};

type Measured = ReadonlyMap<Subject, readonly Round[]>;

/** CPU time of a function alone, round by round. */
const functionMsOf = (measured: Measured, subject: Subject): readonly number[] => {
  const pollers = measured.get(subjects[0]) ?? [];
  return (measured.get(subject) ?? []).map(({ hostMs }, index) => hostMs - (pollers[index]?.hostMs ?? Number.NaN));
};

const figuresOf = (measured: Measured, subject: Subject): DoorFigures => {
  const rounds = measured.get(subject) ?? [];
  const own = functionMsOf(measured, subject);
  const usual = functionMsOf(measured, subjects[1]);
  return {
    name: subject.name,
    perSecond: 1000 / median(rounds.map(({ wallMs }) => wallMs)),
    hostMs: median(rounds.map(({ hostMs }) => hostMs)),
    functionMs: median(own),
    perUsual: median(own.map((ownMs, index) => (usual[index] ?? Number.NaN) / ownMs)),
    awsMs: median(rounds.map(({ awsMs }) => awsMs)),
    rounds: rounds.length,
  };
};

/** The queue door and the usual handler behind the same poller, in turns, each in a process of its own. */
export const measureDoors = async (
  aws: AwsProcess,
  home: string,
  { messages, rounds, seconds }: DoorScale,
): Promise<DoorFigures[]> => {
  const directory = "dist/bench/turns";
  await buildIn(directory);
  const { url, wakeQueueUrl } = await aws.ask({});
  const env = {
    ...lambdaEnvironment(url, home),
    SLUICE_WAKE_QUEUE_URL: wakeQueueUrl,
    // As the local runtime has it where the rate is lifted.
    SLUICE_RATES: "StartJobRun=10000/10000",
  };
  const hosts = subjects.map((subject) => {
    const built =
      "built" in subject ? { directory: join(directory, subject.built), name: subject.built } : { directory };
    const task: HostTask = { ...built, tenantId: subject.tenantId };
    return {
      subject,
      host: startProcess<Filling, HostAnswer>("bench/turns-host-process.ts", [JSON.stringify(task)], env),
    };
  });
  try {
    const warmUpRounds = 2;
    const until = performance.now() + seconds * 1000;
    const measured = new Map<Subject, Round[]>(subjects.map((subject) => [subject, []]));
    for (let round = 0; round < Math.min(mostRounds, warmUpRounds + rounds); round += 1) {
      if (round >= warmUpRounds + 3 && performance.now() > until) break;
      for (const { subject, host } of hosts) {
        const figures = await measureRound(aws, host, subject, { round, messages });
        if (round >= warmUpRounds) measured.get(subject)?.push(figures);
      }
    }
    return subjects.map((subject) => figuresOf(measured, subject));
  } finally {
    await Promise.all(hosts.map(async ({ host }) => await host.end()));
  }
};
