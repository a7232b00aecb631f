import type { Journal } from "#local/kept/journal.ts";
import { StepFunctionsError } from "./step-functions-error.ts";
import { isToken, tokenOf } from "./task-token.ts";

/** What a state machine's task would say of itself. Both as in Amazon States Language; a task without them waits for ever. */
export interface StartedTask {
  /** A new one unless told. */
  readonly taskToken?: string;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
}

/** A task that waits for its token, and how it ended. Times are milliseconds since 1970. */
export interface Task {
  readonly taskToken: string;
  readonly startedAt: number;
  readonly timeoutSeconds?: number;
  readonly heartbeatSeconds?: number;
  readonly heartbeatAt?: number;
  readonly end?: TaskEnd;
}

export type TaskEnd =
  | { readonly status: "SUCCEEDED"; readonly output: string; readonly at: number }
  | { readonly status: "FAILED"; readonly error?: string; readonly cause?: string; readonly at: number };

interface TasksOptions {
  readonly now: () => number;
  readonly newId: () => string;
  readonly journal: Journal;
}

/** Tasks of state machines that wait for a call with their token. No state machine runs here: who tests starts a task. */
export function createTasks({ now, newId, journal }: TasksOptions) {
  const tasks = new Map<string, Task>();
  const table = journal.table<Task>("step-functions.tasks", {
    read: (token) => tasks.get(token),
    keys: () => tasks.keys(),
  });
  for (const [token, task] of table.kept) tasks.set(token, task);

  function keep(task: Task): Task {
    tasks.set(task.taskToken, task);
    table.changed(task.taskToken);
    return task;
  }

  const isPast = (from: number, seconds: number | undefined): boolean =>
    seconds !== undefined && now() >= from + seconds * 1000;

  const hasTimedOut = ({ startedAt, heartbeatAt = startedAt, timeoutSeconds, heartbeatSeconds }: Task): boolean =>
    isPast(startedAt, timeoutSeconds) || isPast(heartbeatAt, heartbeatSeconds);

  /** A task that still waits; the answers for any other are AWS's. */
  function waiting(token: string): Task {
    const task = tasks.get(token);
    if (task === undefined && !isToken(token)) throw new StepFunctionsError("InvalidToken", "Invalid token");
    if (task === undefined) throw new StepFunctionsError("TaskDoesNotExist", "Task does not exist");
    if (task.end !== undefined || hasTimedOut(task)) {
      const message = "Task Timed Out: 'Provided task does not exist anymore'";
      throw new StepFunctionsError("TaskTimedOut", message);
    }
    return task;
  }

  return {
    /** A token that is known already is that task's. */
    start: ({ taskToken = tokenOf(newId()), ...task }: StartedTask = {}): Task =>
      tasks.get(taskToken) ?? keep({ taskToken, startedAt: now(), ...task }),
    get: (taskToken: string): Task | undefined => tasks.get(taskToken),
    all: (): Task[] => [...tasks.values()],
    heartbeat: (token: string): void => void keep({ ...waiting(token), heartbeatAt: now() }),
    succeed: (token: string, output: string): void =>
      void keep({ ...waiting(token), end: { status: "SUCCEEDED", output, at: now() } }),
    fail: (token: string, said: { readonly error?: string; readonly cause?: string }): void =>
      void keep({ ...waiting(token), end: { status: "FAILED", ...said, at: now() } }),
  };
}

export type Tasks = ReturnType<typeof createTasks>;
