import type { EmrEvent } from "./state.ts";

type CallFault = "throttle" | "fail" | "loseAnswer";
type EventFault = "lose" | "duplicate" | "delay" | "reorder";

interface EventFaultOptions {
  /** How many events; 1 where not given. */
  readonly times?: number;
  /** Which events; all where not given. */
  readonly match?: (event: EmrEvent) => boolean;
  /** For "delay", and the longest that "reorder" holds an event back; 1,000 where not given. */
  readonly delayMs?: number;
}

interface EventFaultChances extends Partial<Record<EventFault, number>> {
  readonly delayMs?: number;
}

interface EventFaultFound {
  readonly fault: EventFault;
  readonly delayMs: number;
}

/** Faults on demand. An operation is named as the API names it; "*" stands for every one. */
export interface EmrServerlessFaults {
  /** The next calls are answered ThrottlingException "Rate exceeded". */
  throttle(operation: string, times?: number): void;
  /** The next calls are answered InternalServerException, and nothing is done. */
  fail(operation: string, times?: number): void;
  /** The next calls do their work, and the caller never gets an answer. */
  loseAnswer(operation: string, times?: number): void;
  /** The next matching events are lost, delivered twice, late, or after the event that follows them. */
  events(fault: EventFault, options?: EventFaultOptions): void;
  /** From now on, the probability of each fault for every event. */
  eventChances(chances: EventFaultChances): void;
  clear(): void;
  /** For the service itself: takes one planned fault of this kind for a call, if there is one. */
  takeForCall(fault: CallFault, operation: string): boolean;
  takeForEvent(event: EmrEvent): EventFaultFound | undefined;
}

interface PlannedCall {
  readonly fault: CallFault;
  readonly operation: string;
  left: number;
}

interface PlannedEvent {
  readonly fault: EventFault;
  readonly match: (event: EmrEvent) => boolean;
  readonly delayMs: number;
  left: number;
}

const defaultDelayMs = 1000;
const eventFaults: readonly EventFault[] = ["lose", "duplicate", "delay", "reorder"];

export function createFaults(random: () => number): EmrServerlessFaults {
  let calls: PlannedCall[] = [];
  let events: PlannedEvent[] = [];
  let chances: EventFaultChances = {};

  const plan = (fault: CallFault, operation: string, left = 1): void => {
    calls.push({ fault, operation, left });
  };
  const byChance = (): EventFaultFound | undefined => {
    const fault = eventFaults.find((kind) => {
      const chance = chances[kind] ?? 0;
      return chance > 0 && random() < chance;
    });
    return fault && { fault, delayMs: chances.delayMs ?? defaultDelayMs };
  };

  return {
    throttle: (operation, times) => plan("throttle", operation, times),
    fail: (operation, times) => plan("fail", operation, times),
    loseAnswer: (operation, times) => plan("loseAnswer", operation, times),
    events: (fault, { times = 1, match = () => true, delayMs = defaultDelayMs } = {}) => {
      events.push({ fault, match, delayMs, left: times });
    },
    eventChances: (given) => {
      chances = given;
    },
    clear: () => {
      calls = [];
      events = [];
      chances = {};
    },
    takeForCall: (fault, operation) => {
      const found = calls.find(
        (call) => call.left > 0 && call.fault === fault && (call.operation === operation || call.operation === "*"),
      );
      if (!found) return false;
      found.left -= 1;
      calls = calls.filter((call) => call.left > 0);
      return true;
    },
    takeForEvent: (event) => {
      const found = events.find((planned) => planned.left > 0 && planned.match(event));
      if (!found) return byChance();
      found.left -= 1;
      events = events.filter((planned) => planned.left > 0);
      return { fault: found.fault, delayMs: found.delayMs };
    },
  };
}
