import type { Ports } from "./machine.ts";
import type { State, Task } from "./state.ts";

export interface Timers {
  /** Arms, or moves, the one timer of this task. */
  arm(atMs: number, task: Task): void;
  clear(task: Task): void;
  /** After a restore: forgets what was armed and arms what the state holds. */
  rearm(): void;
  /** Stops the clock; the state keeps its timers. */
  stop(): void;
}

function keyOf(task: Task): string {
  if ("jobRunId" in task) return `${task.kind}:${task.jobRunId}`;
  if ("applicationId" in task) return `${task.kind}:${task.applicationId}`;
  return task.kind === "event" ? `event:${task.event.id}` : task.kind;
}

/** Timers that live in the state, so that a snapshot has them; `schedule` is only told when to look. */
export function createTimers(
  ports: Pick<Ports, "now" | "schedule">,
  state: () => State,
  perform: (task: Task) => void,
  changed: (key: string) => void,
): Timers {
  const cancels = new Map<string, () => void>();

  const disarm = (key: string): void => {
    cancels.get(key)?.();
    cancels.delete(key);
  };
  const wait = (key: string, at: number): void => {
    const cancel = ports.schedule(Math.max(0, at - ports.now()), () => fire(key));
    cancels.set(key, cancel);
  };
  const fire = (key: string): void => {
    cancels.delete(key);
    const timer = state().timers[key];
    if (!timer) return;
    // A timer and the clock may disagree by a millisecond.
    if (timer.at > ports.now()) {
      wait(key, timer.at);
      return;
    }
    delete state().timers[key];
    changed(key);
    perform(timer.task);
  };
  const stop = (): void => {
    for (const key of [...cancels.keys()]) disarm(key);
  };

  return {
    arm: (at, task) => {
      const key = keyOf(task);
      disarm(key);
      state().timers[key] = { at, task };
      changed(key);
      wait(key, at);
    },
    clear: (task) => {
      const key = keyOf(task);
      disarm(key);
      if (!(key in state().timers)) return;
      delete state().timers[key];
      changed(key);
    },
    rearm: () => {
      stop();
      for (const [key, timer] of Object.entries(state().timers)) wait(key, timer.at);
    },
    stop,
  };
}
