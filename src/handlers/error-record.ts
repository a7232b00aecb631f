import { isPassing, ServiceError } from "#domain/errors.ts";
import type { Log, LogRecord } from "./door.ts";

/** A foreign text is told so far: enough to know the error, too little to carry a document. */
const mostSaid = 300;
const mostFrames = 2000;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most)}…` : text);

const textOf = (value: unknown, name: string): string | undefined => {
  const found: unknown = typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
};

/** What a foreign error says. JSON.parse says what it could not read, which is somebody's document. */
const said = (error: Error): string | undefined =>
  error instanceof SyntaxError ? undefined : cut(error.message || (textOf(error, "code") ?? ""), mostSaid);

/** Where it was thrown, without the message that stands in front of the frames. */
const framesOf = ({ stack = "" }: Error): string => {
  const frames = stack.split("\n").filter((line) => /^ +at /.test(line));
  return cut(frames.join("\n"), mostFrames);
};

/** AWS's own id of a failed call: what AWS Support and CloudTrail find it by. */
const serviceRequestId = (error: unknown): string | undefined =>
  textOf(typeof error === "object" && error !== null ? Reflect.get(error, "$metadata") : undefined, "requestId");

/**
 * A thrown value as a log record. The message of a ServiceError is ours; of any other error, and of what caused it, comes
 * the beginning. A refusal's cause is about what the caller sent, so its words stay out.
 */
export const errorRecord = (error: unknown): LogRecord => {
  if (!(error instanceof Error)) return { error: typeof error };
  const isOurs = error instanceof ServiceError;
  const cause = error.cause instanceof Error ? error.cause : undefined;
  return {
    error: error.name,
    code: textOf(error, "code"),
    reason: isOurs ? error.message : said(error),
    cause: cause?.name,
    causeReason: cause !== undefined && isPassing(error) ? said(cause) : undefined,
    serviceRequestId: serviceRequestId(error) ?? serviceRequestId(cause),
    stack: isOurs ? undefined : framesOf(error),
  };
};

/** How loud an error is: what waiting mends is a warning, what an operator has to mend an error, a refusal is neither. */
export const levelOf = (error: unknown): Exclude<keyof Log, "metrics"> => {
  if (!(error instanceof ServiceError) || error.kind === "down") return "error";
  return error.kind === "busy" ? "warn" : "info";
};
