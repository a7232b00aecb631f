import { StepFunctionsError } from "./step-functions-error.ts";
import type { StartedTask, Tasks } from "./tasks.ts";

type Input = Readonly<Record<string, unknown>>;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html and its neighbours */
const longest = { taskToken: 2048, error: 256, cause: 32_768, output: 262_144 } as const;

const violated = (name: string, rule: string): StepFunctionsError =>
  new StepFunctionsError(
    "ValidationException",
    `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must ${rule}`,
  );

/** A text of an input, within its limit: characters, but for the output, which is limited in bytes of UTF-8. */
function textOf(input: Input, name: keyof typeof longest): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string") throw new StepFunctionsError("SerializationException", `${name} is not a string.`);
  const length = name === "output" ? Buffer.byteLength(value) : value.length;
  if (length <= longest[name]) return value;
  throw violated(name, `have length less than or equal to ${longest[name]}`);
}

function required(input: Input, name: "taskToken" | "output"): string {
  const value = textOf(input, name);
  if (value === undefined) throw violated(name, "not be null");
  return value;
}

function tokenOf(input: Input): string {
  const token = required(input, "taskToken");
  if (token === "") throw violated("taskToken", "have length greater than or equal to 1");
  return token;
}

function outputOf(input: Input): string {
  const output = required(input, "output");
  try {
    JSON.parse(output);
    return output;
  } catch {
    throw new StepFunctionsError("InvalidOutput", "Invalid Output: 'the output is not JSON'");
  }
}

/** By their names in https://docs.aws.amazon.com/step-functions/latest/apireference/API_Operations.html */
export const createOperations = (tasks: Tasks): Readonly<Record<string, (input: Input) => void>> => ({
  SendTaskSuccess: (input) => tasks.succeed(tokenOf(input), outputOf(input)),
  SendTaskFailure: (input) => {
    const [error, cause] = [textOf(input, "error"), textOf(input, "cause")];
    tasks.fail(tokenOf(input), { ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) });
  },
  SendTaskHeartbeat: (input) => tasks.heartbeat(tokenOf(input)),
});

function secondsOf(input: Input, name: "timeoutSeconds" | "heartbeatSeconds"): number | undefined {
  const value = input[name];
  if (value === undefined || (typeof value === "number" && value > 0)) return value;
  throw violated(name, "be a number of seconds above 0");
}

/** A task as the call of ours asks for it. */
export function startedTask(input: Input): StartedTask {
  const [timeoutSeconds, heartbeatSeconds] = [secondsOf(input, "timeoutSeconds"), secondsOf(input, "heartbeatSeconds")];
  return {
    ...(input["taskToken"] !== undefined && { taskToken: tokenOf(input) }),
    ...(timeoutSeconds !== undefined && { timeoutSeconds }),
    ...(heartbeatSeconds !== undefined && { heartbeatSeconds }),
  };
}
