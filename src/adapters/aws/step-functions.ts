import { SendTaskFailureCommand, SendTaskSuccessCommand, SFNClient, type SFNClientConfig } from "@aws-sdk/client-sfn";
import { ServiceError } from "#domain/errors.ts";
import type { PublishedEvent } from "#domain/events/published-event.ts";
import { type TaskAnswer, taskAnswerOf } from "#domain/submission/task-answer.ts";
import { failureOf, nameOf } from "./aws-failure.ts";
import { isKeyGivenUp, isOfKms } from "./key-state.ts";

/**
 * `over`: the task does not wait any more, which is how it should end. `refused`: it will not be told however often it is
 * tried. Both with AWS's name of the reason, never with its words: they may repeat the token.
 */
export type TaskTelling =
  | { readonly verdict: "told" }
  | { readonly verdict: "over" | "refused"; readonly reason: string };

export interface Tasks {
  /** Tells a task how its submission ended. Throws what may pass by itself. */
  tell(event: PublishedEvent, taskToken: string): Promise<TaskTelling>;
}

/** AWS Step Functions API Reference, SendTaskSuccess, "Errors": a token expires with its task, and is good for one answer. */
const over = new Set(["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]);

/** Whoever made the token, or an operator, has to act. */
const isRefusal = (name: string): boolean => /^(AccessDenied|KmsAccessDenied|ValidationException)/.test(name);

const isKnown = (error: unknown): boolean => failureOf(error) !== "other" || isOfKms(error);

const commandOf = (answer: TaskAnswer, taskToken: string) =>
  answer.verdict === "success"
    ? new SendTaskSuccessCommand({ taskToken, output: answer.output })
    : new SendTaskFailureCommand({ taskToken, error: answer.error, cause: answer.cause });

/** Nothing of an unknown error but its name and its id: its message may repeat the token. */
const nameless = (task: string, error: unknown): Error => {
  const unknown = new Error(`Cannot ${task}: Step Functions says ${nameOf(error)}`);
  const metadata = typeof error === "object" && error !== null ? Reflect.get(error, "$metadata") : undefined;
  return Object.assign(unknown, { name: nameOf(error), $metadata: metadata });
};

/** Step Functions. The task token is a bearer secret: it goes into the call and nowhere else. */
export const openStepFunctions = (config: SFNClientConfig, now: () => number): Tasks => {
  const client = new SFNClient(config);
  return {
    async tell(event, taskToken) {
      try {
        // Two kinds of command: the union has no `send` of its own.
        const command = commandOf(taskAnswerOf(event), taskToken);
        await (command instanceof SendTaskSuccessCommand ? client.send(command) : client.send(command));
        return { verdict: "told" };
      } catch (error) {
        const name = nameOf(error);
        if (over.has(name)) return { verdict: "over", reason: name };
        if (isRefusal(name) || isKeyGivenUp(error, event, now())) return { verdict: "refused", reason: name };
        const task = `tell the Step Functions task of event "${event.detail.id}"`;
        if (!isKnown(error)) throw nameless(task, error);
        const message = `Cannot ${task}: Step Functions does not take it (${name}): try again`;
        throw new ServiceError("ERR_EVENTS_DOWN", message, { cause: error });
      }
    },
  };
};
