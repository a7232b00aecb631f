import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** The messages of a round: which queue of the tenant, and how many. */
export interface Filling {
  readonly round: number;
  readonly messages: number;
}

/** What the process of the embedded AWS is asked: to set a tenant's line, and to fill its queue. */
export interface AwsOrder {
  readonly tenantId?: string;
  readonly line?: "free" | "slots" | "held";
  readonly fill?: Filling;
}

export interface AwsAnswer {
  readonly url: string;
  readonly wakeQueueUrl: string;
  /** Job runs that were ever started. */
  readonly started: number;
  /** CPU time of the process since its start. */
  readonly cpuMs: number;
}

/** What a host runs: a built function, or the poller alone. */
export interface HostTask {
  readonly directory: string;
  readonly name?: string;
  readonly tenantId: string;
}

export interface HostAnswer {
  readonly batches: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

export interface Process<Order extends object, Answer> {
  ask(order: Order): Promise<Answer>;
  end(): Promise<void>;
}

/** No order takes longer, unless something hangs. */
const timeoutMs = 60_000;

const answerOf = async (child: ChildProcess, file: string, errors: () => string): Promise<unknown> => {
  const waiting = new AbortController();
  const signal = AbortSignal.any([waiting.signal, AbortSignal.timeout(timeoutMs)]);
  const exited = once(child, "exit", { signal }).then(([code]) => {
    throw new Error(`Cannot measure: ${file} ended with code ${code}:\n${errors()}`);
  });
  // Lost to the answer, it is aborted.
  exited.catch(() => undefined);
  try {
    const [answer] = await Promise.race([once(child, "message", { signal }), exited]);
    return answer;
  } finally {
    waiting.abort();
  }
};

/** A process that obeys one order after the other. Its standard output is a pipe that somebody reads, as on Lambda. */
export const startProcess = <Order extends object, Answer>(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Process<Order, Answer> => {
  const child = spawn(process.execPath, [file, ...args], { stdio: ["ignore", "pipe", "pipe", "ipc"], env });
  child.stdout?.resume();
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    async ask(order) {
      const answer = answerOf(child, file, () => errors);
      child.send(order);
      return (await answer) as Answer;
    },
    async end() {
      if (child.connected) child.disconnect();
      const force = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await gone;
      clearTimeout(force);
    },
  };
};
