import type { PublishedEvent } from "#domain/events/published-event.ts";

/** What a Step Functions task is told of the submission that it waits for. */
export type TaskAnswer =
  | { readonly verdict: "success"; readonly output: string }
  | { readonly verdict: "failure"; readonly error: string; readonly cause: string };

/** AWS Step Functions API Reference, SendTaskSuccess and SendTaskFailure: bytes of UTF-8, then characters. */
const longestOutput = 262_144;
const longestError = 256;
const longestCause = 32_768;

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

const textOf = (fields: Fields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** As much of a fault list as fits is more than none of it: an eighth, and then nothing but the words of the problem. */
const withFewerFaults = (data: Fields, share: number): Fields => {
  const problem = fieldsOf(data["problem"]);
  const errors: readonly unknown[] = Array.isArray(problem["errors"]) ? problem["errors"] : [];
  return { ...data, problem: { ...problem, errors: errors.slice(0, Math.floor(errors.length * share)) } };
};

/** The least that a task needs to go on: whose submission it was, which one, and what became of it. */
const idsOf = ({ tenantId, submissionId, outcome, reason, jobRun, problem }: Fields): Fields => {
  const { applicationId, jobRunId } = fieldsOf(jobRun);
  const { code, detail } = fieldsOf(problem);
  return {
    tenantId,
    submissionId,
    outcome,
    reason,
    ...(jobRunId !== undefined && { jobRun: { applicationId, jobRunId } }),
    ...(problem !== undefined && { problem: { code, detail } }),
  };
};

/** The most that fits of what an event says, always as a whole JSON document: state machines parse it. */
const fitted = (data: Fields, fits: (text: string) => boolean): string => {
  const { tags: _tags, ...untagged } = data;
  const shorter = data["problem"] === undefined ? [untagged] : [1 / 8, 0].map((share) => withFewerFaults(data, share));
  const texts = [data, ...shorter, idsOf(data)].map((form) => JSON.stringify(form));
  return texts.find(fits) ?? "{}";
};

/**
 * What a task is told by the event of its submission's end: the event's data as its output where the job run succeeded,
 * and otherwise an error, our code for it, with the data as its cause. Made of the event alone, so it is the same
 * however often it is told.
 */
export const taskAnswerOf = ({ detail }: PublishedEvent): TaskAnswer => {
  const data = fieldsOf(detail.data);
  if (data["outcome"] === "SUCCESS") {
    return { verdict: "success", output: fitted(data, (text) => bytesOf(text) <= longestOutput) };
  }
  const error = textOf(fieldsOf(data["problem"]), "code") ?? textOf(data, "reason") ?? textOf(data, "outcome");
  return {
    verdict: "failure",
    error: (error ?? "UNKNOWN").slice(0, longestError),
    cause: fitted(data, (text) => text.length <= longestCause),
  };
};
