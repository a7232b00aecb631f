import type { Journal } from "#local/kept/journal.ts";
import { type Delivery, type EventTarget, type FoundTarget, lambdaRetryDelaysMs } from "./delivery.ts";
import type { AwsEvent } from "./event.ts";
import type { Rule, Rules, Target } from "./rules.ts";

/** Sends to a queue of the embedded SQS. */
export type SendToQueue = (message: { queueArn: string; body: string; messageGroupId?: string }) => Promise<void>;

interface TargetsOptions {
  readonly now: () => number;
  readonly journal: Journal;
  readonly rules: Rules;
  readonly sendToQueue: SendToQueue;
  /** Of targets in this process. */
  readonly retryDelaysMs?: readonly number[];
}

/** A few quick tries; a queue of this process either is there or is not. */
const queueRetryDelaysMs = [100, 200];

/** A target of the process before this one that has not come back by then is not coming. */
const comeBackMs = 60_000;

const inProcessName = /^in-process (\d+)$/;

/** The targets of rules, by name: an id for a queue, a number for a target in this process. */
export function createTargets({ now, journal, rules, sendToQueue, retryDelaysMs }: TargetsOptions) {
  const startedAt = now();
  const inProcess = new Map<string, EventTarget[]>();
  const keyOf = (bus: string, rule: string) => `${bus} ${rule}`;
  const counts = journal.table<number>("events.in-process", {
    read: (key) => inProcess.get(key)?.length,
    keys: () => inProcess.keys(),
  });
  const awaited = (key: string) => (now() - startedAt < comeBackMs ? (counts.kept.get(key) ?? 0) : 0);

  return {
    add(bus: string, rule: string, target: EventTarget): void {
      const key = keyOf(bus, rule);
      inProcess.set(key, [...(inProcess.get(key) ?? []), target]);
      counts.changed(key);
    },

    /** Those in this process that are to come back after a restart have their names from the start. */
    namesOf({ bus, name, targets }: Rule): string[] {
      const key = keyOf(bus, name);
      const count = Math.max(inProcess.get(key)?.length ?? 0, awaited(key));
      return [...Array.from({ length: count }, (_, index) => `in-process ${index}`), ...targets.keys()];
    },

    targetOf({ bus, rule, target: name }: Delivery): FoundTarget | "later" | "gone" {
      const [, index] = inProcessName.exec(name) ?? [];
      if (index !== undefined) {
        const key = keyOf(bus, rule);
        const target = inProcess.get(key)?.[Number(index)];
        if (!target) return Number(index) < awaited(key) ? "later" : "gone";
        const deliver: EventTarget = (event) => target(structuredClone(event));
        return { deliver, retryDelaysMs: retryDelaysMs ?? lambdaRetryDelaysMs };
      }
      const target = rules.find(bus, rule)?.targets.get(name);
      if (!target) return "gone";
      return { deliver: (event) => sendToQueue(messageFor(target, event)), retryDelaysMs: queueRetryDelaysMs };
    },
  };
}

/** What a queue gets: the event, or what the target says instead. */
function messageFor(target: Target, event: AwsEvent): Parameters<SendToQueue>[0] {
  const body =
    target.Input ?? JSON.stringify(target.InputPath === undefined ? event : valueAt(event, target.InputPath));
  const messageGroupId = target.SqsParameters?.MessageGroupId;
  return { queueArn: target.Arn, body, ...(messageGroupId !== undefined && { messageGroupId }) };
}

/** The path is of the form `$.detail.object`. */
function valueAt(event: AwsEvent, path: string): unknown {
  let value: unknown = event;
  for (const name of path.split(".").slice(1)) {
    value = typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : null;
  }
  return value;
}
