import { jsonAnswer, jsonError } from "#local/aws-errors.ts";
import type { AwsRequest, AwsResponse, AwsService } from "#local/aws-service.ts";
import { type Journal, noJournal } from "#local/kept/journal.ts";
import { createOperations, startedTask } from "./operations.ts";
import { StepFunctionsError } from "./step-functions-error.ts";
import { createTasks, type StartedTask, type Task } from "./tasks.ts";

interface StepFunctionsOptions {
  readonly now: () => number;
  readonly newId: () => string;
  /** Keeps the tasks; without one they go with the process. */
  readonly journal?: Journal;
}

/** The part of Step Functions that is told how a task ended. It runs no state machines. */
export interface StepFunctions extends AwsService {
  /** What a state machine does that comes to a task with `.waitForTaskToken`. */
  startTask(task?: StartedTask): Task;
  task(taskToken: string): Task | undefined;
}

/** Not AWS's: `POST` starts a task, `GET` shows all. Signed for service "states" like any other call. */
const tasksPath = "/tasks";

export function createStepFunctions({ now, newId, journal = noJournal }: StepFunctionsOptions): StepFunctions {
  const tasks = createTasks({ now, newId, journal });
  const operations = createOperations(tasks);

  function answer({ method, path, headers, body }: AwsRequest): object {
    if (path === tasksPath)
      return method === "GET" ? { tasks: tasks.all() } : tasks.start(startedTask(readInput(body)));
    const name = headers["x-amz-target"]?.split(".")[1] ?? "";
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (operation === undefined) {
      const message = `The embedded Step Functions has no operation "${name}".`;
      throw new StepFunctionsError("UnknownOperationException", message);
    }
    operation(readInput(body));
    return {};
  }

  return {
    startTask: tasks.start,
    task: tasks.get,
    handle: async (request): Promise<AwsResponse> => {
      try {
        return jsonAnswer(answer(request), "1.0");
      } catch (error) {
        if (!(error instanceof StepFunctionsError)) throw error;
        return jsonError(error.code, error.message);
      }
    },
  };
}

function readInput(body: Buffer): Record<string, unknown> {
  let input: unknown;
  try {
    input = JSON.parse(body.toString() || "{}");
  } catch {
    input = undefined;
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return { ...input };
  throw new StepFunctionsError("SerializationException", "The request body is not a JSON object.");
}
